import { describe, expect, test } from 'vitest';
import { DAY, HOUR } from '../../devices/index.ts';
import { roomPlan } from './compatibility.ts';
import { fixture } from './fixtures.ts';
import { atmosphereState, ethyleneState } from './gases.ts';
import { published } from './products.ts';
import { co2Millilitres, respirationAt, respirationDryMatterLoss, respirationHeat } from './respiration.ts';
import { integrate } from './series.ts';
import { daysToWeightLimit, maxWeightLoss, waterLoss, waterLossPerDay, waterLossRate } from './water-loss.ts';

function product(id: string) {
  const found = published.products.get(id);
  if (found === undefined) throw new Error(id);
  return found;
}

describe('ethylene', () => {
  test('kiwifruit reacts to 5 ppb, and 1 ppm breaks its level as well as the one for any produce', () => {
    const low = ethyleneState(product('kiwifruit'), 0.005);
    const high = ethyleneState(product('kiwifruit'), 1);
    expect(low.ok && low.value.state).toBe('crop_level');
    expect(high.ok && high.value.reached.map((r) => r.scope)).toEqual(['any', 'any', 'crop']);
  });

  test('a crop without its own level is held against the figures for any produce', () => {
    const spinach = ethyleneState(product('spinach'), 0.05);
    expect(spinach.ok && spinach.value).toMatchObject({ state: 'any_produce', next: { ppm: 0.1 } });
    const none = ethyleneState(product('spinach'), 0.001);
    expect(none.ok && none.value.state).toBe('below');
    expect(ethyleneState(product('spinach'), -1)).toMatchObject({ ok: false, reason: 'out_of_range' });
  });
});

describe('oxygen and carbon dioxide', () => {
  test('lettuce at 3 % CO2 is injured, mushrooms below 1 % O2 are a botulinum risk', () => {
    const lettuce = atmosphereState(product('lettuce_head'), 2, 3);
    const mushroom = atmosphereState(product('mushroom_button'), 0.5, 10);
    expect(lettuce.ok && lettuce.value).toMatchObject({ o2: 'within', co2: 'injury' });
    expect(mushroom.ok && mushroom.value).toMatchObject({
      o2: 'injury',
      effects: ['risk of botulinum growth'],
    });
  });

  test('a crop without figures is refused', () => {
    expect(atmosphereState(product('kailan'), 21, 0.04)).toMatchObject({ ok: false, reason: 'no_figure' });
  });
});

describe('one room for several products', () => {
  test('apples and broccoli share 0 to 2 degC, with ethylene as the warning', () => {
    const plan = roomPlan([product('apple_fall'), product('broccoli')]);
    if (!plan.ok) throw new Error(plan.detail);
    expect(plan.value).toMatchObject({
      shareable: true,
      minC: 0,
      maxC: 2,
      minRhPct: 90,
      maxRhPct: 95,
      maxDays: 7,
    });
    expect(plan.value.conflicts.map((c) => c.kind)).toEqual(['ethylene']);
  });

  test('bananas and lettuce have no temperature in common', () => {
    const plan = roomPlan([product('banana_green'), product('lettuce_head')]);
    expect(plan.ok && plan.value.shareable).toBe(false);
    expect(plan.ok && plan.value.conflicts[0]?.kind).toBe('different_groups');
  });

  test('pomegranate is in the cold group of the chart but is chilled there: the contradiction is reported', () => {
    const plan = roomPlan([product('pomegranate')]);
    expect(plan.ok && plan.value.conflicts.map((c) => c.kind)).toContain('chilling');
  });

  test('a product outside the chart is refused', () => {
    expect(roomPlan([product('almond')])).toMatchObject({ ok: false, reason: 'no_figure' });
  });
});

describe('respiration', () => {
  const { respiration_heat_and_dm: vectors } = fixture<{
    respiration_heat_and_dm: {
      cases: { R_mg: number; pct_per_30d: number; dry_weight_loss_pct_per_h: number }[];
    };
  }>('test-vectors');

  test('an onion at 35 mg loses 0.0024 % per hour, 1.7 % in 30 days (AH-66 p.71)', () => {
    const [onion] = vectors.cases;
    const perHour = respirationDryMatterLoss(onion!.R_mg);
    expect(perHour.ok && perHour.value).toBeCloseTo(onion!.dry_weight_loss_pct_per_h, 4);
    // AH-66 multiplies its rounded 0.0024 by 720 h; unrounded it is 1.714.
    expect(perHour.ok && Number(perHour.value.toFixed(4)) * 720).toBeCloseTo(onion!.pct_per_30d, 2);
  });

  test('the printed conversions hold: 2.0, 1.9 and 1.8 mg per mL, 61 kcal per tonne and day', () => {
    for (const [atC, divisor] of [
      [0, 2],
      [10, 1.9],
      [20, 1.8],
    ] as const) {
      const ml = co2Millilitres(10, atC);
      expect(ml.ok && ml.value).toBeCloseTo(10 / divisor, 12);
    }
    const heat = respirationHeat(10);
    expect(heat.ok && heat.value).toBe(610);
  });

  test('respiration is the printed value at a printed temperature and refused outside the series', () => {
    const broccoli = product('broccoli');
    const at5 = respirationAt(broccoli, 5);
    expect(at5.ok && at5.value).toBeCloseTo(34, 9);
    expect(respirationAt(broccoli, 25)).toMatchObject({ ok: false, reason: 'out_of_range' });
    expect(respirationAt(product('carrot'), 5)).toMatchObject({ ok: false, reason: 'no_figure' });
  });
});

describe('water loss', () => {
  test('an apple at 61 Pa loses 0.022 % per day and reaches 5 % in 225 days, from a recalled coefficient', () => {
    const perDay = waterLossPerDay('apple_fall', 61);
    const days = daysToWeightLimit('apple_fall', 61.4);
    expect(perDay.ok && perDay.value).toBeCloseTo(0.0221, 4);
    expect(days.ok && days.value).toBeCloseTo(225, -1);
    expect(perDay.ok && perDay.verified).toBe(false);
  });

  test('above 300 Pa the linear law is refused, and in a series that time is counted apart', () => {
    expect(waterLossPerDay('lettuce_head', 301)).toMatchObject({ ok: false, reason: 'out_of_range' });
    const rate = waterLossRate('lettuce_head');
    if (!rate.ok) throw new Error(rate.detail);
    const ramp = [
      { at: 0, value: 0 },
      { at: DAY, value: 600 },
    ];
    const lost = integrate(waterLoss(rate.value), ramp, { longerThanMs: 2 * DAY, low: 0, high: 600 });
    if (!lost.ok) throw new Error(lost.detail);
    expect(lost.value.totals.beyondLawMs).toBeCloseTo(DAY / 2, 3);
    expect(lost.value.totals.point).toBeCloseTo(rate.value * 225, 9);
  });

  test('condensing air loses nothing; a gap spans its bounds', () => {
    const wet = waterLossPerDay('apple_fall', -50);
    expect(wet.ok && wet.value).toBe(0);
    const far = [
      { at: 0, value: 100 },
      { at: DAY, value: 100 },
    ];
    const lost = integrate(waterLoss(1), far, { longerThanMs: HOUR, low: 0, high: 200 });
    expect(lost.ok && lost.value.totals).toMatchObject({ best: 0, point: 100, worst: 200 });
  });

  test('limits: sweet corn 2 %, pepper the stricter 2 %, a crop without its own 5 %', () => {
    for (const [id, pct] of [
      ['sweet_corn', 2],
      ['pepper_sweet', 2],
      ['okra', 5],
    ] as const) {
      const limit = maxWeightLoss(id);
      expect(limit.ok && limit.value).toBe(pct);
    }
    expect(waterLossPerDay('okra', 50)).toMatchObject({ ok: false, reason: 'no_figure' });
  });
});
