import fc from 'fast-check';
import { expect, test } from 'vitest';
import { brokenLine, commonGaps, gapsOf, type Points, usualSpacing } from './gaps.ts';

const MINUTE = 60_000;
const every = (minutes: number, count: number, start = 0): [number, number][] =>
  Array.from({ length: count }, (_, index) => [start + index * minutes * MINUTE, index]);

test('the usual spacing is the median: one long pause does not change it', () => {
  expect(usualSpacing([...every(5, 20), [1e9, 1]], MINUTE)).toBe(5 * MINUTE);
  expect(usualSpacing([], MINUTE)).toBe(MINUTE);
});

test('three spacings are no gap, a little more is one', () => {
  const points: Points = [...every(1, 10), ...every(1, 10, 9 * MINUTE + 4 * MINUTE)];
  expect(gapsOf(points, 0, 22 * MINUTE, MINUTE)).toEqual([]);
  const later: Points = [...every(1, 10), ...every(1, 10, 9 * MINUTE + 4 * MINUTE + 1)];
  expect(gapsOf(later, 0, 23 * MINUTE, MINUTE)).toEqual([{ from: 10 * MINUTE, to: 13 * MINUTE + 1 }]);
});

test('silence at both ends of the chart is a gap too', () => {
  const points = every(1, 10, 60 * MINUTE);
  expect(gapsOf(points, 0, 120 * MINUTE, MINUTE)).toEqual([
    { from: 0, to: 60 * MINUTE },
    { from: 70 * MINUTE, to: 120 * MINUTE },
  ]);
  expect(gapsOf([], 0, 100 * MINUTE, MINUTE)).toEqual([{ from: 0, to: 100 * MINUTE }]);
});

test('hourly values of a slow probe are no gaps', () => {
  expect(gapsOf(every(60, 24), 0, 24 * 60 * MINUTE, MINUTE)).toEqual([]);
});

const series = fc
  .uniqueArray(fc.integer({ min: 0, max: 100_000 }), { maxLength: 60 })
  .map((times): Points => times.sort((a, b) => a - b).map((at) => [at, at]));

test('a line keeps every point, is in time order, and is broken inside every gap between two points', () => {
  fc.assert(
    fc.property(series, fc.integer({ min: 1, max: 3_000 }), (points, width) => {
      const gaps = gapsOf(points, 0, 100_000, width);
      const [times, values] = brokenLine(points, gaps);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(times.flatMap((at, index) => (values[index] === null ? [] : [[at, values[index]]]))).toEqual(
        points,
      );
      for (const { from, to } of gaps) {
        const isInside = points.some(([at]) => at < from) && points.some(([at]) => at >= to);
        if (isInside)
          expect(times.some((at, index) => values[index] === null && at >= from - width && at < to)).toBe(
            true,
          );
      }
      for (let index = 1; index < points.length; index++) {
        const [a, b] = [points[index - 1]![0], points[index]![0]];
        const isBroken = gaps.some((gap) => gap.from >= a && gap.to <= b);
        const between = times.filter((at, place) => values[place] === null && at > a && at < b).length;
        expect(between).toBe(isBroken ? 1 : 0);
      }
    }),
  );
});

test('only what all probes lack at once is a gap of the place', () => {
  const a = [
    { from: 0, to: 10 },
    { from: 20, to: 40 },
  ];
  expect(commonGaps([a, [{ from: 5, to: 30 }]])).toEqual([
    { from: 5, to: 10 },
    { from: 20, to: 30 },
  ]);
  expect(commonGaps([a, []])).toEqual([]);
  expect(commonGaps([])).toEqual([]);
});
