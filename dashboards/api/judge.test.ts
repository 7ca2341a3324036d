import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HOUR, MINUTE } from '../../devices/index.ts';
import { type JudgedReading, judgePlace, judgeValue } from './judge.ts';

const now = Date.UTC(2026, 5, 12, 6);
const chilled = [{ quantity: 'air_temperature', actLow: -0.5, low: 0, high: 6, actHigh: 8 }];

function air(value: number, ageMs = MINUTE, more: Partial<JudgedReading> = {}): JudgedReading {
  return {
    device: 'd',
    channel: 'main',
    quantity: 'air_temperature',
    value,
    measuredAt: now - ageMs,
    ...more,
  };
}

test.each([
  [-0.6, 'act', 'below', -0.5],
  [-0.5, 'watch', 'below', 0],
  [0, 'fine', 'within', undefined],
  [6, 'fine', 'within', undefined],
  [6.1, 'watch', 'above', 6],
  [8, 'watch', 'above', 6],
  [8.1, 'act', 'above', 8],
] as const)('%d degC in a cold room of 0 to 6 (act below -0.5, above 8): %s', (value, state, key, limit) => {
  expect(judgePlace('room', [air(value)], chilled, now)).toMatchObject({
    state,
    because: [limit === undefined ? { key } : { key, limit, value }],
  });
});

test('30 minutes of silence are still fine in a room, 31 are no data', () => {
  expect(judgePlace('room', [air(2, 30 * MINUTE)], chilled, now).state).toBe('fine');
  const late = judgePlace('room', [air(2, 31 * MINUTE)], chilled, now);
  expect(late).toMatchObject({
    state: 'no_data',
    because: [{ key: 'stale', device: 'd', ageMs: 31 * MINUTE }],
  });
});

test('one silent probe of three makes the place no data, and the value shown comes from one that is heard', () => {
  const probes = [air(1), air(3, MINUTE, { device: 'e' }), air(9, 2 * HOUR, { device: 'f' })];
  const { state, because, main } = judgePlace('room', probes, chilled, now);
  expect(state).toBe('no_data');
  expect(because).toHaveLength(1);
  expect(main?.device).toBe('e');
});

test('a fresh value beyond a limit wins over a silent probe: what is known to be wrong is told first', () => {
  const verdict = judgePlace('room', [air(2, 2 * HOUR), air(9, MINUTE, { device: 'e' })], chilled, now);
  expect(verdict.state).toBe('act');
  expect(verdict.main?.device).toBe('e');
  expect(verdict.because.map(({ key }) => key)).toEqual(['above', 'stale']);
});

test('a suspect value is not judged: 85 degC of a broken probe is no data, not act', () => {
  const verdict = judgePlace('room', [air(85, MINUTE, { suspect: 'sensor_fault' })], chilled, now);
  expect(verdict).toMatchObject({ state: 'no_data', because: [{ key: 'suspect' }] });
});

test('a place nobody measures has no data', () => {
  expect(judgePlace('room', [], chilled, now)).toEqual({ state: 'no_data', because: [{ key: 'never' }] });
});

test('a quantity without limits is fine while it is heard, and says that no limits are set', () => {
  const verdict = judgePlace('room', [{ ...air(2), quantity: 'co2' }], chilled, now);
  expect(verdict).toMatchObject({ state: 'fine', because: [{ key: 'no_limits' }] });
});

test('the battery of a sensor says nothing about its place', () => {
  const battery = { ...air(3), quantity: 'battery_level' };
  expect(judgePlace('room', [battery], [], now).state).toBe('no_data');
});

test('a device clock some minutes ahead is fresh, not of negative age', () => {
  expect(judgePlace('room', [air(2, -5 * MINUTE)], chilled, now).state).toBe('fine');
});

test('a warmer room is never judged better', () => {
  const rank = { fine: 0, no_data: 0, watch: 1, act: 2 };
  const limit = { quantity: 'air_temperature', high: 6, actHigh: 8 };
  fc.assert(
    fc.property(
      fc.double({ min: -90, max: 70, noNaN: true }),
      fc.double({ min: 0, max: 50, noNaN: true }),
      (value, more) => {
        expect(rank[judgeValue(value + more, limit).state]).toBeGreaterThanOrEqual(
          rank[judgeValue(value, limit).state],
        );
      },
    ),
  );
});

test('of sixty warm probes at most five reasons are told', () => {
  const probes = Array.from({ length: 60 }, (_, index) => air(9, MINUTE, { channel: `c${index}` }));
  expect(judgePlace('room', probes, chilled, now).because).toHaveLength(5);
});
