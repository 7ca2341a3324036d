/** One behaviour suite on every store, and the proof that they answer alike. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { HOUR } from '../devices/index.ts';
import { openStore, type Store, type StoreOptions } from '../ingest/index.ts';
import { allRaw, batch, series, storeSuite } from '../ingest/store/suite.ts';
import { startInflux } from './servers/influx.ts';

const T = Date.UTC(2026, 5, 1);
const dir = mkdtempSync(join(tmpdir(), 'greenlane-store-'));
const influx = await startInflux();
const stores = new Map<string, Store>();

function once(name: string, options: StoreOptions): () => Store {
  return () => {
    const store = stores.get(name) ?? openStore(options);
    stores.set(name, store);
    return store;
  };
}

const sqlite = once('sqlite', { kind: 'sqlite', path: join(dir, 'readings.db') });
const influxOptions =
  influx === undefined ? undefined : ({ kind: 'influx', url: influx.url, database: 'suite' } as const);
const influxdb = influxOptions === undefined ? undefined : once('influx', influxOptions);

afterAll(async () => {
  for (const store of stores.values()) await store.close();
  await influx?.stop();
  rmSync(dir, { recursive: true, force: true });
});

storeSuite('SQLite', sqlite);
if (influxdb !== undefined) storeSuite('InfluxDB 1.6', influxdb);

const {
  GREENLANE_TEST_INFLUX_URL: url,
  GREENLANE_TEST_INFLUX_TOKEN: token,
  GREENLANE_TEST_INFLUX_ORG: org,
} = process.env;
if (url !== undefined) {
  const database = process.env.GREENLANE_TEST_INFLUX_BUCKET ?? 'greenlane-test';
  const own = { ...(token === undefined ? {} : { token }), ...(org === undefined ? {} : { org }) };
  storeSuite(`the InfluxDB at ${url}`, once('own', { kind: 'influx', url, database, ...own }));
}

describe.runIf(influxdb !== undefined)('SQLite and InfluxDB', () => {
  test('answer alike after any batches: out of order, duplicate, future-dated', async () => {
    const point = fc.tuple(
      fc.nat(3),
      fc.integer({ min: -3 * HOUR, max: 3 * HOUR }),
      fc.double({ min: -50, max: 50, noNaN: true }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(point, { minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 4 }),
        async (batches) => {
          const place = `alike-${series('co2').index}`;
          const probes = ['a', 'b', 'c', 'd'].map((channel) => series('air_temperature', { place, channel }));
          const pair = [sqlite(), influxdb?.() ?? sqlite()];
          for (const points of batches) {
            const written = batch(
              ...points.flatMap(([n, at, value]) => (probes[n] ? [[probes[n], T + at, value] as const] : [])),
            );
            for (const store of pair)
              expect(await store.write(written)).toEqual({ kind: 'stored', rejected: [] });
          }
          const filter = { field: 'air_temperature', place, from: T - 4 * HOUR, to: T + 4 * HOUR };
          const [one, two] = await Promise.all(pair.map((store) => allRaw(store, filter)));
          // -0 and 0 are the same temperature; InfluxDB does not keep the sign.
          expect(two?.map((p) => ({ ...p, value: p.value + 0 }))).toEqual(
            one?.map((p) => ({ ...p, value: p.value + 0 })),
          );
          for (const fn of ['mean', 'min', 'max', 'count'] as const) {
            const [a, b] = await Promise.all(pair.map((store) => store.buckets(filter, HOUR, fn, 'raw')));
            expect(b?.map(({ at }) => at)).toEqual(a?.map(({ at }) => at));
            for (const [n, { value }] of (b ?? []).entries())
              expect(value).toBeCloseTo(a?.[n]?.value ?? Number.NaN, 9);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  test('a field of another type is rejected with the words of InfluxDB, its neighbours are written', async () => {
    const [good, bad] = [
      series('air_temperature', { place: 'conflict' }),
      series('relative_humidity', { place: 'conflict', measurement: 'lot_quality' }),
    ];
    await fetch(`${influx?.url}/query?q=CREATE+DATABASE+suite`, { method: 'POST' });
    await fetch(`${influx?.url}/write?db=suite&precision=ms`, {
      method: 'POST',
      body: `lot_quality,place=conflict relative_humidity="text" ${T}`,
    });
    const outcome = await influxdb?.().write(batch([good, T, 1], [bad, T, 2], [good, T + 1, 3]));
    expect(outcome).toMatchObject({
      kind: 'stored',
      rejected: [{ index: 1, message: expect.stringMatching(/field type conflict/) }],
    });
    const points = await allRaw(influxdb?.() ?? sqlite(), {
      field: 'air_temperature',
      place: 'conflict',
      from: T,
      to: T + 10,
    });
    expect(points.map(({ value }) => value)).toEqual([1, 3]);
  });
});

describe('an InfluxDB that answers', () => {
  test.each([
    [401, 'unauthorized'],
    [403, 'unauthorized'],
    [404, 'missing'],
    [413, 'too_large'],
    [429, 'throttled'],
    [500, 'server_error'],
    [503, 'server_error'],
    ['reset', 'unreachable'],
    ['hang', 'unreachable'],
  ] as const)('%s keeps every point as %s, and stores them once it is well', async (fault, because) => {
    let broken = true;
    const lines: string[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        if (request.url?.startsWith('/ping'))
          return response.writeHead(204, { 'x-influxdb-version': '1.6.7' }).end();
        if (request.url?.startsWith('/query'))
          return response.writeHead(200).end('{"results":[{"statement_id":0}]}');
        if (!broken) {
          lines.push(...body.trim().split('\n'));
          return response.writeHead(204).end();
        }
        if (fault === 'reset') return request.socket.destroy();
        if (fault === 'hang') return undefined;
        return response.writeHead(fault, { 'retry-after': '7' }).end('{"error":"no"}');
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const store = openStore({ kind: 'influx', url: `http://127.0.0.1:${port}`, database: 'd', timeout: 300 });
    const one = series('air_temperature', { place: 'room-x' });
    const points = batch([one, T, 1], [one, T + 1, 2]);
    const outcome = await store.write(points);
    expect(outcome).toMatchObject({ kind: 'kept', because });
    if (fault === 429) expect(outcome).toMatchObject({ retryAfter: 7_000 });
    broken = false;
    expect(await store.write(points)).toEqual({ kind: 'stored', rejected: [] });
    expect(lines).toEqual([
      `cold_chain,channel=main,device=d1,place=room-x,site=farm air_temperature=1 ${T}`,
      `cold_chain,channel=main,device=d1,place=room-x,site=farm air_temperature=2 ${T + 1}`,
    ]);
    await store.close();
    server.closeAllConnections();
    server.close();
  });
});
