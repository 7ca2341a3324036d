import { expect, test } from 'vitest';
import type { ApiReading } from '../../api/schemas.ts';
import { drawingOf, type Line, valueAt, withNewest } from './chart-data.ts';

const MINUTE = 60_000;
const line = (values: readonly number[]): Line => ({
  probe: { device: 'd', channel: 'main' },
  points: values.map((value, index): [number, number] => [index * MINUTE, value]),
});
const cold = { quantity: 'air_temperature', low: 0, high: 6, actLow: -0.5, actHigh: 8 };
const axis = { leastSpan: 2, min: -90, max: 70 };
const draw = (values: readonly number[], limit = cold) =>
  drawingOf({ lines: [line(values)], everyMs: MINUTE }, limit, 0, values.length * MINUTE, axis);

test('the band is always in view; limits for acting only when a value left the band on that side', () => {
  const calm = draw([2, 3, 2]);
  expect(calm.limit).toMatchObject({ low: 0, high: 6, actLow: undefined, actHigh: undefined });
  expect(calm.range[0]).toBeLessThan(0);
  expect(calm.range[1]).toBeGreaterThan(6);
  const hot = draw([2, 7, 2]);
  expect(hot.limit).toMatchObject({ actLow: undefined, actHigh: 8 });
  expect(hot.range[1]).toBeGreaterThan(8);
  expect(draw([2, -0.2]).limit).toMatchObject({ actLow: -0.5, actHigh: undefined });
});

test('no value and no limit is outside the range', () => {
  const { range, lowest, highest, last } = draw([-4, 30, 2]);
  expect([lowest, highest, last]).toEqual([-4, 30, 2]);
  expect(range[0]).toBeLessThan(-4);
  expect(range[1]).toBeGreaterThan(30);
});

test('a steady value is drawn flat, not as noise: the axis spans at least what it is told', () => {
  const { range } = drawingOf(
    { lines: [line([4.01, 4.02])], everyMs: MINUTE },
    undefined,
    0,
    2 * MINUTE,
    axis,
  );
  expect(range[1] - range[0]).toBeGreaterThan(2);
});

test('the axis shows nothing impossible but for half a margin: humidity ends a little above 100 %', () => {
  const { range } = drawingOf({ lines: [line([99, 100])], everyMs: MINUTE }, undefined, 0, 2 * MINUTE, {
    leastSpan: 20,
    min: 0,
    max: 100,
  });
  expect(range[1]).toBeGreaterThan(100);
  expect(range[1]).toBeLessThan(102);
});

test('nothing measured has no last value', () => {
  expect(draw([]).last).toBeUndefined();
});

test('lowest and highest of the buckets count for the range', () => {
  const data = {
    lines: [line([3, 3])],
    low: line([1, 1]).points,
    high: line([3, 12]).points,
    everyMs: MINUTE,
  };
  const drawing = drawingOf(data, undefined, 0, 2 * MINUTE, axis);
  expect([drawing.lowest, drawing.highest, drawing.tables.length]).toEqual([1, 12, 3]);
});

const newest = (value: number, at: number, more: Partial<ApiReading> = {}): ApiReading => ({
  device: 'd',
  channel: 'main',
  quantity: 'air_temperature',
  unit: 'Cel',
  value,
  measuredAt: new Date(at).toISOString(),
  receivedAt: new Date(at).toISOString(),
  clock: 'device',
  ageMs: 0,
  ...more,
});

test('a value that came after the series was read is drawn at once; older, doubtful or foreign ones are not', () => {
  const before = line([1, 2]);
  const later = 5 * MINUTE;
  expect(withNewest(before, [newest(9, later)], 1e9).points.at(-1)).toEqual([later, 9]);
  for (const other of [
    newest(9, MINUTE),
    newest(9, later, { suspect: 'spike' }),
    newest(9, later, { channel: 'other' }),
    newest(9, 2e9),
  ]) {
    expect(withNewest(before, [other], 1e9)).toBe(before);
  }
});

test('the value under the cursor is the nearest, and none inside a gap', () => {
  const measured = line([1, 2, 3]);
  expect(valueAt(measured, 1.2 * MINUTE, MINUTE)).toBe(2);
  expect(valueAt(measured, 1.7 * MINUTE, MINUTE)).toBe(3);
  expect(valueAt(measured, -10 * MINUTE, MINUTE)).toBeUndefined();
  expect(valueAt(measured, 10 * MINUTE, MINUTE)).toBeUndefined();
  expect(valueAt({ points: [] }, 0, MINUTE)).toBeUndefined();
});
