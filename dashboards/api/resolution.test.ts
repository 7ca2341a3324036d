import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, parseDuration, SECOND } from '../../devices/index.ts';
import { autoEvery, bucketCount, formatDuration, MAX_POINTS, resolve } from './resolution.ts';

const from = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) });
const range = fc.tuple(
  from,
  fc.oneof(fc.integer({ min: 1, max: 400 * DAY }), fc.integer({ min: 1, max: 36_500 * DAY })),
);
const fn = fc.constantFrom('mean', 'min', 'max', 'sum', 'count', 'first', 'last');

test('auto never asks for more than 2,000 buckets, over any range from 1 ms to 100 years', () => {
  fc.assert(
    fc.property(range, ([start, length]) => {
      const every = autoEvery(start, start + length);
      expect(bucketCount(start, start + length, every)).toBeLessThanOrEqual(MAX_POINTS);
    }),
    { numRuns: 2_000 },
  );
});

test('the buckets that are read are the buckets that were counted, and cover the range', () => {
  fc.assert(
    fc.property(range, fn, ([start, length], aggregate) => {
      const end = start + length;
      const every = autoEvery(start, end);
      const read = resolve(start, end, every, aggregate);
      expect(read.from).toBeLessThanOrEqual(start);
      expect(read.to).toBeGreaterThanOrEqual(end);
      expect(bucketCount(read.from, read.to, every)).toBe(bucketCount(start, end, every));
      if (read.source === 'rollup')
        expect([read.from % HOUR, read.to % HOUR, every % HOUR]).toEqual([0, 0, 0]);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  [DAY, MINUTE, 'raw'],
  [7 * DAY, 10 * MINUTE, 'raw'],
  [30 * DAY, HOUR, 'rollup'],
  [90 * DAY, 2 * HOUR, 'rollup'],
  [365 * DAY, 6 * HOUR, 'rollup'],
] as const)('a range of %i ms is drawn in steps of %i ms from %s values', (length, every, source) => {
  const start = Date.UTC(2026, 5, 1, 3, 7);
  expect(autoEvery(start, start + length)).toBe(every);
  expect(resolve(start, start + length, every, 'mean').source).toBe(source);
});

test('the first and last value of a bucket are never read from rollups, which do not know them', () => {
  expect(resolve(0, 365 * DAY, DAY, 'first').source).toBe('raw');
  expect(resolve(0, 365 * DAY, DAY, 'max').source).toBe('rollup');
});

test('a width is written the way a request names it', () => {
  for (const ms of [10 * SECOND, 90 * MINUTE, 6 * HOUR, 30 * DAY])
    expect(parseDuration(formatDuration(ms))).toBe(ms);
});
