import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HOUR } from '../../devices/index.ts';
import { fixture } from './fixtures.ts';
import { equivalentTemperature, meanKineticTemperature } from './kinetic-temperature.ts';
import type { Sample } from './series.ts';

const { mkt } = fixture<{
  mkt: {
    cases: { T_C: number[]; mkt_C: number }[];
    weighted: { T_C: number[]; hours: number[]; mkt_C: number }[];
  };
}>('test-vectors');
const gap = { longerThanMs: 2 * HOUR, low: 0, high: 30 };

describe('mean kinetic temperature', () => {
  test.each(mkt.cases)('of $T_C is $mkt_C degC (USP <1160>, 6 digits)', ({ T_C, mkt_C }) => {
    const result = meanKineticTemperature(T_C);
    expect(result.ok && result.value).toBeCloseTo(mkt_C, 5);
  });

  test.each(mkt.weighted)('22 h at 4 and 2 h at 12 degC is $mkt_C', ({ T_C, hours, mkt_C }) => {
    const result = meanKineticTemperature(T_C, hours);
    expect(result.ok && result.value).toBeCloseTo(mkt_C, 5);
  });

  test('no readings, a missing weight and 200 degC are refused', () => {
    expect(meanKineticTemperature([])).toMatchObject({ ok: false, reason: 'missing_input' });
    expect(meanKineticTemperature([1, 2], [1])).toMatchObject({ ok: false, reason: 'inconsistent' });
    expect(meanKineticTemperature([200])).toMatchObject({ ok: false, reason: 'out_of_range' });
  });
});

describe('equivalent temperature', () => {
  const series = fc
    .array(fc.double({ min: -5, max: 30, noNaN: true }), { minLength: 2, maxLength: 30 })
    .map((values) => values.map((value, i): Sample => ({ at: i * HOUR, value })));

  test('of a constant is the constant, and lies between mean and maximum otherwise', () => {
    fc.assert(
      fc.property(series, (samples) => {
        const result = equivalentTemperature(samples, gap);
        if (!result.ok) throw new Error(result.detail);
        let mean = 0;
        for (let i = 1; i < samples.length; i++) mean += (samples[i - 1]!.value + samples[i]!.value) / 2;
        mean /= samples.length - 1;
        expect(result.value.pointC).toBeGreaterThanOrEqual(mean - 1e-6);
        expect(result.value.pointC).toBeLessThanOrEqual(Math.max(...samples.map((s) => s.value)) + 1e-6);
      }),
    );
  });

  test('does not depend on how densely a straight line is sampled (1e-6 degC)', () => {
    const two = equivalentTemperature(
      [
        { at: 0, value: 0 },
        { at: HOUR, value: 30 },
      ],
      gap,
    );
    const many = equivalentTemperature(
      Array.from({ length: 1001 }, (_, i) => ({ at: (i * HOUR) / 1000, value: (30 * i) / 1000 })),
      gap,
    );
    if (!two.ok || !many.ok) throw new Error('refused');
    expect(Math.abs(two.value.pointC - many.value.pointC)).toBeLessThan(1e-6);
  });

  test('a gap widens it by the bounds of the place', () => {
    const result = equivalentTemperature(
      [
        { at: 0, value: 5 },
        { at: 5 * HOUR, value: 5 },
      ],
      gap,
    );
    expect(result.ok && result.value).toMatchObject({
      lowC: expect.closeTo(0, 6),
      pointC: expect.closeTo(5, 6),
      highC: expect.closeTo(30, 6),
    });
  });
});
