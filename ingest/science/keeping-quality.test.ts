import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../devices/index.ts';
import { degreeTime, degreeTimeOver, eventsBelowOver } from './degree-hours.ts';
import {
  addUse,
  type LifeUse,
  remainingLife,
  useBetween,
  usedLife,
  usedLifeOver,
} from './keeping-quality.ts';
import { type LifeCurve, lifeAt, lifeCurve } from './life-curve.ts';
import { published } from './products.ts';
import {
  type Accumulated,
  begin,
  coverage,
  finish,
  type GapRule,
  integrate,
  push,
  type Sample,
} from './series.ts';

function curveOf(id: string): LifeCurve {
  const curve = lifeCurve(published, id);
  if (!curve.ok) throw new Error(curve.detail);
  return curve.value;
}

const broccoli = curveOf('broccoli');
const gap: GapRule = { longerThanMs: 2 * HOUR, low: 0, high: 35 };

function use(samples: readonly Sample[], accuracyC = 0, rule = gap, curve = broccoli): LifeUse {
  const used = usedLifeOver(curve, samples, rule, accuracyC);
  if (!used.ok) throw new Error(used.detail);
  return used.value.totals;
}

const temperature = fc.double({ min: 0.5, max: 34, noNaN: true });
/** A series with steps of 1 to 60 minutes: no gaps. */
const dense = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 60 }), temperature), { minLength: 2, maxLength: 60 })
  .map((steps) => {
    let at = 0;
    return steps.map(([minutes, value]): Sample => {
      at += minutes * MINUTE;
      return { at, value };
    });
  });
const scenarios = ['best', 'point', 'worst'] as const;

describe('used life', () => {
  test('a constant temperature uses time over life, to 1e-12', () => {
    for (const atC of [-0.3, 0, 3, 7.5, 12, 25, 39]) {
      const life = lifeAt(broccoli, atC);
      if (!life.ok) throw new Error(life.detail);
      const used = use([
        { at: 0, value: atC },
        { at: HOUR, value: atC },
      ]);
      expect(used.point).toBeCloseTo(1 / 24 / life.value.pointDays, 12);
      expect(used.best).toBeCloseTo(1 / 24 / life.value.maxDays, 12);
      expect(used.worst).toBeCloseTo(1 / 24 / life.value.minDays, 12);
    }
  });

  test('a ramp through four bands equals a fine numerical integral to 1e-6', () => {
    const steps = 40_000;
    let sum = 0;
    for (let i = 0; i < steps; i++) {
      const life = lifeAt(broccoli, (35 * (i + 0.5)) / steps);
      if (life.ok) sum += 1 / 24 / life.value.pointDays / steps;
    }
    expect(
      use([
        { at: 0, value: 0 },
        { at: HOUR, value: 35 },
      ]).point / sum,
    ).toBeCloseTo(1, 6);
  });

  test('the interval contains the usual value, for every product and any series', () => {
    const ids = [...published.products.values()].filter((p) => p.life !== undefined).map((p) => p.id);
    fc.assert(
      fc.property(
        fc.constantFrom(...ids),
        dense,
        fc.double({ min: 0, max: 2, noNaN: true }),
        (id, samples, a) => {
          const used = use(samples, a, { ...gap, longerThanMs: 30 * MINUTE }, curveOf(id));
          expect(used.best).toBeLessThanOrEqual(used.point * (1 + 1e-12));
          expect(used.point).toBeLessThanOrEqual(used.worst * (1 + 1e-12));
        },
      ),
    );
  });

  test('a warmer history never uses less, in any of the three cases', () => {
    fc.assert(
      fc.property(
        dense,
        fc.array(fc.double({ min: 0, max: 5, noNaN: true }), { minLength: 60, maxLength: 60 }),
        (samples, more) => {
          const cold = use(samples);
          const warm = use(samples.map((s, i) => ({ at: s.at, value: s.value + (more[i] ?? 0) })));
          for (const scenario of scenarios)
            expect(warm[scenario]).toBeGreaterThanOrEqual(cold[scenario] * (1 - 1e-12));
        },
      ),
    );
  });

  test('windows that touch add up to the window that spans them, gaps included, to 1e-9', () => {
    fc.assert(
      fc.property(
        dense,
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.boolean(),
        (samples, share, gappy) => {
          const rule = gappy ? { ...gap, longerThanMs: 20 * MINUTE } : gap;
          const first = samples[0]!.at;
          const last = samples.at(-1)!.at;
          const cut = Math.round(first + share * (last - first));
          const a = useBetween(broccoli, samples, rule, first, cut, 0.5);
          const b = useBetween(broccoli, samples, rule, cut, last, 0.5);
          if (!a.ok || !b.ok) throw new Error('refused');
          const sum = addUse(a.value, b.value);
          const whole = use(samples, 0.5, rule);
          // In a gap the point value is the line through it and the edges are the rule's own: both are additive.
          for (const scenario of scenarios)
            expect(Math.abs(sum[scenario] - whole[scenario])).toBeLessThan(1e-9);
        },
      ),
    );
  });

  test('samples on the straight line between two others change nothing (1e-9)', () => {
    fc.assert(
      fc.property(dense, fc.integer({ min: 2, max: 20 }), (samples, parts) => {
        const denser = samples.flatMap((s, i): Sample[] => {
          const next = samples[i + 1];
          if (next === undefined) return [s];
          return Array.from({ length: parts }, (_, k) => ({
            at: s.at + ((next.at - s.at) * k) / parts,
            value: s.value + ((next.value - s.value) * k) / parts,
          }));
        });
        const a = use(samples, 0.3);
        const b = use(denser, 0.3);
        for (const scenario of scenarios) expect(Math.abs(a[scenario] - b[scenario])).toBeLessThan(1e-9);
      }),
    );
  });

  test('the order in which samples arrive changes nothing at all', () => {
    fc.assert(
      fc.property(dense, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (samples, keys) => {
        const shuffled = samples
          .map((sample) => ({ sample, key: keys.next().value }))
          .sort((a, b) => a.key - b.key)
          .map(({ sample }) => sample);
        expect(use(shuffled)).toEqual(use(samples));
      }),
    );
  });

  test('losing samples never narrows the interval: each gap takes best and worst of what was possible', () => {
    const minutes = 60;
    const fine = fc.array(temperature, { minLength: 20, maxLength: 60 });
    fc.assert(
      fc.property(
        fine,
        fc.integer({ min: 0, max: 15 }),
        fc.integer({ min: 3, max: 12 }),
        (values, start, length) => {
          fc.pre(start + length < values.length);
          const samples = values.map((value, i): Sample => ({ at: i * minutes * MINUTE, value }));
          const lost = samples.filter((_, i) => i <= start || i >= start + length);
          const full = use(samples, 0.2);
          const gappy = use(lost, 0.2);
          expect(gappy.best).toBeLessThanOrEqual(full.best + 1e-12);
          expect(gappy.worst).toBeGreaterThanOrEqual(full.worst - 1e-12);
        },
      ),
    );
  });

  test('without any sample the whole time is a gap: coverage 0, an interval from best to worst', () => {
    const used = usedLifeOver(broccoli, [], gap, 0, { from: 0, to: DAY });
    if (!used.ok) throw new Error(used.detail);
    expect(coverage(used.value)).toBe(0);
    expect(used.value.totals.best).toBeLessThan(used.value.totals.point);
    expect(used.value.totals.point).toBeLessThan(used.value.totals.worst);
  });

  test('a gap in which anything was possible spans the whole curve, and stays finite', () => {
    const samples = [
      { at: 0, value: 5 },
      { at: DAY, value: 5 },
    ];
    const anything = { longerThanMs: HOUR, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
    const used = use(samples, 0, anything);
    const coldest = lifeAt(broccoli, 0);
    const warmest = lifeAt(broccoli, 40);
    if (!coldest.ok || !warmest.ok) throw new Error('refused');
    expect(used.best).toBeCloseTo(1 / coldest.value.maxDays, 9);
    expect(used.worst).toBeCloseTo(1 / warmest.value.minDays, 9);
  });

  test('time at the freezing point ends every claim; time above 40 degC too', () => {
    const frozen = use([
      { at: 0, value: 1 },
      { at: HOUR, value: -3 },
    ]);
    expect(frozen.frozenMs).toBeGreaterThan(0);
    expect(remainingLife(broccoli, frozen, 0)).toMatchObject({ ok: false, reason: 'below_freezing' });
    const hot = use([
      { at: 0, value: 38 },
      { at: HOUR, value: 42 },
    ]);
    expect(hot.aboveRangeMs).toBeCloseTo(HOUR / 2, 6);
    expect(remainingLife(broccoli, hot, 0)).toMatchObject({ ok: false, reason: 'above_range' });
  });

  test('what is left after half a life at 0 degC is half a life, as an interval', () => {
    const life = lifeAt(broccoli, 0);
    if (!life.ok) throw new Error(life.detail);
    const half = Array.from(
      { length: Math.round(life.value.pointDays * 12) + 1 },
      (_, i): Sample => ({ at: i * HOUR, value: 0 }),
    );
    const left = remainingLife(broccoli, use(half), 0);
    if (!left.ok) throw new Error(left.detail);
    expect(left.value.pointDays).toBeCloseTo(life.value.pointDays / 2, 1);
    expect(left.value.minDays).toBeLessThan(left.value.pointDays);
    expect(left.value.maxDays).toBeGreaterThan(left.value.pointDays);
  });
});

describe('sample by sample', () => {
  test('with the state stored and read back at any moment, the result is that of one pass (1e-9)', () => {
    const rule = { ...gap, longerThanMs: 30 * MINUTE };
    const life = usedLife(broccoli, 0.4);
    const heat = degreeTime('above', 8, 0.4);
    fc.assert(
      fc.property(dense, fc.integer({ min: 1, max: 59 }), (samples, storedAfter) => {
        let a: Accumulated<LifeUse> = begin(life);
        let b = begin(heat);
        samples.forEach((sample, i) => {
          expect(push(life, a, rule, sample.at, sample.value)).toBe('taken');
          push(heat, b, rule, sample.at, sample.value);
          if (i === storedAfter) {
            a = JSON.parse(JSON.stringify(a));
            b = JSON.parse(JSON.stringify(b));
          }
        });
        const onePass = integrate(life, samples, rule);
        const heatPass = integrate(heat, samples, rule);
        if (!onePass.ok || !heatPass.ok) throw new Error('refused');
        for (const scenario of scenarios) {
          expect(Math.abs(a.totals[scenario] - onePass.value.totals[scenario])).toBeLessThan(1e-9);
          expect(Math.abs(b.totals[scenario] - heatPass.value.totals[scenario])).toBeLessThan(1e-9);
        }
        expect(a.gaps).toBe(onePass.value.gaps);
        expect(a.coveredMs).toBe(onePass.value.coveredMs);
      }),
    );
  });

  test('an older sample is not taken, a broken one neither, and both leave the state as it was', () => {
    const life = usedLife(broccoli);
    const state = begin(life);
    push(life, state, gap, HOUR, 5);
    const before = structuredClone(state);
    expect(push(life, state, gap, 0, 5)).toBe('out_of_order');
    expect(push(life, state, gap, 2 * HOUR, Number.NaN)).toBe('not_a_number');
    expect(state).toEqual(before);
  });

  test('beginning and end are accounted for: held when near, a gap when far', () => {
    const life = usedLife(broccoli);
    const state = begin(life, 0);
    push(life, state, gap, HOUR, 5);
    const near = finish(life, state, gap, 2 * HOUR);
    const far = finish(life, state, gap, DAY);
    expect(near).toMatchObject({ coveredMs: 2 * HOUR, gaps: 0 });
    expect(far).toMatchObject({ coveredMs: HOUR, gaps: 1, gapMs: 23 * HOUR });
    expect(far.totals.worst).toBeGreaterThan(near.totals.worst);
  });
});

describe('degree-hours and events', () => {
  test('a ramp from 4 to 12 degC in 2 h is 2 degree-hours above 8, one hour above', () => {
    const ramp = [
      { at: 0, value: 4 },
      { at: 2 * HOUR, value: 12 },
    ];
    const above = degreeTimeOver('above', 8, ramp, gap);
    const below = degreeTimeOver('below', 8, ramp, gap);
    if (!above.ok || !below.ok) throw new Error('refused');
    expect(above.value.totals.point).toBeCloseTo(2, 12);
    expect(above.value.totals.pointMs).toBeCloseTo(HOUR, 6);
    expect(below.value.totals.point).toBeCloseTo(2, 12);
    expect(above.value.totals.longestMs).toBeCloseTo(HOUR, 6);
  });

  test('above minus below is the mean distance from the threshold (any series)', () => {
    fc.assert(
      fc.property(dense, fc.double({ min: 0, max: 30, noNaN: true }), (samples, threshold) => {
        const above = degreeTimeOver('above', threshold, samples, gap);
        const below = degreeTimeOver('below', threshold, samples, gap);
        if (!above.ok || !below.ok) throw new Error('refused');
        let sum = 0;
        for (let i = 1; i < samples.length; i++) {
          const a = samples[i - 1]!;
          const b = samples[i]!;
          sum += ((b.at - a.at) / HOUR) * ((a.value + b.value) / 2 - threshold);
        }
        expect(above.value.totals.point - below.value.totals.point).toBeCloseTo(sum, 9);
        expect(above.value.totals.best).toBeLessThanOrEqual(above.value.totals.point);
        expect(above.value.totals.point).toBeLessThanOrEqual(above.value.totals.worst);
      }),
    );
  });

  test('an event below a limit has its crossings between the samples, its coldest value and its length', () => {
    const series = [2, 0, -2, -2, 2, 3].map((value, i): Sample => ({ at: i * HOUR, value }));
    const events = eventsBelowOver(-1, series, gap);
    if (!events.ok) throw new Error(events.detail);
    expect(events.value.list).toEqual([{ from: 1.5 * HOUR, to: 3.25 * HOUR, extreme: -2, open: false }]);
    expect(events.value.totalMs).toBe(1.75 * HOUR);
  });

  test('the list of events stops at 100 and the rest is counted', () => {
    const series = Array.from(
      { length: 301 },
      (_, i): Sample => ({ at: i * HOUR, value: i % 2 === 0 ? 1 : -1 }),
    );
    const events = eventsBelowOver(0, series, gap);
    if (!events.ok) throw new Error(events.detail);
    expect(events.value.list).toHaveLength(100);
    expect(events.value.dropped).toBe(50);
  });
});
