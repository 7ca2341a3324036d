/** Where a series has no data. Pure. */

export type Points = readonly (readonly [at: number, value: number])[];

export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** A pause longer than this many usual spacings is a gap and not drawn over. */
const GAP_FACTOR = 3;

/** The median distance of neighbours, at least `leastMs` (the width of a bucket). */
export function usualSpacing(points: Points, leastMs: number): number {
  const steps: number[] = [];
  for (let index = 1; index < points.length; index++) {
    steps.push((points[index]?.[0] ?? 0) - (points[index - 1]?.[0] ?? 0));
  }
  steps.sort((a, b) => a - b);
  return Math.max(leastMs, steps[Math.floor(steps.length / 2)] ?? leastMs);
}

/** Pauses inside [from, to], those at both ends included. A point stands for the `widthMs` after it. */
export function gapsOf(points: Points, from: number, to: number, widthMs: number): readonly Gap[] {
  const longest = GAP_FACTOR * usualSpacing(points, widthMs);
  const gaps: Gap[] = [];
  let heard = from;
  for (const [at] of points) {
    if (at - heard > longest) gaps.push({ from: heard, to: at });
    heard = Math.min(to, at + widthMs);
  }
  if (to - heard > longest) gaps.push({ from: heard, to });
  return gaps;
}

/** What all of several series lack at the same time. */
export function commonGaps(lists: readonly (readonly Gap[])[]): readonly Gap[] {
  const [first = [], ...others] = lists;
  return others.reduce((common, gaps) => common.flatMap((a) => gaps.flatMap((b) => overlap(a, b))), first);
}

function overlap(a: Gap, b: Gap): readonly Gap[] {
  const from = Math.max(a.from, b.from);
  const to = Math.min(a.to, b.to);
  return from < to ? [{ from, to }] : [];
}

/** Columns for a line that breaks at every gap: a null stands inside each. */
export function brokenLine(points: Points, gaps: readonly Gap[]): readonly [number[], (number | null)[]] {
  const times: number[] = [];
  const values: (number | null)[] = [];
  let next = 0;
  for (const [at, value] of points) {
    for (let gap = gaps[next]; gap !== undefined && gap.to <= at; gap = gaps[++next]) {
      const middle = (gap.from + gap.to) / 2;
      const last = times.at(-1);
      if (last !== undefined && middle > last && middle < at) {
        times.push(middle);
        values.push(null);
      }
    }
    times.push(at);
    values.push(value);
  }
  return [times, values];
}
