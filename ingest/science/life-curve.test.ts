import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fixture } from './fixtures.ts';
import { ah66RateRatio, type LifeCurve, lifeAt, lifeCurve, lifeRange, lnRate } from './life-curve.ts';
import { published } from './products.ts';
import { type LifeSeries, q10Bands, storageLife } from './tables.ts';

interface Pair {
  id: string;
  crop: string;
  T1_C: number;
  life1_min_d?: number;
  life1_max_d?: number;
  T2_C: number;
  life2_min_d?: number;
  life2_max_d?: number;
}

const pairs = fixture<Pair[]>('storage-life-pairs');
const comparable = ['whole_fresh_same_condition', 'fresh_cut', 'treated_or_modified_atmosphere'];

function curveOf(id: string): LifeCurve {
  const curve = lifeCurve(published, id);
  if (!curve.ok) throw new Error(curve.detail);
  return curve.value;
}

/** A curve that knows only one node, as if the other temperature had never been published. */
function fromOneNode(atC: number, minDays: number | undefined, maxDays: number | undefined): LifeCurve {
  const node = { atC, ...(minDays ? { minDays } : {}), ...(maxDays ? { maxDays } : {}) };
  const series: LifeSeries = {
    id: 'one',
    crop: 'one',
    product: 'strawberry',
    kind: 'whole_fresh_same_condition',
    default: true,
    condition: '',
    nodes: [node],
    source: 'test',
    mark: 'READ',
  };
  const curve = lifeCurve(
    { products: published.products, series: new Map([['strawberry', [series]]]) },
    'strawberry',
  );
  if (!curve.ok) throw new Error(curve.detail);
  return { ...curve.value, freezingC: undefined };
}

function kindOf(pair: Pair): string[] {
  return storageLife.rows
    .filter(
      (series) =>
        series.crop === pair.crop &&
        [pair.T1_C, pair.T2_C].every((atC) => series.nodes.some((node) => node.atC === atC)),
    )
    .map((series) => series.kind);
}

/** The pair as cold and warm side. */
function sides(pair: Pair) {
  const one = { atC: pair.T1_C, min: pair.life1_min_d, max: pair.life1_max_d };
  const two = { atC: pair.T2_C, min: pair.life2_min_d, max: pair.life2_max_d };
  return one.atC < two.atC ? { cold: one, warm: two } : { cold: two, warm: one };
}

/**
 * Every pair whose warm life lies outside the interval predicted from the cold life alone. Each has its reason;
 * a new miss, or one that is no longer missed, fails the test.
 */
const knownMisses: Readonly<Record<string, string>> = {
  SP028: 'cherimoya at 20 degC ripens: the cold life is storage, the warm one is ripening',
  SP051:
    'peeled garlic: "2 to 3 weeks at 5 degC or below" is a plateau of a coarse statement (AH-66 contradiction X33)',
  SP052: 'ginseng: 25 degrees apart with Q10 1.55, a root that hardly responds (20 d against at most 17.6 d)',
  SP090: 'mushroom: 2 degC halves the life of 0.5 degC, other authors (X16: not kinetic)',
  SP130: 'taro: two practices, 18 weeks at 7-10 degC "must be eaten within 2 d of removal"',
  SP131: 'taro: the same cold practice',
  SP147: 'fresh-cut pepper: 9 d at 5 degC and 3 d at 10 degC, from "important loss of quality by"',
};

describe('published storage lives', () => {
  test('at least 90 % of the comparable pairs lie inside the interval that the colder life alone predicts', () => {
    const missed: string[] = [];
    let count = 0;
    for (const pair of pairs) {
      if (!kindOf(pair).some((kind) => comparable.includes(kind))) continue;
      count += 1;
      const { cold, warm } = sides(pair);
      const life = lifeAt(fromOneNode(cold.atC, cold.min, cold.max), warm.atC);
      if (!life.ok) throw new Error(life.detail);
      const observed = Math.sqrt((warm.min ?? warm.max ?? 0) * (warm.max ?? warm.min ?? 0));
      if (observed < life.value.minDays || observed > life.value.maxDays) missed.push(pair.id);
    }
    expect(count).toBe(81);
    expect(missed.sort()).toEqual(Object.keys(knownMisses).sort());
    expect((count - missed.length) / count).toBeGreaterThanOrEqual(0.9);
  });

  test('every pair that is not comparable is left out for a kind that says why', () => {
    const left = pairs.filter((pair) => !kindOf(pair).some((kind) => comparable.includes(kind)));
    const kinds = new Map<string, number>();
    for (const pair of left) {
      const kind = kindOf(pair)[0] ?? 'no node of its own';
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
    expect(Object.fromEntries(kinds)).toMatchInlineSnapshot(`
      {
        "chilling_limited": 21,
        "disorder_onset": 1,
        "dry_product": 14,
        "no node of its own": 2,
        "other_condition_differs": 19,
        "ripening_time": 2,
      }
    `);
    expect(left.length + 81).toBe(pairs.length);
  });

  test('each series reproduces every node it was made from', () => {
    for (const [id, all] of published.series) {
      for (const series of all) {
        const made = lifeCurve(published, id, { series: series.id });
        if (!made.ok) {
          expect(['inconsistent', 'no_figure']).toContain(made.reason);
          continue;
        }
        for (const node of series.nodes) {
          const range = lifeRange(node);
          const life = lifeAt({ ...made.value, freezingC: undefined }, node.atC);
          if (!life.ok || range === undefined) throw new Error(`${series.id} at ${node.atC}`);
          expect(life.value.minDays).toBeLessThanOrEqual(range.minDays * 1.000001);
          expect(life.value.maxDays).toBeLessThanOrEqual(range.maxDays * 1.000001);
        }
      }
    }
  });

  test('the Q10 intervals are the 15th to 85th percentile of the steps between neighbouring nodes', () => {
    for (const band of q10Bands.rows.filter((row) => row.pairs > 0)) {
      const steps: number[] = [];
      for (const series of storageLife.rows) {
        if (!(band.kind === 'dry' ? ['dry_product'] : comparable).includes(series.kind)) continue;
        for (let i = 1; i < series.nodes.length; i++) {
          const a = series.nodes[i - 1]!;
          const b = series.nodes[i]!;
          const middle = (a.atC + b.atC) / 2;
          if (middle <= band.fromC || middle > band.toC) continue;
          const usual = (n: typeof a) => Math.sqrt((n.minDays ?? n.maxDays!) * (n.maxDays ?? n.minDays!));
          steps.push((usual(a) / usual(b)) ** (10 / (b.atC - a.atC)));
        }
      }
      steps.sort((a, b) => a - b);
      const percentile = (share: number) => {
        const at = share * (steps.length - 1);
        const i = Math.floor(at);
        return steps[i]! + ((steps[i + 1] ?? steps[i]!) - steps[i]!) * (at - i);
      };
      expect(steps.length).toBe(band.pairs);
      expect(Math.max(1, percentile(0.15))).toBeCloseTo(band.low, 1);
      expect(percentile(0.85)).toBeCloseTo(band.high, 1);
      expect(band.low <= band.point && band.point <= band.high).toBe(true);
    }
  });

  test('the spread of a single number is the median of the printed ranges', () => {
    const ratios = [...published.products.values()]
      .flatMap(({ life }) =>
        life?.source === 'A' &&
        life.minDays !== undefined &&
        life.minDays < life.maxDays &&
        life.note === undefined
          ? [life.minDays / life.maxDays]
          : [],
      )
      .sort((a, b) => a - b);
    expect(ratios.length).toBeGreaterThan(85);
    expect(ratios[Math.floor(ratios.length / 2)]).toBeCloseTo(2 / 3, 2);
  });
});

describe('AH-66 Table 2', () => {
  const { q10_table: table } = fixture<{
    q10_table: { velocity: Record<string, number>; relative_shelf_life: Record<string, number> };
  }>('test-vectors');

  test('velocities 1, 3, 7.5, 15, 22.5 and relative lives 100, 33, 13, 7, 4 come out as printed', () => {
    for (const [atC, velocity] of Object.entries(table.velocity)) {
      const ratio = ah66RateRatio(0, Number(atC));
      if (!ratio.ok) throw new Error(ratio.detail);
      expect(ratio.value).toBeCloseTo(velocity, 9);
      expect(Math.round(100 / ratio.value)).toBe(table.relative_shelf_life[atC]);
    }
  });

  test('one day at 21 degC costs a McIntosh apple 7 to 10 days of cold storage (AH-66 p.179)', () => {
    const ratio = ah66RateRatio(0, 21);
    expect(ratio.ok && ratio.value).toBeCloseTo(8.0, 1);
  });

  test('41 degC is refused, not extrapolated', () => {
    expect(ah66RateRatio(0, 41)).toMatchObject({ ok: false, reason: 'out_of_range' });
  });
});

describe('life at a temperature', () => {
  const ids = [...published.products.values()].filter((p) => p.life !== undefined).map((p) => p.id);
  const anyCurve = fc.constantFrom(...ids).map(curveOf);

  test('warmer is never longer, and the interval always contains the usual value (all products)', () => {
    fc.assert(
      fc.property(
        anyCurve,
        fc.double({ min: -1, max: 40, noNaN: true }),
        fc.double({ min: 0, max: 20, noNaN: true }),
        (curve, atC, more) => {
          for (const scenario of ['best', 'point', 'worst'] as const) {
            expect(lnRate(curve, scenario, atC + more)).toBeGreaterThanOrEqual(lnRate(curve, scenario, atC));
          }
          expect(lnRate(curve, 'best', atC)).toBeLessThanOrEqual(lnRate(curve, 'point', atC));
          expect(lnRate(curve, 'point', atC)).toBeLessThanOrEqual(lnRate(curve, 'worst', atC));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('below the optimum the life is that of the optimum, at the freezing point it is refused', () => {
    const curve = curveOf('cauliflower');
    expect(lifeAt(curve, -0.5)).toEqual(lifeAt(curve, 0));
    expect(lifeAt(curve, -0.8)).toMatchObject({ ok: false, reason: 'below_freezing' });
    expect(lifeAt(curve, 41)).toMatchObject({ ok: false, reason: 'above_range' });
    expect(lifeAt(curve, Number.NaN)).toMatchObject({ ok: false, reason: 'not_a_number' });
  });

  test('a less accurate sensor never gives a narrower interval', () => {
    fc.assert(
      fc.property(
        anyCurve,
        fc.double({ min: 1, max: 30, noNaN: true }),
        fc.double({ min: 0, max: 2, noNaN: true }),
        fc.double({ min: 0, max: 2, noNaN: true }),
        (curve, atC, accuracyC, moreC) => {
          const exact = lifeAt(curve, atC, accuracyC);
          const rough = lifeAt(curve, atC, accuracyC + moreC);
          if (!exact.ok || !rough.ok) return;
          expect(rough.value.minDays).toBeLessThanOrEqual(exact.value.minDays);
          expect(rough.value.maxDays).toBeGreaterThanOrEqual(exact.value.maxDays);
        },
      ),
    );
  });

  test('the respiration response says that it is an assumption, and suspect series are refused', () => {
    const broccoli = lifeCurve(published, 'broccoli', { method: 'respiration' });
    expect(broccoli.ok && broccoli.value.notes.join()).toContain('AH-66 p.71');
    for (const id of ['carrot', 'radish_topped', 'radish_bunched']) {
      expect(lifeCurve(published, id, { method: 'respiration' })).toMatchObject({
        ok: false,
        reason: 'no_figure',
      });
    }
  });

  test('a recalled freezing point makes the answer unverified', () => {
    const strawberry = lifeCurve(published, 'strawberry');
    const cauliflower = lifeCurve(published, 'cauliflower');
    expect(strawberry.ok && strawberry.verified).toBe(false);
    expect(cauliflower.ok && cauliflower.verified).toBe(true);
  });

  test('a chilling-limited series is refused as a response to temperature', () => {
    expect(
      lifeCurve(published, 'eggplant', { series: 'eggplant_american_days_to_visible_ci_chilling_limited' }),
    ).toMatchObject({
      ok: false,
      reason: 'inconsistent',
    });
  });
});
