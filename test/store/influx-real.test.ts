/** A real InfluxDB 1.6 that is killed, guarded by passwords, or holds what others wrote. */
import { createServer, request } from 'node:http';
import { afterAll, describe, expect, test } from 'vitest';
import { HOUR } from '../../devices/index.ts';
import { openStore, type Store, type StoreOptions } from '../../ingest/index.ts';
import { allRaw, batch, series } from '../../ingest/store/suite.ts';
import { startInflux } from '../servers/influx.ts';

const T = Date.UTC(2026, 5, 1);
const influx = await startInflux();
const guarded = await startInflux({ auth: true });
const cleanUps: (() => Promise<void> | void)[] = [];

afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
  await influx?.stop();
  await guarded?.stop();
});

function storeOn(options: Omit<Extract<StoreOptions, { kind: 'influx' }>, 'kind'>): Store {
  const store = openStore({ kind: 'influx', ...options });
  cleanUps.push(store.close);
  return store;
}

async function query(url: string, q: string, login = ''): Promise<string> {
  const answer = await fetch(`${url}/query?${login}`, { method: 'POST', body: new URLSearchParams({ q }) });
  return await answer.text();
}

const filter = { field: 'air_temperature', from: T, to: T + HOUR };

describe.runIf(influx !== undefined)('InfluxDB 1.6', () => {
  const url = influx?.url ?? '';

  test('killed between two writes: the first is still there, the second is kept, and both are read at once after it is back', async () => {
    const store = storeOn({ url, database: 'killed' });
    const one = series('air_temperature');
    expect(await store.write(batch([one, T, 1]))).toMatchObject({ kind: 'stored' });
    await influx?.kill();
    expect(await store.write(batch([one, T + 1, 2]))).toMatchObject({ kind: 'kept', because: 'unreachable' });
    await expect(allRaw(store, filter)).rejects.toMatchObject({ because: 'unreachable' });
    await influx?.restart();
    expect(await store.write(batch([one, T + 1, 2]))).toEqual({ kind: 'stored', rejected: [] });
    expect((await allRaw(store, filter)).map(({ value }) => value)).toEqual([1, 2]);
  });

  test('away when the store is opened: written once it is there', async () => {
    await influx?.kill();
    const store = storeOn({ url, database: 'late' });
    const one = series('air_temperature');
    expect(await store.prepare()).toMatchObject({ kind: 'kept', because: 'unreachable' });
    expect(await store.write(batch([one, T, 1]))).toMatchObject({ kind: 'kept', because: 'unreachable' });
    await influx?.restart();
    expect(await store.write(batch([one, T, 1]))).toEqual({ kind: 'stored', rejected: [] });
    expect(await allRaw(store, filter)).toHaveLength(1);
  });

  test('whose database was dropped: kept as missing, and the next write makes it again', async () => {
    const store = storeOn({ url, database: 'dropped' });
    const one = series('air_temperature');
    await store.write(batch([one, T, 1]));
    await query(url, 'DROP DATABASE "dropped"');
    expect(await store.write(batch([one, T, 1]))).toMatchObject({ kind: 'kept', because: 'missing' });
    expect(await store.write(batch([one, T, 1]))).toEqual({ kind: 'stored', rejected: [] });
    expect(await allRaw(store, filter)).toHaveLength(1);
  });

  test('3,000 of 6,000 points against a field of another type are refused in under 40 requests, the rest stored', async () => {
    let requests = 0;
    const counting = createServer((incoming, outgoing) => {
      requests += 1;
      const { method, headers } = incoming;
      incoming.pipe(
        request(
          `${url}${incoming.url}`,
          { ...(method === undefined ? {} : { method }), headers },
          (answer) => {
            outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
            answer.pipe(outgoing);
          },
        ),
      );
    });
    await new Promise<void>((done) => counting.listen(0, '127.0.0.1', done));
    cleanUps.push(() => {
      counting.closeAllConnections();
      counting.close();
    });
    const address = counting.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await query(url, 'CREATE DATABASE conflict');
    await fetch(`${url}/write?db=conflict&precision=ms`, {
      method: 'POST',
      body: `cold_chain,x=y co2=1i ${T}`,
    });
    const store = storeOn({ url: `http://127.0.0.1:${port}`, database: 'conflict' });
    const [good, bad] = [series('air_temperature'), series('co2')];
    const points = Array.from({ length: 6_000 }, (_, n) => [n % 2 === 0 ? good : bad, T + n, n] as const);
    const outcome = await store.write(batch(...points));
    if (outcome.kind !== 'stored') throw new Error(outcome.message);
    expect(outcome.rejected.map(({ index }) => index)).toEqual(
      Array.from({ length: 3_000 }, (_, n) => 2 * n + 1),
    );
    expect(outcome.rejected[0]?.message).toContain(
      'input field "co2" on measurement "cold_chain" is type float',
    );
    expect(await allRaw(store, filter)).toHaveLength(3_000);
    expect(requests).toBeLessThan(40);
  });

  test('what others wrote beside ours is neither read as a reading nor rolled up', async () => {
    const store = storeOn({ url, database: 'shared' });
    const one = series('air_temperature', { measurement: 'soil' });
    await store.write(batch([one, T, 1]));
    const lines = [
      `soil,host=a air_temperature=50 ${T + 1}`,
      `soil,channel=main,device=d1,place=p,site=s note="text",on=true,n=3i ${T + 2}`,
      `weather,channel=main,device=d1,place=p,site=s air_temperature="warm" ${T + 3}`,
    ];
    await fetch(`${url}/write?db=shared&precision=ms`, { method: 'POST', body: lines.join('\n') });
    expect(await store.rollup('soil', T)).toEqual({ kind: 'stored', rejected: [] });
    const fields = await query(url, 'SHOW FIELD KEYS ON "shared" FROM "soil_1h"');
    expect([...fields.matchAll(/"(\w+)","float"/g)].map(([, name]) => name).sort()).toEqual(
      ['count', 'max', 'mean', 'min', 'sum'].map((figure) => `air_temperature_${figure}`),
    );
    expect(await store.buckets({ ...filter, measurement: 'soil' }, HOUR, 'count', 'rollup')).toEqual([
      { at: T, value: 1 },
    ]);
    const ours = { ...filter, site: 'farm' };
    expect((await allRaw(store, ours)).map(({ value }) => value)).toEqual([1]);
    expect((await allRaw(store, { ...filter, measurement: 'weather' })).length).toBe(0);
  });

  test('gzip changes nothing but the bytes on the line', async () => {
    const store = storeOn({ url, database: 'zipped', gzip: true });
    const one = series('air_temperature');
    const points = Array.from({ length: 3_000 }, (_, n) => [one, T + n, n / 10] as const);
    expect(await store.write(batch(...points))).toEqual({ kind: 'stored', rejected: [] });
    expect((await allRaw(store, filter)).map(({ at, value }) => [at, value])).toEqual(
      points.map(([, at, value]) => [at, value]),
    );
  });
});

describe.runIf(guarded !== undefined)('InfluxDB 1.6 with passwords', () => {
  const url = guarded?.url ?? '';
  const admin = 'u=root&p=secret';
  const one = series('air_temperature');

  test('a wrong password keeps every point as unauthorized; the right one stores them', async () => {
    await query(url, `CREATE USER root WITH PASSWORD 'secret' WITH ALL PRIVILEGES`);
    const wrong = storeOn({ url, database: 'farm', username: 'root', password: 'wrong' });
    expect(await wrong.write(batch([one, T, 1]))).toMatchObject({ kind: 'kept', because: 'unauthorized' });
    await expect(allRaw(wrong, filter)).rejects.toMatchObject({ because: 'unauthorized' });
    const nobody = storeOn({ url, database: 'farm' });
    expect(await nobody.prepare()).toMatchObject({ kind: 'kept', because: 'unauthorized' });
    const right = storeOn({ url, database: 'farm', username: 'root', password: 'secret' });
    expect(await right.write(batch([one, T, 1]))).toEqual({ kind: 'stored', rejected: [] });
    expect(await allRaw(right, filter)).toHaveLength(1);
  });

  test('a user who may only use the database needs no right to create it', async () => {
    const store = storeOn({ url, database: 'own', username: 'ingest', password: "p'w" });
    await query(url, String.raw`CREATE USER ingest WITH PASSWORD 'p\'w'`, admin);
    expect(await store.prepare()).toMatchObject({ kind: 'kept' });
    await query(url, 'CREATE DATABASE "own"', admin);
    await query(url, 'GRANT ALL ON "own" TO ingest', admin);
    expect(await store.prepare()).toEqual({ kind: 'stored', rejected: [] });
    expect(await store.write(batch([one, T, 1]))).toEqual({ kind: 'stored', rejected: [] });
    expect(await allRaw(store, filter)).toHaveLength(1);
  });
});
