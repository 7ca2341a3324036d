import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { adjustedKc, cropKc, kcOnDay, stagesOf } from './crop-coefficient.ts';
import { cropCoefficients, cropStages, rootZones } from './field-tables.ts';
import { fixture } from './fixtures.ts';
import { irrigationAdvice } from './irrigation.ts';
import type { Answer } from './result.ts';
import {
  availableWater,
  depletionFromProbes,
  depletionFromRelative,
  relativeDepletion,
  rootZone,
  soilFromTexture,
  stressCoefficient,
  waterBalance,
} from './soil.ts';

function ok<T>(answer: Answer<T>): T {
  if (!answer.ok) throw new Error(answer.detail);
  return answer.value;
}

const vectors = fixture<{
  taw_raw: {
    cases: {
      FC: number;
      WP: number;
      Zr_m: number;
      p22: number;
      ETc: number;
      TAW: number;
      p: number;
      RAW: number;
      Dr?: number;
      Ks?: number;
    }[];
  };
  saxton_rawls_2006: {
    cases: { S: number; C: number; WP: number; FC: number; SAT: number; Ks_mm_h: number }[];
  };
}>('test-vectors');

describe('soil texture', () => {
  interface Texture {
    texture: string;
    sand_pct: number;
    clay_pct: number;
    SR2006_WP_pctv: number;
    SR2006_FC_pctv: number;
    SR2006_SAT_pctv: number;
    SR2006_Ksat_mm_h: number;
  }
  const textures = fixture<Texture[]>('soil-textures');

  test.each(textures)('$texture is as Saxton & Rawls print it in table 3', (row) => {
    const soil = ok(soilFromTexture(row.sand_pct, row.clay_pct));
    expect(Math.round(soil.wiltingPct)).toBe(row.SR2006_WP_pctv);
    expect(Math.round(soil.fieldCapacityPct)).toBe(row.SR2006_FC_pctv);
    expect(Math.round(soil.saturationPct)).toBe(row.SR2006_SAT_pctv);
    expect(soil.conductivityMmH).toBeCloseTo(row.SR2006_Ksat_mm_h, 0);
  });

  test('there are 12 textures, and the four-digit vectors agree to 1e-4', () => {
    expect(textures).toHaveLength(12);
    for (const { S, C, WP, FC, SAT, Ks_mm_h } of vectors.saxton_rawls_2006.cases) {
      const soil = ok(soilFromTexture(100 * S, 100 * C));
      expect(soil.wiltingPct / 100).toBeCloseTo(WP, 3);
      expect(soil.fieldCapacityPct / 100).toBeCloseTo(FC, 3);
      expect(soil.saturationPct / 100).toBeCloseTo(SAT, 3);
      expect(soil.conductivityMmH / Ks_mm_h).toBeCloseTo(1, 2);
    }
  });

  test('70 % clay, 12 % organic matter and 120 % of soil are refused; the validity is marked as recalled', () => {
    expect(soilFromTexture(10, 70)).toMatchObject({ ok: false, reason: 'out_of_range' });
    expect(soilFromTexture(40, 20, 12)).toMatchObject({ ok: false, reason: 'out_of_range' });
    expect(soilFromTexture(70, 50)).toMatchObject({ ok: false, reason: 'inconsistent' });
    const loam = soilFromTexture(40, 20);
    expect(loam.ok && loam.verified).toBe(false);
  });
});

describe('water in the root zone', () => {
  test.each(vectors.taw_raw.cases)('TAW $TAW mm, p $p, RAW $RAW mm', (row) => {
    const soil = { wiltingPct: 100 * row.WP, fieldCapacityPct: 100 * row.FC };
    const water = ok(availableWater(soil, row.Zr_m, row.p22, row.ETc));
    expect(water.totalMm).toBeCloseTo(row.TAW, 6);
    expect(water.p).toBeCloseTo(row.p, 9);
    expect(water.readilyMm).toBeCloseTo(row.RAW, 6);
    if (row.Dr !== undefined) expect(stressCoefficient(row.Dr, water)).toBeCloseTo(row.Ks!, 4);
  });

  test('one probe stands for the whole root zone and says so; a second one halves the assumption', () => {
    const one = ok(depletionFromProbes([{ depthM: 0.2, moisturePct: 20 }], 28, 0.6));
    const two = ok(
      depletionFromProbes(
        [
          { depthM: 0.4, moisturePct: 24 },
          { depthM: 0.2, moisturePct: 20 },
        ],
        28,
        0.6,
      ),
    );
    expect(one).toEqual({
      depletionMm: expect.closeTo(48, 9),
      method: 'probes',
      assumedShare: expect.closeTo(2 / 3, 9),
    });
    expect(two.depletionMm).toBeCloseTo(10 * (8 * 0.3 + 4 * 0.3), 9);
    expect(two.assumedShare).toBeCloseTo(1 / 3, 9);
  });

  test('a layer above field capacity does not make up for a dry one', () => {
    const wetBelow = ok(
      depletionFromProbes(
        [
          { depthM: 0.2, moisturePct: 20 },
          { depthM: 0.4, moisturePct: 40 },
        ],
        28,
        0.6,
      ),
    );
    expect(wetBelow.depletionMm).toBeCloseTo(24, 9);
  });

  test('a relative probe works between its own drained and driest reading, not before it has seen both', () => {
    const site = { drainedPct: 42, driestPct: 22 };
    expect(ok(relativeDepletion(32, site))).toBeCloseTo(0.5, 12);
    expect(ok(relativeDepletion(60, site))).toBe(0);
    expect(relativeDepletion(32, { drainedPct: 33, driestPct: 31 })).toMatchObject({
      ok: false,
      reason: 'inconsistent',
    });
    const depletion = ok(depletionFromRelative([{ depthM: 0.3, moisturePct: 32, site }], 84, 0.6));
    expect(depletion).toMatchObject({ depletionMm: expect.closeTo(42, 9), method: 'site-calibrated' });
  });

  test('the balance keeps every mm: depletion after + rain + irrigation = depletion before + ET + drainage', () => {
    const water = { totalMm: 84, readilyMm: 30, p: 0.36 };
    const mm = fc.double({ min: 0, max: 15, noNaN: true });
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 60, noNaN: true }),
        mm,
        mm,
        mm,
        (before, rainMm, irrigationMm, etcMm) => {
          const day = ok(waterBalance(before, { rainMm, irrigationMm, etcMm }, water));
          expect(day.depletionMm + rainMm + irrigationMm).toBeCloseTo(
            before + day.etActualMm + day.drainageMm,
            9,
          );
          expect(day.depletionMm).toBeGreaterThanOrEqual(0);
          expect(day.stress).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  test('roots and p of table 22 are found by name', () => {
    expect(rootZones.rows).toHaveLength(104);
    expect(ok(rootZone('Broccoli'))).toEqual({ minRootM: 0.4, maxRootM: 0.6, p: 0.45 });
    expect(rootZone('unobtainium')).toMatchObject({ ok: false, reason: 'no_figure' });
  });
});

describe('crop coefficients', () => {
  test('tables 11 and 12 are complete: 167 stage rows, 137 coefficient rows', () => {
    expect(cropStages.rows).toHaveLength(167);
    expect(cropCoefficients.rows).toHaveLength(137);
  });

  test('broccoli: 0.7 for 35 days, on a line to 1.05 by day 80, 0.95 at the end', () => {
    const at = (day: number) => ok(cropKc('broccoli', day));
    expect(at(0)).toEqual({ kc: 0.7, stage: 'initial' });
    expect(at(35 + 22.5)).toEqual({ kc: expect.closeTo(0.875, 9), stage: 'development' });
    expect(at(100)).toEqual({ kc: 1.05, stage: 'mid' });
    expect(at(134.999).kc).toBeCloseTo(0.95, 3);
    expect(at(200)).toEqual({ kc: 0.95, stage: 'over' });
    expect(ok(stagesOf('broccoli'))[0]).toMatchObject({ iniDays: 35, region: 'california desert usa' });
  });

  test('Kc never jumps: neighbouring days differ by less than 0.1', () => {
    const stages = { iniDays: 20, devDays: 30, midDays: 40, lateDays: 20 };
    let before = 0.3;
    for (let day = 0; day < 130; day++) {
      const { kc } = ok(kcOnDay(stages, { ini: 0.3, mid: 1.15, end: 0.4 }, day));
      expect(Math.abs(kc - before)).toBeLessThan(0.1);
      before = kc;
    }
  });

  test('windy and dry raises Kc, at 2 m/s and 45 % it is the table', () => {
    expect(ok(adjustedKc(1.2, 2, { windMs: 2, rhMinPct: 45 }))).toBeCloseTo(1.2, 12);
    expect(ok(adjustedKc(1.2, 2, { windMs: 4, rhMinPct: 25 }))).toBeGreaterThan(1.3);
    expect(cropKc('open water < 2 m depth or in subhumid climates or tropics', 10).ok).toBe(false);
  });
});

describe('irrigation advice', () => {
  const water = { totalMm: 84, readilyMm: 30, p: 0.36 };
  const dry = [
    { etcMm: 6, rainMm: 0 },
    { etcMm: 6, rainMm: 0 },
    { etcMm: 6, rainMm: 0 },
  ];
  const base = { water, forecast: dry, efficiency: 0.8 };

  test('at 32 of 30 mm: now, 32 mm net, 40 mm to give', () => {
    expect(ok(irrigationAdvice({ ...base, depletionMm: 32 }))).toMatchObject({
      when: 'now',
      inDays: 0,
      netMm: 32,
      grossMm: 40,
      reasons: ['readily_available_water_used'],
    });
  });

  test('at 20 mm with 6 mm a day: in 2 days, 32 mm', () => {
    expect(ok(irrigationAdvice({ ...base, depletionMm: 20 }))).toMatchObject({
      when: 'within_days',
      inDays: 2,
      netMm: expect.closeTo(32, 9),
      reasons: ['reached_within_forecast'],
    });
  });

  test('rain that is expected leaves room for it, or makes it unnecessary', () => {
    const some = [
      { etcMm: 6, rainMm: 0 },
      { etcMm: 6, rainMm: 8 },
      { etcMm: 6, rainMm: 0 },
    ];
    const much = [
      { etcMm: 4, rainMm: 25 },
      { etcMm: 4, rainMm: 0 },
      { etcMm: 4, rainMm: 0 },
    ];
    expect(ok(irrigationAdvice({ ...base, forecast: some, depletionMm: 32 }))).toMatchObject({
      when: 'now',
      netMm: expect.closeTo(0.8 * 32, 9),
      reasons: ['readily_available_water_used', 'rain_expected'],
    });
    expect(ok(irrigationAdvice({ ...base, forecast: much, depletionMm: 20 }))).toMatchObject({
      when: 'not_yet',
      reasons: ['enough_water', 'rain_expected'],
    });
  });

  test('two probes that contradict the balance: inspect, no amount', () => {
    const advice = ok(
      irrigationAdvice({ ...base, depletionMm: 32, balanceChange: 5, probeChanges: [-3, -4] }),
    );
    expect(advice).toMatchObject({ when: 'inspect', netMm: 0, reasons: ['balance_and_probes_disagree'] });
    const single = ok(irrigationAdvice({ ...base, depletionMm: 32, balanceChange: 5, probeChanges: [-3] }));
    expect(single.when).toBe('now');
  });

  test('more depletion never means later or less water', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 80, noNaN: true }),
        fc.double({ min: 0, max: 4, noNaN: true }),
        (depletionMm, more) => {
          const a = ok(irrigationAdvice({ ...base, depletionMm }));
          const b = ok(irrigationAdvice({ ...base, depletionMm: depletionMm + more }));
          expect(b.inDays ?? 99).toBeLessThanOrEqual(a.inDays ?? 99);
          // Advised later, the amount is the one for that day: compare advice for the same day only.
          if (a.inDays === b.inDays) expect(b.netMm).toBeGreaterThanOrEqual(a.netMm - 1e-9);
        },
      ),
    );
  });
});
