import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HOUR } from '../../devices/index.ts';
import { dayDegreeDays, degreeDayBase, seriesDegreeDays } from './degree-days.ts';
import { frostCritical, salinityTable } from './field-tables.ts';
import { fixture } from './fixtures.ts';
import { frostRisk, frostStages } from './frost.ts';
import type { Answer } from './result.ts';
import { yieldUnderSalinity } from './salinity.ts';

function ok<T>(answer: Answer<T>): T {
  if (!answer.ok) throw new Error(answer.detail);
  return answer.value;
}

const vectors = fixture<{ maas_hoffman: { cases: { crop: string; ECe: number; Yr_pct: number }[] } }>(
  'test-vectors',
);

describe('growing degree-days', () => {
  const base = { baseC: 10, upperC: 30 };

  test('a day of 5 to 20 degC: 2.5 by method 1, 5 by method 2, and each says which', () => {
    expect(ok(dayDegreeDays('method 1: mean then base', base, 5, 20))).toMatchObject({ degreeDays: 2.5 });
    expect(ok(dayDegreeDays('method 2: limits then mean', base, 5, 20))).toMatchObject({
      degreeDays: 5,
      method: 'method 2: limits then mean',
    });
  });

  test('method 1 never exceeds method 2 without an upper limit (McMaster & Wilhelm 1997)', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -10, max: 30, noNaN: true }),
        fc.double({ min: 0, max: 20, noNaN: true }),
        (low, range) => {
          const one = ok(dayDegreeDays('method 1: mean then base', { baseC: 10 }, low, low + range));
          const two = ok(dayDegreeDays('method 2: limits then mean', { baseC: 10 }, low, low + range));
          expect(one.degreeDays).toBeLessThanOrEqual(two.degreeDays + 1e-12);
        },
      ),
    );
  });

  test('the integral of a constant 25 degC over a day is 15, of 35 degC with an upper limit of 30 it is 20', () => {
    const gap = { longerThanMs: 2 * HOUR, low: 0, high: 40 };
    const hold = (value: number) => Array.from({ length: 25 }, (_, i) => ({ at: i * HOUR, value }));
    expect(ok(seriesDegreeDays(base, hold(25), gap)).degreeDays).toBeCloseTo(15, 9);
    const hot = ok(seriesDegreeDays(base, hold(35), gap));
    expect(hot.degreeDays).toBeCloseTo(20, 9);
    const gappy = ok(
      seriesDegreeDays(
        base,
        [
          { at: 0, value: 25 },
          { at: 24 * HOUR, value: 25 },
        ],
        gap,
      ),
    );
    expect(gappy.low).toBeLessThan(gappy.degreeDays);
    expect(gappy.high).toBeGreaterThan(gappy.degreeDays);
  });

  test('pepper is 5.5 or 18 degC by model: the model is in the answer', () => {
    expect(ok(degreeDayBase('Tomato', 'AquaCrop (FAO)'))).toMatchObject({
      baseC: 7,
      upperC: 28,
      model: 'AquaCrop (FAO)',
    });
    expect(ok(degreeDayBase('Pepper', 'DSSAT CROPGRO')).baseC).toBe(5.5);
    expect(degreeDayBase('Tea')).toMatchObject({ ok: false, reason: 'no_figure' });
  });
});

describe('salinity', () => {
  const names: Record<string, string> = { tomato: 'Tomato', strawberry: 'Strawberry', lettuce: 'Lettuce' };

  test.each(vectors.maas_hoffman.cases)('$crop at ECe $ECe yields $Yr_pct %', ({ crop, ECe, Yr_pct }) => {
    const response = ok(yieldUnderSalinity(names[crop]!, { measured: 'saturated_paste', ecDsM: ECe }));
    expect(response.yieldPct).toBeCloseTo(Yr_pct, 9);
  });

  test('a bulk probe is refused, a crop with a threshold only too once it is passed', () => {
    expect(yieldUnderSalinity('Tomato', { measured: 'bulk', ecDsM: 2 })).toMatchObject({
      ok: false,
      reason: 'inconsistent',
    });
    expect(yieldUnderSalinity('Alfalfa', { measured: 'saturated_paste', ecDsM: 5 })).toMatchObject({
      ok: false,
      reason: 'no_figure',
    });
    expect(ok(yieldUnderSalinity('Alfalfa', { measured: 'saturated_paste', ecDsM: 1 })).yieldPct).toBe(100);
  });

  test('saltier is never better, gypsum shifts the threshold by 2 dS/m', () => {
    for (const row of salinityTable.rows.filter((r) => r.slopePctPerDsM !== undefined)) {
      let before = 100;
      for (let ec = 0; ec <= 40; ec += 0.5) {
        const { yieldPct } = ok(yieldUnderSalinity(row.crop, { measured: 'saturated_paste', ecDsM: ec }));
        expect(yieldPct).toBeLessThanOrEqual(before);
        before = yieldPct;
      }
    }
    const gypsum = ok(
      yieldUnderSalinity('Tomato', { measured: 'saturated_paste', ecDsM: 4.5, gypsiferous: true }),
    );
    expect(gypsum.yieldPct).toBe(100);
  });
});

describe('frost', () => {
  const night = { airC: 1, rhPct: 60, windMs: 0.5, crop: 'Apple', stage: 'full bloom' };

  test('a calm, clear, dry night at 1 degC is a watch for radiation frost', () => {
    const risk = ok(frostRisk(night));
    expect(risk).toMatchObject({
      level: 'watch',
      kind: 'radiation',
      kill10C: -2.2,
      kill90C: -3.9,
      susceptibility: 'moderate',
    });
    expect(risk.dewPointC).toBeLessThan(0);
    expect(risk.reasons).toEqual(['calm', 'clear', 'dry_air', 'near_freezing']);
  });

  test('-2.5 degC in full bloom is damage, -4 severe, the same at silver tip only frost', () => {
    expect(ok(frostRisk({ ...night, airC: -2.5 })).level).toBe('damage');
    expect(ok(frostRisk({ ...night, airC: -4 })).level).toBe('severe');
    expect(ok(frostRisk({ ...night, airC: -4, stage: 'silver tip' })).level).toBe('frost');
  });

  test('with wind it is advection, at 12 degC nothing', () => {
    expect(ok(frostRisk({ ...night, airC: -1, windMs: 6 })).kind).toBe('advection');
    expect(ok(frostRisk({ ...night, airC: 12 }))).toMatchObject({
      level: 'none',
      kind: undefined,
      reasons: [],
    });
    expect(frostRisk({ ...night, rhPct: 130 })).toMatchObject({ ok: false, reason: 'out_of_range' });
  });

  test('colder is never less, and 90 % kill is never warmer than 10 % kill', () => {
    const order = ['none', 'watch', 'frost', 'damage', 'severe'];
    for (const stage of frostStages('Apple')) {
      let before = 0;
      for (let airC = 10; airC > -20; airC -= 0.5) {
        const now = order.indexOf(ok(frostRisk({ ...night, stage, airC })).level);
        expect(now).toBeGreaterThanOrEqual(before);
        before = now;
      }
    }
    for (const row of frostCritical.rows)
      if (row.kill90C !== undefined) expect(row.kill90C).toBeLessThanOrEqual(row.kill10C);
  });
});
