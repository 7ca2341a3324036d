import { DAY, type Duration, type Instant } from '../../devices/index.ts';
import type { Life, LifeCurve, Scenario } from './life-curve.ts';
import { lifeAt } from './life-curve.ts';
import { type Answer, known, outside, refuse } from './result.ts';
import {
  type Accumulated,
  type GapRule,
  type Integrand,
  integrate,
  type Sample,
  type Window,
} from './series.ts';

/**
 * Used life: the integral of 1 / life(T(t)) (rate sum; Tijskens & Verdenius 2000, Agric. Systems 66:1-15). Along
 * a straight line between two samples ln(rate) is piecewise linear, so each piece is integrated exactly: how
 * densely a straight line is sampled changes nothing. Legs measured by different sensors are accumulated apart,
 * each with its accuracy, and their totals are added.
 */
export interface LifeUse {
  /** Fractions of a life used if the goods are of the best, the usual and the worst kind the figures allow. */
  best: number;
  point: number;
  worst: number;
  /** Time at or below the freezing point: no life may be claimed afterwards. */
  frozenMs: Duration;
  /** Time above the published range: the fractions are then lower bounds. */
  aboveRangeMs: Duration;
}

/** One scenario of a curve as flat arrays, shifted by the sensor accuracy: made once, read a million times. */
interface Rates {
  readonly atC: Float64Array;
  readonly ln: Float64Array;
  /** ln(rate) per degC above each knot; 0 above the last. */
  readonly slope: Float64Array;
}

function flatten(curve: LifeCurve, scenario: Scenario, shiftC: number): Rates {
  const atC = Float64Array.from(curve.knots, (knot) => knot.atC + shiftC);
  const ln = Float64Array.from(curve.knots, (knot) => knot[scenario]);
  const slope = new Float64Array(ln.length);
  for (let i = 0; i + 1 < ln.length; i++) {
    slope[i] = ((ln[i + 1] ?? 0) - (ln[i] ?? 0)) / ((atC[i + 1] ?? 0) - (atC[i] ?? 0));
  }
  return { atC, ln, slope };
}

/** Index of the piece a temperature is in: -1 below the first knot. */
function pieceOf(rates: Rates, t: number): number {
  let i = rates.atC.length - 1;
  while (i >= 0 && t < (rates.atC[i] ?? 0)) i--;
  return i;
}

function rateIn(rates: Rates, piece: number, t: number): number {
  if (piece < 0) return Math.exp(rates.ln[0] ?? 0);
  const slope = rates.slope[piece] ?? 0;
  const base = rates.ln[piece] ?? 0;
  // Above the last knot the slope is 0, and t may be infinite: anything was possible in a gap.
  return Math.exp(slope === 0 ? base : base + slope * (t - (rates.atC[piece] ?? 0)));
}

/** Mean of an exponential over a straight line inside one piece. */
function meanInPiece(rates: Rates, piece: number, from: number, to: number): number {
  const rate = rateIn(rates, piece, from);
  const x = piece < 0 ? 0 : (rates.slope[piece] ?? 0) * (to - from);
  // (e^x - 1)/x loses digits near 0 only through the division 0/0; expm1 keeps them otherwise.
  return x === 0 ? rate : rate * (Math.expm1(x) / x);
}

/** Below this a difference of temperatures is rounding: dividing by it would only amplify it. */
const TINY_C = 1e-12;

/** Mean rate, lives per day, while the temperature goes on a straight line. */
function meanRate(rates: Rates, from: number, to: number): number {
  const low = Math.min(from, to);
  const high = Math.max(from, to);
  const first = pieceOf(rates, low);
  const last = pieceOf(rates, high);
  if (first === last || high - low < TINY_C) return meanInPiece(rates, first, low, high);
  let sum = 0;
  let at = low;
  for (let piece = first; piece <= last; piece++) {
    const end = piece === last ? high : (rates.atC[piece + 1] ?? high);
    if (end > at) sum += meanInPiece(rates, piece, at, end) * (end - at);
    at = end;
  }
  return sum / (high - low);
}

function rateAt(rates: Rates, t: number): number {
  return rateIn(rates, pieceOf(rates, t), t);
}

/** Share of a straight line that lies at or below a limit. */
export function shareBelow(limit: number, from: number, to: number): number {
  if (from <= limit && to <= limit) return 1;
  if (from > limit && to > limit) return 0;
  return (limit - Math.min(from, to)) / Math.abs(to - from);
}

/**
 * The integrand of used life for one curve and one sensor.
 * @param accuracyC the sensor's accuracy, degC: best is read that much colder, worst that much warmer
 */
export function usedLife(curve: LifeCurve, accuracyC = 0): Integrand<LifeUse> {
  const best = flatten(curve, 'best', accuracyC);
  const point = flatten(curve, 'point', 0);
  const worst = flatten(curve, 'worst', -accuracyC);
  const { freezingC, maxC } = curve;
  return {
    zero: () => ({ best: 0, point: 0, worst: 0, frozenMs: 0, aboveRangeMs: 0 }),
    segment(totals, _startAt, ms, from, to) {
      const days = ms / DAY;
      totals.best += days * meanRate(best, from, to);
      totals.point += days * meanRate(point, from, to);
      totals.worst += days * meanRate(worst, from, to);
      if (freezingC !== undefined && (from <= freezingC || to <= freezingC)) {
        totals.frozenMs += ms * shareBelow(freezingC, from, to);
      }
      if (from > maxC || to > maxC) totals.aboveRangeMs += ms * (1 - shareBelow(maxC, from, to));
    },
    gap(totals, _startAt, ms, low, high, from, to) {
      const days = ms / DAY;
      totals.best += days * rateAt(best, low);
      totals.worst += days * rateAt(worst, high);
      // Without either end the usual case is the middle of what the rates allow, on their own (log) scale.
      totals.point +=
        days *
        (from === null || to === null
          ? Math.sqrt(rateAt(point, low) * rateAt(point, high))
          : meanRate(point, from, to));
    },
  };
}

/**
 * Used life of one leg in one pass.
 * @param samples product or air temperature, degC, in any order
 * @param gap when samples are too far apart, and between which temperatures the goods then were
 */
export function usedLifeOver(
  curve: LifeCurve,
  samples: readonly Sample[],
  gap: GapRule,
  accuracyC = 0,
  window: Window = {},
): Answer<Accumulated<LifeUse>> {
  const bad = outside(['accuracyC', accuracyC, 0, curve.maxC]);
  if (bad !== undefined) return bad;
  const integrated = integrate(usedLife(curve, accuracyC), samples, gap, window);
  return integrated.ok ? known(integrated.value, curve.citations) : integrated;
}

/** Adds the use of several legs. */
export function addUse(...legs: readonly LifeUse[]): LifeUse {
  const sum: LifeUse = { best: 0, point: 0, worst: 0, frozenMs: 0, aboveRangeMs: 0 };
  for (const leg of legs) {
    sum.best += leg.best;
    sum.point += leg.point;
    sum.worst += leg.worst;
    sum.frozenMs += leg.frozenMs;
    sum.aboveRangeMs += leg.aboveRangeMs;
  }
  return sum;
}

/**
 * Life that is left if the goods stay at a constant temperature, days; 0 when used up.
 * @returns refused after freezing or after time above the published range: nothing published covers it
 */
export function remainingLife(curve: LifeCurve, use: LifeUse, atC: number): Answer<Life> {
  if (use.frozenMs > 0) {
    return refuse('below_freezing', `the goods were at or below ${curve.freezingC} degC: no life is claimed`);
  }
  if (use.aboveRangeMs > 0) {
    return refuse('above_range', `the goods were above ${curve.maxC} degC, where no life is published`);
  }
  const life = lifeAt(curve, atC);
  if (!life.ok) return life;
  const left = (fraction: number) => Math.max(0, 1 - fraction);
  return known(
    {
      minDays: left(use.worst) * life.value.minDays,
      pointDays: left(use.point) * life.value.pointDays,
      maxDays: left(use.best) * life.value.maxDays,
    },
    curve.citations,
  );
}

/** Use between two instants of a series: the part of a window that a reason can be given for. */
export function useBetween(
  curve: LifeCurve,
  samples: readonly Sample[],
  gap: GapRule,
  from: Instant,
  to: Instant,
  accuracyC = 0,
): Answer<LifeUse> {
  const used = usedLifeOver(curve, samples, gap, accuracyC, { from, to });
  return used.ok ? known(used.value.totals, used.citations) : used;
}
