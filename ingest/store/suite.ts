/** What every store must do alike; each implementation runs it against the real thing. */

import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, type QuantityName } from '../../devices/index.ts';
import type { Aggregate, PointBatch, Series, SeriesFilter, Store, TaggedPoint } from './store.ts';

const T = Date.UTC(2026, 5, 1, 10);
let made = 0;

/** Names of this run: a server that is named for the tests keeps what earlier runs wrote. */
const RUN = randomUUID().slice(0, 8);

/** A series of its own for each test, so that tests on one server do not meet. */
export function series(field: QuantityName, tags: Partial<Series> = {}): Series {
  return {
    measurement: 'cold_chain',
    site: 'farm',
    place: `room-${RUN}-${made}`,
    device: 'd1',
    channel: 'main',
    field,
    ...tags,
    index: made++,
  };
}

export function batch(...points: readonly (readonly [Series, number, number])[]): PointBatch {
  return {
    series: points.map(([one]) => one),
    at: points.map(([, at]) => at),
    value: points.map(([, , value]) => value),
  };
}

export async function allRaw(store: Store, filter: SeriesFilter): Promise<TaggedPoint[]> {
  const points: TaggedPoint[] = [];
  for await (const page of store.raw(filter)) points.push(...page);
  return points;
}

const of = ({ place, field }: Series, from = T - 10 * HOUR, to = T + 10 * HOUR): SeriesFilter => ({
  field,
  place,
  from,
  to,
});

async function stored(store: Store, points: PointBatch): Promise<void> {
  expect(await store.write(points)).toEqual({ kind: 'stored', rejected: [] });
}

async function values(store: Store, one: Series): Promise<(readonly [number, number])[]> {
  return (await allRaw(store, of(one))).map(({ at, value }) => [at - T, value]);
}

export function storeSuite(name: string, open: () => Store): void {
  describe(name, () => {
    test('the same batch written twice is stored once', async () => {
      const one = series('air_temperature');
      await stored(open(), batch([one, T, 4.2], [one, T + 1, 4.3]));
      await stored(open(), batch([one, T, 4.2], [one, T + 1, 4.3]));
      expect(await values(open(), one)).toEqual([
        [0, 4.2],
        [1, 4.3],
      ]);
    });

    test('the later of two values of the same time wins, also within one batch', async () => {
      const one = series('air_temperature');
      await stored(open(), batch([one, T, 1], [one, T, 2]));
      expect(await values(open(), one)).toEqual([[0, 2]]);
      await stored(open(), batch([one, T, 3]));
      expect(await values(open(), one)).toEqual([[0, 3]]);
    });

    test('points out of order and a year ahead come back in time order', async () => {
      const one = series('air_temperature');
      const year = 365 * 24 * HOUR;
      await stored(open(), batch([one, T + year, 9], [one, T + 5, 5], [one, T - 5, -5]));
      const points = await allRaw(open(), of(one, 0, T + 2 * year));
      expect(points.map(({ at, value }) => [at - T, value])).toEqual([
        [-5, -5],
        [5, 5],
        [year, 9],
      ]);
    });

    test('from is included and to is excluded', async () => {
      const one = series('air_temperature');
      await stored(open(), batch([one, T, 1], [one, T + 10, 2], [one, T + 20, 3]));
      const points = await allRaw(open(), of(one, T, T + 20));
      expect(points.map(({ value }) => value)).toEqual([1, 2]);
    });

    test('2,500 points with equal times in three channels come back whole, over several pages', async () => {
      const place = `paged-${RUN}-${made}`;
      const channels = ['a', 'b', 'c'].map((channel) => series('air_temperature', { place, channel }));
      const points = channels.flatMap((one) =>
        Array.from({ length: 2_500 }, (_, n) => [one, T + n * 7, n] as const),
      );
      await stored(open(), batch(...points));
      const back = await allRaw(open(), { field: 'air_temperature', place, from: T, to: T + HOUR });
      expect(back).toHaveLength(7_500);
      expect(back.slice(0, 4).map(({ at, channel, value }) => [at - T, channel, value])).toEqual([
        [0, 'a', 0],
        [0, 'b', 0],
        [0, 'c', 0],
        [7, 'a', 1],
      ]);
    });

    test.each([
      ['mean', [2, 5]],
      ['min', [1, 4]],
      ['max', [3, 6]],
      ['sum', [6, 10]],
      ['count', [3, 2]],
      ['first', [1, 4]],
      ['last', [3, 6]],
    ] as const)('%s per hour leaves out empty hours', async (fn, [first, third]) => {
      const one = series('co2');
      await stored(
        open(),
        batch(
          [one, T, 1],
          [one, T + 1, 2],
          [one, T + HOUR - 1, 3],
          [one, T + 2 * HOUR, 4],
          [one, T + 2 * HOUR + 5, 6],
        ),
      );
      const expected = [
        { at: T, value: first },
        { at: T + 2 * HOUR, value: third },
      ];
      expect(await open().buckets(of(one), HOUR, fn, 'raw')).toEqual(expected);
    });

    test('a rollup answers as raw points do, also after late points', async () => {
      const one = series('soil_moisture', { measurement: 'soil' });
      await stored(open(), batch([one, T, 10], [one, T + 1, 20], [one, T + HOUR, 40]));
      for (const hour of [T, T + HOUR])
        expect(await open().rollup('soil', hour)).toMatchObject({ kind: 'stored' });
      await stored(open(), batch([one, T + 2, 33]));
      expect(await open().rollup('soil', T)).toMatchObject({ kind: 'stored' });
      for (const fn of ['mean', 'min', 'max', 'sum', 'count'] as const) {
        const raw = await open().buckets(of(one), HOUR, fn, 'raw');
        const rolled = await open().buckets(of(one), HOUR, fn, 'rollup');
        expect(rolled.map(({ at }) => at)).toEqual(raw.map(({ at }) => at));
        for (const [index, { value }] of rolled.entries())
          expect(value).toBeCloseTo(raw[index]?.value ?? Number.NaN, 9);
      }
    });

    test('NaN, infinity and a time before 1970 are rejected by position, their neighbours stored', async () => {
      const one = series('air_temperature');
      const outcome = await open().write(
        batch(
          [one, T, 1],
          [one, T + 1, Number.NaN],
          [one, T + 2, Number.POSITIVE_INFINITY],
          [one, -1, 2],
          [one, T + 3, 3],
        ),
      );
      expect(outcome).toMatchObject({ kind: 'stored', rejected: [{ index: 1 }, { index: 2 }, { index: 3 }] });
      expect(await values(open(), one)).toEqual([
        [0, 1],
        [3, 3],
      ]);
    });

    test('floats come back exactly: tiny, large, negative, seventeen digits', async () => {
      const one = series('air_temperature');
      const floats = [0.1 + 0.2, -0, 5e-324, 1.7976931348623157e280, -273.15, 1 / 3, 123456.789, 1e21, 4.2];
      await stored(open(), batch(...floats.map((value, n) => [one, T + n, value] as const)));
      expect((await values(open(), one)).map(([, value]) => value)).toEqual(
        floats.map((value) => (value === 0 ? expect.closeTo(0, 300) : value)),
      );
    });

    test('any float up to 1e290 comes back as exactly the same float', async () => {
      const float = fc.double({ min: -1e290, max: 1e290, noNaN: true });
      const decimal = fc
        .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.nat(6))
        .map(([whole, places]) => whole / 10 ** places);
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.oneof(float, decimal), { minLength: 1, maxLength: 300 }),
          async (floats) => {
            const one = series('air_temperature');
            await stored(open(), batch(...floats.map((value, n) => [one, T + n, value] as const)));
            const back = (await values(open(), one)).map(([, value]) => value);
            expect(back.map((value, n) => value === (floats[n] ?? Number.NaN))).toEqual(
              floats.map(() => true),
            );
          },
        ),
        { numRuns: 10 },
      );
    });

    test('ids of every legal character, 1 and 64 long, are found by each of their tags', async () => {
      const legal = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-';
      const ids = [legal.slice(0, 64), legal.slice(-64), '_', '-', '0', '...', 'true', '1e3'];
      for (const id of ids) {
        const one = series('air_temperature', { site: id, place: id, device: id, channel: id });
        await stored(open(), batch([one, T, made]));
        for (const tag of ['site', 'place', 'device', 'channel'] as const) {
          const filter = { field: 'air_temperature', [tag]: id, from: T, to: T + 1 };
          expect(await allRaw(open(), filter)).toEqual([{ at: T, value: made, device: id, channel: id }]);
        }
      }
    });

    test('an id or field with an illegal character is rejected, its neighbours stored; asking for one gives nothing', async () => {
      const good = series('air_temperature');
      const evil = ["a'b", 'a"b', 'a b', 'a,b', 'a=b', 'a\\', 'a\nb', '', 'é', 'x'.repeat(65)];
      for (const [n, id] of evil.entries()) {
        const bad = series('air_temperature', { device: id });
        const outcome = await open().write(batch([good, T + n, n], [bad, T, 1]));
        expect(outcome).toMatchObject({ kind: 'stored', rejected: [{ index: 1, message: /^device / }] });
        const asked = { field: 'air_temperature', from: 0, to: T * 2 };
        expect(await allRaw(open(), { ...asked, device: id })).toEqual([]);
        expect(await open().buckets({ ...asked, field: id }, DAY, 'mean', 'raw')).toEqual([]);
      }
      expect(await values(open(), good)).toHaveLength(evil.length);
    });

    test('mean over devices of one place weighs every point alike, from raw points and from rollups', async () => {
      const place = `weighted-${RUN}-${made}`;
      const often = series('air_temperature', { place, device: 'often' });
      const seldom = series('air_temperature', { place, device: 'seldom' });
      const points = Array.from({ length: 9 }, (_, n) => [often, T + n * MINUTE, 10] as const);
      await stored(open(), batch(...points, [seldom, T, 20]));
      await open().rollup('cold_chain', T);
      for (const source of ['raw', 'rollup'] as const) {
        expect(await open().buckets(of(often), HOUR, 'mean', source)).toEqual([{ at: T, value: 11 }]);
        expect(await open().buckets(of(often), HOUR, 'count', source)).toEqual([{ at: T, value: 10 }]);
        expect(await open().buckets({ ...of(often), device: 'seldom' }, HOUR, 'sum', source)).toEqual([
          { at: T, value: 20 },
        ]);
      }
    });

    test('a device asked for alone gives its points of every measurement, site and place, ends by their time', async () => {
      const device = `moved-${RUN}-${made}`;
      const [cold, soil] = [
        series('air_temperature', { device }),
        series('air_temperature', { device, measurement: 'soil', site: 'other' }),
      ];
      await stored(open(), batch([cold, T, 1], [soil, T + 1, 9], [cold, T + 2, 2], [soil, T + HOUR, 5]));
      const filter = { field: 'air_temperature', device, from: T, to: T + DAY };
      expect((await allRaw(open(), filter)).map(({ value }) => value)).toEqual([1, 9, 2, 5]);
      const first = async (fn: Aggregate): Promise<number | undefined> =>
        (await open().buckets(filter, HOUR, fn, 'raw'))[0]?.value;
      expect([await first('first'), await first('last'), await first('mean')]).toEqual([1, 2, 4]);
      expect(await allRaw(open(), { ...filter, measurement: 'soil' })).toHaveLength(2);
      expect(await open().buckets({ ...filter, site: 'other' }, DAY, 'sum', 'raw')).toEqual([
        { at: T - (T % DAY), value: 14 },
      ]);
    });

    test('of two channels at the same time first and last take the larger value', async () => {
      const place = `tied-${RUN}-${made}`;
      const [a, b, c] = ['a', 'b', 'c'].map((channel) => series('air_temperature', { place, channel }));
      if (a === undefined || b === undefined || c === undefined) throw new Error('three channels');
      await stored(open(), batch([a, T, 3], [b, T, 7], [c, T, 5], [a, T + 1, 2], [b, T + 1, 1]));
      expect(await open().buckets(of(a), HOUR, 'first', 'raw')).toEqual([{ at: T, value: 7 }]);
      expect(await open().buckets(of(a), HOUR, 'last', 'raw')).toEqual([{ at: T, value: 2 }]);
    });

    test('buckets of 7 min start at multiples of 7 min since 1970, and hold only points within from and to', async () => {
      const one = series('air_temperature');
      const start = T - (T % (7 * MINUTE));
      const times = [start - 1, start, start + 1, start + 7 * MINUTE - 1, start + 7 * MINUTE];
      await stored(open(), batch(...times.map((at) => [one, at, 1] as const)));
      expect(
        await open().buckets(of(one, start + 1, start + 7 * MINUTE + 1), 7 * MINUTE, 'count', 'raw'),
      ).toEqual([
        { at: start, value: 2 },
        { at: start + 7 * MINUTE, value: 1 },
      ]);
    });

    test('buckets reach as far into the future as the question', async () => {
      const one = series('air_temperature');
      const future = Date.UTC(2190, 0, 1);
      await stored(open(), batch([one, future, 5]));
      const filter = of(one, 0, Number.MAX_SAFE_INTEGER);
      expect(await open().buckets(filter, HOUR, 'mean', 'raw')).toEqual([{ at: future, value: 5 }]);
      expect(await allRaw(open(), { ...filter, from: Number.NEGATIVE_INFINITY })).toHaveLength(1);
    });

    test('forgetting raw points keeps their rollup, and a late point does not shrink it', async () => {
      const one = series('grain_moisture', { measurement: 'storage' });
      const past = Date.UTC(2016, 0, 1, 3);
      await stored(open(), batch([one, past, 10], [one, past + 1, 20], [one, past + 2, 60], [one, T, 1]));
      await open().rollup('storage', past);
      await open().forget(past + HOUR);
      const filter = of(one, past, past + HOUR);
      expect(await allRaw(open(), filter)).toEqual([]);
      await stored(open(), batch([one, past + 5, 0]));
      await open().rollup('storage', past);
      expect(await open().buckets(filter, HOUR, 'mean', 'rollup')).toEqual([{ at: past, value: 30 }]);
      expect(await open().buckets(filter, HOUR, 'min', 'rollup')).toEqual([{ at: past, value: 10 }]);
      expect(await values(open(), one)).toEqual([[0, 1]]);
    });

    test('a value that is corrected corrects its rollup; computing it twice changes nothing', async () => {
      const one = series('soil_ec', { measurement: 'soil' });
      await stored(open(), batch([one, T, 1], [one, T + 1, 3]));
      await open().rollup('soil', T);
      await stored(open(), batch([one, T + 1, 5]));
      for (let times = 0; times < 2; times += 1) await open().rollup('soil', T + 59 * MINUTE);
      expect(await open().buckets(of(one), HOUR, 'max', 'rollup')).toEqual([{ at: T, value: 5 }]);
      expect(await open().buckets(of(one), HOUR, 'mean', 'rollup')).toEqual([{ at: T, value: 3 }]);
    });

    test('12,000 channels at one millisecond, among 60,000 points, come back whole and in order', async () => {
      const place = `crowd-${RUN}-${made}`;
      const crowd = Array.from({ length: 12_000 }, (_, n) =>
        series('air_temperature', { place, device: `d-${String(n).padStart(5, '0')}` }),
      );
      await stored(
        open(),
        batch(...crowd.flatMap((one) => [0, 1, 2, 3, 1_000].map((ms) => [one, T + ms, ms] as const))),
      );
      const back = await allRaw(open(), { field: 'air_temperature', place, from: T, to: T + HOUR });
      expect(back).toHaveLength(60_000);
      const inOrder = back.every((point, n) => {
        const before = back[n - 1];
        if (before === undefined || before.at < point.at) return true;
        return before.at === point.at && before.device < point.device;
      });
      expect(inOrder).toBe(true);
    });

    test('pages hold at most 5,000 points', async () => {
      const one = series('air_temperature');
      await stored(open(), batch(...Array.from({ length: 12_001 }, (_, n) => [one, T + n, n] as const)));
      const sizes: number[] = [];
      for await (const page of open().raw(of(one))) sizes.push(page.length);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(5_000);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(12_001);
    });

    test('preparing again changes nothing', async () => {
      for (let times = 0; times < 2; times += 1)
        expect(await open().prepare()).toEqual({ kind: 'stored', rejected: [] });
    });

    test('a rollup asked for by anything but whole hours is a mistake of the caller', async () => {
      const one = series('air_temperature');
      await expect(open().buckets(of(one), 90 * MINUTE, 'mean', 'rollup')).rejects.toThrow(/whole hours/);
      await expect(open().buckets(of(one, T + 1), HOUR, 'mean', 'rollup')).rejects.toThrow(/whole hours/);
      await expect(open().buckets(of(one), 0, 'mean', 'raw')).rejects.toThrow(/above 0/);
    });

    test('a question about nothing gives nothing', async () => {
      const one = series('ethylene');
      expect(await allRaw(open(), of(one))).toEqual([]);
      expect(await open().buckets(of(one), HOUR, 'mean', 'raw')).toEqual([]);
    });
  });
}
