/** What every store must do alike; each implementation runs it against the real thing. */

import { describe, expect, test } from 'vitest';
import { HOUR, type QuantityName } from '../../devices/index.ts';
import type { PointBatch, Series, SeriesFilter, Store, TaggedPoint } from './store.ts';

const T = Date.UTC(2026, 5, 1, 10);
let made = 0;

/** A series of its own for each test, so that tests on one server do not meet. */
export function series(field: QuantityName, tags: Partial<Series> = {}): Series {
  return {
    measurement: 'cold_chain',
    site: 'farm',
    place: `room-${made}`,
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
      const place = `paged-${made}`;
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

    test('a question about nothing gives nothing', async () => {
      const one = series('ethylene');
      expect(await allRaw(open(), of(one))).toEqual([]);
      expect(await open().buckets(of(one), HOUR, 'mean', 'raw')).toEqual([]);
    });
  });
}
