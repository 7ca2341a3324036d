import { DAY, type Duration, HOUR, type Instant } from '../../devices/index.ts';
import { type Answer, known } from './result.ts';
import {
  type Accumulated,
  type GapRule,
  type Integrand,
  integrate,
  type Sample,
  type Window,
} from './series.ts';

/**
 * Degree-hours above or below a threshold: the integral of the distance beyond it, and the time beyond it. Exact
 * for straight lines between samples. In a gap the best case is the edge of the rule that lies on the good side.
 */
export interface DegreeTime {
  /** degC times hours. */
  best: number;
  point: number;
  worst: number;
  bestMs: Duration;
  pointMs: Duration;
  worstMs: Duration;
  /** The longest unbroken time beyond the threshold (point values), and the one still running. */
  longestMs: Duration;
  runningMs: Duration;
}

export type Side = 'above' | 'below';

/** Mean distance above 0 of a straight line, and the share of it above 0. */
function beyondZero(from: number, to: number): { mean: number; share: number } {
  if (from <= 0 && to <= 0) return { mean: 0, share: 0 };
  if (from >= 0 && to >= 0) return { mean: (from + to) / 2, share: 1 };
  const top = Math.max(from, to);
  const share = top / Math.abs(to - from);
  return { mean: (top * share) / 2, share };
}

function addRun(totals: DegreeTime, ms: Duration, from: number, to: number, share: number): void {
  if (share === 1) totals.runningMs += ms;
  else if (share === 0) totals.runningMs = 0;
  else if (from > to) {
    totals.longestMs = Math.max(totals.longestMs, totals.runningMs + ms * share);
    totals.runningMs = 0;
  } else totals.runningMs = ms * share;
  totals.longestMs = Math.max(totals.longestMs, totals.runningMs);
}

/**
 * The integrand of degree-hours.
 * @param accuracyC the sensor's accuracy: worst is read that much further on the bad side
 */
export function degreeTime(side: Side, thresholdC: number, accuracyC = 0): Integrand<DegreeTime> {
  const sign = side === 'above' ? 1 : -1;
  const distance = (value: number): number => sign * (value - thresholdC);
  return {
    zero: () => ({
      best: 0,
      point: 0,
      worst: 0,
      bestMs: 0,
      pointMs: 0,
      worstMs: 0,
      longestMs: 0,
      runningMs: 0,
    }),
    segment(totals, _startAt, ms, from, to) {
      const a = distance(from);
      const b = distance(to);
      const hours = ms / HOUR;
      const point = beyondZero(a, b);
      const best = accuracyC === 0 ? point : beyondZero(a - accuracyC, b - accuracyC);
      const worst = accuracyC === 0 ? point : beyondZero(a + accuracyC, b + accuracyC);
      totals.best += hours * best.mean;
      totals.point += hours * point.mean;
      totals.worst += hours * worst.mean;
      totals.bestMs += ms * best.share;
      totals.pointMs += ms * point.share;
      totals.worstMs += ms * worst.share;
      addRun(totals, ms, a, b, point.share);
    },
    gap(totals, _startAt, ms, low, high, from, to) {
      const hours = ms / HOUR;
      const good = (sign > 0 ? distance(low) : distance(high)) - accuracyC;
      const bad = (sign > 0 ? distance(high) : distance(low)) + accuracyC;
      const point =
        from === null || to === null
          ? beyondZero(distance((low + high) / 2), distance((low + high) / 2))
          : beyondZero(distance(from), distance(to));
      totals.best += hours * Math.max(0, good);
      totals.point += hours * point.mean;
      totals.worst += hours * Math.max(0, bad);
      totals.bestMs += good > 0 ? ms : 0;
      totals.pointMs += ms * point.share;
      totals.worstMs += bad > 0 ? ms : 0;
      // Whether the run goes on through a gap is not known: it is not claimed.
      totals.runningMs = 0;
    },
  };
}

/** Degree-hours of a series in one pass. */
export function degreeTimeOver(
  side: Side,
  thresholdC: number,
  samples: readonly Sample[],
  gap: GapRule,
  accuracyC = 0,
  window: Window = {},
): Answer<Accumulated<DegreeTime>> {
  return integrate(degreeTime(side, thresholdC, accuracyC), samples, gap, window);
}

/** degC days of a number of degC hours. */
export function degreeDays(degreeHours: number): number {
  return degreeHours / (DAY / HOUR);
}

/** One time during which a value was at or below a limit. */
export interface Event {
  readonly from: Instant;
  to: Instant;
  extreme: number;
  /** True while the last sample was still at or below the limit. */
  open: boolean;
}

export interface Events {
  readonly list: Event[];
  /** Events that were not listed because the list was full, and where the latest of them ends. */
  dropped: number;
  droppedTo: Instant | null;
  totalMs: Duration;
}

/** A lot with more events than this has a broken sensor or a limit at its set point; the count goes on. */
export const MAX_EVENTS = 100;

function addEvent(totals: Events, from: Instant, to: Instant, extreme: number, open: boolean): void {
  totals.totalMs += to - from;
  const last = totals.list.at(-1);
  if (last?.open && last.to === from) {
    last.to = to;
    last.extreme = Math.min(last.extreme, extreme);
    last.open = open;
  } else if (totals.list.length < MAX_EVENTS) totals.list.push({ from, to, extreme, open });
  else {
    if (totals.droppedTo !== from) totals.dropped += 1;
    totals.droppedTo = to;
  }
}

/** Events at or below a limit; the crossings lie on the straight line between samples. Gaps end an event. */
export function eventsBelow(limitC: number): Integrand<Events> {
  return {
    zero: () => ({ list: [], dropped: 0, droppedTo: null, totalMs: 0 }),
    segment(totals, startAt, ms, from, to) {
      if (from > limitC && to > limitC) return;
      const crossing = startAt + (from === to ? 0 : (ms * (limitC - from)) / (to - from));
      const start = from <= limitC ? startAt : crossing;
      const end = to <= limitC ? startAt + ms : crossing;
      addEvent(totals, start, end, Math.min(from, to), to <= limitC);
    },
    gap(totals) {
      const last = totals.list.at(-1);
      if (last !== undefined) last.open = false;
    },
  };
}

/** Events of a series in one pass. */
export function eventsBelowOver(
  limitC: number,
  samples: readonly Sample[],
  gap: GapRule,
  window: Window = {},
): Answer<Events> {
  const integrated = integrate(eventsBelow(limitC), samples, gap, window);
  return integrated.ok ? known(integrated.value.totals, []) : integrated;
}
