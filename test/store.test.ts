/** One behaviour suite on every store, and the proof that they answer alike. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { HOUR } from '../devices/index.ts';
import { openStore, type Point, type Store, type StoreOptions } from '../ingest/index.ts';
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
  const pair = (): readonly [Store, Store] => [sqlite(), influxdb?.() ?? sqlite()];

  /** Both answers, numbers within what another order of adding changes, or 1e-9 degrees. */
  const alike = (a: readonly Point[], b: readonly Point[]): void => {
    expect(b.map(({ at }) => at)).toEqual(a.map(({ at }) => at));
    for (const [n, { value }] of b.entries()) expect(value).toBeCloseTo(a[n]?.value ?? Number.NaN, 9);
  };

  const point = fc.tuple(
    fc.nat(5),
    fc
      .integer({ min: -3 * HOUR, max: 3 * HOUR })
      .map((offset) => (offset % 2 === 0 ? offset : offset - (offset % 500_000))),
    fc.double({ min: -50, max: 50, noNaN: true }),
  );
  const batches = fc.array(fc.array(point, { minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 4 });

  test('answer alike after any batches: out of order, duplicate, future-dated, at equal times, over devices, channels and measurements', async () => {
    await fc.assert(
      fc.asyncProperty(batches, fc.integer({ min: 1_000, max: 5 * HOUR }), async (written, every) => {
        const place = `alike-${series('co2').index}`;
        const probes = (['cold_chain', 'storage'] as const).flatMap((measurement) =>
          ['a', 'b', 'c'].map((device) =>
            series('air_temperature', { place, measurement, device, channel: device }),
          ),
        );
        const [one, two] = pair();
        for (const points of written) {
          const rows = points.flatMap(([n, at, value]) =>
            probes[n] ? [[probes[n], T + at, value] as const] : [],
          );
          for (const store of [one, two])
            expect(await store.write(batch(...rows))).toEqual({ kind: 'stored', rejected: [] });
        }
        const filter = { field: 'air_temperature', place, from: T - 4 * HOUR, to: T + 4 * HOUR };
        const narrow = { ...filter, measurement: 'storage', device: 'b', from: T - HOUR } as const;
        for (const asked of [filter, narrow]) {
          expect(await allRaw(two, asked)).toEqual(await allRaw(one, asked));
          for (const fn of ['mean', 'min', 'max', 'sum', 'count', 'first', 'last'] as const) {
            alike(await one.buckets(asked, every, fn, 'raw'), await two.buckets(asked, every, fn, 'raw'));
          }
        }
      }),
      { numRuns: 25 },
    );
  });

  test('rolled-up hours answer alike, and as raw points do, after any batches and a recomputation in between', async () => {
    await fc.assert(
      fc.asyncProperty(batches, async (written) => {
        const place = `rolled-${series('co2').index}`;
        const probes = ['a', 'b', 'c', 'd', 'e', 'f'].map((device) =>
          series('soil_ph', { place, device, measurement: 'soil' }),
        );
        const hours = [-3, -2, -1, 0, 1, 2, 3].map((n) => T + n * HOUR);
        const filter = { field: 'soil_ph', place, from: T - 4 * HOUR, to: T + 4 * HOUR };
        for (const points of written) {
          const rows = points.flatMap(([n, at, value]) =>
            probes[n] ? [[probes[n], T + at, value] as const] : [],
          );
          for (const store of pair()) {
            expect(await store.write(batch(...rows))).toEqual({ kind: 'stored', rejected: [] });
            for (const hour of hours)
              expect(await store.rollup('soil', hour)).toMatchObject({ kind: 'stored' });
          }
        }
        for (const fn of ['mean', 'min', 'max', 'sum', 'count', 'first', 'last'] as const) {
          const [one, two] = pair();
          const raw = await one.buckets(filter, 2 * HOUR, fn, 'raw');
          alike(raw, await one.buckets(filter, 2 * HOUR, fn, 'rollup'));
          alike(raw, await two.buckets(filter, 2 * HOUR, fn, 'rollup'));
        }
      }),
      { numRuns: 8 },
    );
  });
});
