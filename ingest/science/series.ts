import type { Duration, Instant } from '../../devices/index.ts';
import { type Answer, known, refuse } from './result.ts';

/**
 * Integration over a time series of irregular samples. Between two samples the value is a straight line; where
 * they are further apart than the gap rule allows, nothing is known between them, and each integrand takes the
 * best and the worst that could have happened. One pass over a series and sample by sample are the same code.
 */

export interface Sample {
  readonly at: Instant;
  readonly value: number;
}

/** When samples are too far apart to be joined, and what the value could have been in between. */
export interface GapRule {
  readonly longerThanMs: Duration;
  /** Lowest and highest value that is possible in this place; an infinite one means "anything". */
  readonly low: number;
  readonly high: number;
}

/** What is added up. `T` is plain JSON; both functions change it in place, because they run a million times. */
export interface Integrand<T> {
  readonly zero: () => T;
  /** A stretch in which the value goes on a straight line. */
  readonly segment: (totals: T, startAt: Instant, ms: Duration, from: number, to: number) => void;
  /** A stretch without samples; `from` and `to` are the line through it, null when neither end is known. */
  readonly gap: (
    totals: T,
    startAt: Instant,
    ms: Duration,
    low: number,
    high: number,
    from: number | null,
    to: number | null,
  ) => void;
}

/** The state of an accumulation: plain JSON, so it can be stored and continued after a restart. */
export interface Accumulated<T> {
  samples: number;
  /** The beginning of what is accounted for, when it lies before the first sample. */
  openedAt: Instant | null;
  lastAt: Instant | null;
  lastValue: number;
  coveredMs: Duration;
  gapMs: Duration;
  gaps: number;
  readonly totals: T;
}

/** Starts an accumulation; with `from`, the time before the first sample is accounted for too. */
export function begin<T>(integrand: Integrand<T>, from?: Instant): Accumulated<T> {
  return {
    samples: 0,
    openedAt: from ?? null,
    lastAt: null,
    lastValue: 0,
    coveredMs: 0,
    gapMs: 0,
    gaps: 0,
    totals: integrand.zero(),
  };
}

export type Pushed = 'taken' | 'out_of_order' | 'not_a_number';

function addGap<T>(
  integrand: Integrand<T>,
  state: Accumulated<T>,
  rule: GapRule,
  startAt: Instant,
  ms: Duration,
  from: number | null,
  to: number | null,
): void {
  const low = Math.min(rule.low, from ?? rule.low, to ?? rule.low);
  const high = Math.max(rule.high, from ?? rule.high, to ?? rule.high);
  integrand.gap(state.totals, startAt, ms, low, high, from, to);
  state.gapMs += ms;
  state.gaps += 1;
}

function addSegment<T>(
  integrand: Integrand<T>,
  state: Accumulated<T>,
  startAt: Instant,
  ms: Duration,
  from: number,
  to: number,
): void {
  integrand.segment(state.totals, startAt, ms, from, to);
  state.coveredMs += ms;
}

/** Holds the first or last value to the edge of the window, or counts a gap when the edge is too far away. */
function addEdge<T>(
  integrand: Integrand<T>,
  state: Accumulated<T>,
  rule: GapRule,
  startAt: Instant,
  ms: Duration,
  value: number,
): void {
  if (ms <= 0) return;
  if (ms > rule.longerThanMs) addGap(integrand, state, rule, startAt, ms, value, value);
  else addSegment(integrand, state, startAt, ms, value, value);
}

/**
 * Takes the next sample; `state` is changed. A sample that is older than the last one is not taken: integrate
 * again from the stored series.
 */
export function push<T>(
  integrand: Integrand<T>,
  state: Accumulated<T>,
  rule: GapRule,
  at: Instant,
  value: number,
): Pushed {
  if (!Number.isFinite(value) || !Number.isFinite(at)) return 'not_a_number';
  const lastAt = state.lastAt;
  if (lastAt === null) {
    if (state.openedAt !== null) {
      if (at < state.openedAt) return 'out_of_order';
      addEdge(integrand, state, rule, state.openedAt, at - state.openedAt, value);
    }
  } else {
    const ms = at - lastAt;
    if (ms < 0) return 'out_of_order';
    if (ms > rule.longerThanMs) addGap(integrand, state, rule, lastAt, ms, state.lastValue, value);
    else if (ms > 0) addSegment(integrand, state, lastAt, ms, state.lastValue, value);
  }
  state.lastAt = at;
  state.lastValue = value;
  state.samples += 1;
  return 'taken';
}

/** Accounts for the time from the last sample to `to`; call it on a copy when more samples may come. */
export function finish<T>(
  integrand: Integrand<T>,
  state: Accumulated<T>,
  rule: GapRule,
  to: Instant,
): Accumulated<T> {
  const done: Accumulated<T> = structuredClone(state);
  if (done.lastAt !== null) addEdge(integrand, done, rule, done.lastAt, to - done.lastAt, done.lastValue);
  else if (done.openedAt !== null && to > done.openedAt) {
    addGap(integrand, done, rule, done.openedAt, to - done.openedAt, null, null);
  }
  return done;
}

/** A window of a series; without `from` or `to` it begins or ends with the samples. */
export interface Window {
  readonly from?: Instant;
  readonly to?: Instant;
}

/** In order of time; samples of one instant in order of value, so that the order they came in changes nothing. */
export function inOrder(samples: readonly Sample[]): readonly Sample[] {
  let sorted = true;
  for (let i = 1; i < samples.length && sorted; i++) {
    const a = samples[i - 1];
    const b = samples[i];
    if (a !== undefined && b !== undefined) sorted = a.at < b.at || (a.at === b.at && a.value <= b.value);
  }
  return sorted ? samples : samples.toSorted((a, b) => a.at - b.at || a.value - b.value);
}

function clipped<T>(
  integrand: Integrand<T>,
  state: Accumulated<T>,
  rule: GapRule,
  a: Sample,
  b: Sample,
  from: Instant,
  to: Instant,
): void {
  const start = Math.max(a.at, from);
  const end = Math.min(b.at, to);
  if (end <= start) return;
  const slope = (b.value - a.value) / (b.at - a.at);
  const first = start === a.at ? a.value : a.value + slope * (start - a.at);
  const last = end === b.at ? b.value : a.value + slope * (end - a.at);
  // Whether it is a gap is decided by the samples, not by the window: else cutting a window would change it.
  if (b.at - a.at > rule.longerThanMs) {
    const hull = {
      ...rule,
      low: Math.min(rule.low, a.value, b.value),
      high: Math.max(rule.high, a.value, b.value),
    };
    addGap(integrand, state, hull, start, end - start, first, last);
  } else addSegment(integrand, state, start, end - start, first, last);
}

/**
 * One pass over a series in any order. Samples outside the window serve to know the value at its edges, so that
 * two windows that touch add up to the window that spans both.
 */
export function integrate<T>(
  integrand: Integrand<T>,
  samples: readonly Sample[],
  rule: GapRule,
  window: Window = {},
): Answer<Accumulated<T>> {
  if (samples.some((sample) => !Number.isFinite(sample.value) || !Number.isFinite(sample.at))) {
    return refuse('not_a_number', 'samples: every value and every instant must be a number');
  }
  if (!(rule.longerThanMs > 0) || !(rule.low <= rule.high)) {
    return refuse('inconsistent', 'gap rule: longerThanMs must be above 0 and low not above high');
  }
  const sorted = inOrder(samples);
  const first = sorted[0];
  const last = sorted.at(-1);
  const state = begin(integrand, window.from);
  if (first === undefined || last === undefined) {
    return known(window.to === undefined ? state : finish(integrand, state, rule, window.to), []);
  }
  const from = window.from ?? first.at;
  const to = window.to ?? last.at;
  if (first.at > from) {
    addEdge(integrand, state, rule, from, Math.min(first.at, to) - from, first.value);
  }
  let previous = first;
  if (first.at >= from && first.at <= to) state.samples += 1;
  for (let i = 1; i < sorted.length; i++) {
    const sample = sorted[i];
    if (sample === undefined) break;
    clipped(integrand, state, rule, previous, sample, from, to);
    if (sample.at >= from && sample.at <= to) state.samples += 1;
    previous = sample;
  }
  if (last.at < to) {
    const start = Math.max(last.at, from);
    addEdge(integrand, state, rule, start, to - start, last.value);
  }
  state.lastAt = Math.min(last.at, to);
  state.lastValue = last.value;
  return known(state, []);
}

/** Share of the accounted time for which samples exist, 0 to 1; 0 when nothing is accounted for. */
export function coverage<T>(state: Accumulated<T>): number {
  const total = state.coveredMs + state.gapMs;
  return total === 0 ? 0 : state.coveredMs / total;
}
