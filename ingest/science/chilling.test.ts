import { describe, expect, test } from 'vitest';
import { DAY, HOUR } from '../../devices/index.ts';
import { chillingExposure, injuryRows, timeToInjury } from './chilling.ts';
import { freezingExposure } from './freezing.ts';
import { published } from './products.ts';
import type { Sample } from './series.ts';
import { chillingDoses, chillingTimes, storageLife } from './tables.ts';

const gap = { longerThanMs: 2 * HOUR, low: 5, high: 20 };

function hold(atC: number, days: number): Sample[] {
  return Array.from({ length: Math.round(days * 24) + 1 }, (_, i) => ({ at: i * HOUR, value: atC }));
}

function product(id: string) {
  const found = published.products.get(id);
  if (found === undefined) throw new Error(id);
  return found;
}

describe('chilling', () => {
  test('a pepper at 5 degC for 14 days has 28 degC days, the dose at which injury is published', () => {
    const exposure = chillingExposure(product('pepper_sweet'), hold(5, 14), gap);
    if (!exposure.ok) throw new Error(exposure.detail);
    expect(exposure.value.doseCd?.point).toBeCloseTo(28, 9);
    expect(exposure.value.timeMs.point).toBe(14 * DAY);
    expect(exposure.value.longestMs).toBe(14 * DAY);
    expect(exposure.value.risk).toBe('latent');
    expect(exposure.value.doses.map((dose) => dose.reached)).toEqual(['yes', 'yes']);
  });

  test('each published dose follows from its own threshold, temperature and time', () => {
    for (const row of chillingDoses.rows.filter((r) => r.mark === 'CALC')) {
      const factors = /\(([\d.]+)-([\d.]+)\)\*\(?(\d+)(?:\.\.(\d+))?/.exec(row.derivation);
      if (factors === null) continue;
      const [, threshold, held, days, more] = factors.map(Number);
      expect((threshold! - held!) * days!).toBeCloseTo(row.minDoseCd, 1);
      if (more) expect((threshold! - held!) * more).toBeCloseTo(row.maxDoseCd, 1);
    }
  });

  test('a peach is worse off at 5 degC than at 0: time in its zone, not below a threshold', () => {
    const inside = chillingExposure(product('peach'), hold(5, 2), gap);
    const colder = chillingExposure(product('peach'), hold(0, 2), gap);
    expect(inside.ok && inside.value).toMatchObject({
      kind: 'zone',
      risk: 'latent',
      timeMs: { point: 2 * DAY },
    });
    expect(colder.ok && colder.value).toMatchObject({ kind: 'zone', risk: 'none', timeMs: { point: 0 } });
  });

  test('an inaccurate sensor at the threshold is a possible risk; broccoli is refused as not sensitive', () => {
    const near = chillingExposure(product('cucumber'), hold(10.2, 1), gap, 0.5);
    expect(near.ok && near.value.risk).toBe('possible');
    expect(chillingExposure(product('broccoli'), hold(0, 1), gap)).toMatchObject({
      ok: false,
      reason: 'no_figure',
    });
  });

  test('published times to injury rise with temperature in every variety that has two or more', () => {
    const groups = new Map<string, { atC: number; days: number }[]>();
    for (const id of published.products.keys()) {
      for (const row of injuryRows(id)) {
        // Only complete pairs of one criterion: two rows of one temperature are two criteria (avocado).
        const rows = groups.get(row.crop) ?? [];
        if (!rows.some((other) => other.atC === row.minC))
          rows.push({ atC: row.minC!, days: row.minDays ?? row.maxDays! });
        groups.set(row.crop, rows);
      }
    }
    const several = [...groups].filter(([, rows]) => rows.length > 1);
    expect(several.map(([crop]) => crop).sort()).toMatchInlineSnapshot(`
      [
        "Carambola",
        "Eggplant (American)",
        "Eggplant (Chinese)",
        "Eggplant (Japanese)",
        "Olive",
        "Pepper (green)",
        "Pumpkin / winter squash",
        "Snap bean",
        "Wax apple",
      ]
    `);
    for (const [crop, rows] of several) {
      const days = rows.toSorted((a, b) => a.atC - b.atC).map((row) => row.days);
      expect(days, crop).toEqual(days.toSorted((a, b) => a - b));
    }
  });

  test('the chilling-limited storage lives of AH-66 rise with temperature too: the reversed order', () => {
    const injury = storageLife.rows.filter(
      (row) => row.kind === 'chilling_limited' && /chilling|CI/.test(row.crop),
    );
    expect(injury.length).toBeGreaterThanOrEqual(6);
    for (const { crop, nodes } of injury) {
      const days = nodes.map((node) => node.minDays ?? node.maxDays!);
      expect(days, crop).toEqual(days.toSorted((a, b) => a - b));
    }
  });

  test('eggplant: 1 to 3 days at 0, 6 to 12 at 5 degC, between them in between, above 7.5 refused', () => {
    const at = (atC: number) => timeToInjury('eggplant', atC);
    expect(at(0)).toMatchObject({ ok: true, value: { minDays: 1, maxDays: 3, atMost: false } });
    expect(at(5)).toMatchObject({ ok: true, value: { minDays: 6, maxDays: 12 } });
    const between = at(6);
    expect(between.ok && between.value.minDays > 6 && between.value.minDays < 12).toBe(true);
    expect(at(9)).toMatchObject({ ok: false, reason: 'no_figure' });
    expect(at(-0.4)).toMatchObject({ ok: true, value: { atMost: true } });
    expect(timeToInjury('broccoli', 0)).toMatchObject({ ok: false, reason: 'no_figure' });
  });

  test('every row of the table names its page', () => {
    for (const row of chillingTimes.rows) expect(row.page, row.id).toBeTruthy();
  });
});

describe('freezing', () => {
  test('a lettuce cooled from 1 to -1 degC and back has one event with its length and coldest value', () => {
    const lettuce = product('lettuce_head');
    const limit = lettuce.freezing?.alarmC ?? 0;
    const series = [1, -1, 1].map((value, i): Sample => ({ at: i * HOUR, value }));
    const exposure = freezingExposure(lettuce, series, gap);
    if (!exposure.ok) throw new Error(exposure.detail);
    expect(exposure.value.events).toHaveLength(1);
    expect(exposure.value.events[0]).toMatchObject({ extreme: -1, open: false });
    expect(exposure.value.totalMs).toBeCloseTo(HOUR * (1 + limit), 3);
  });

  test('a product without a published freezing point is refused', () => {
    expect(freezingExposure(product('durian'), hold(-5, 1), gap)).toMatchObject({
      ok: false,
      reason: 'no_figure',
    });
  });
});
