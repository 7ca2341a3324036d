import type { ApiReading, Limit } from '../../api/schemas.ts';
import { brokenLine, commonGaps, type Gap, gapsOf, type Points } from './gaps.ts';

/** What a chart of one quantity draws. Pure. */

export interface Line {
  /** Undefined when the line stands for all probes together. */
  readonly probe?: Pick<ApiReading, 'device' | 'channel'> | undefined;
  readonly points: Points;
}

export interface SeriesData {
  readonly lines: readonly Line[];
  /** Lowest and highest of each bucket over all probes, where buckets are wide enough to hide a peak. */
  readonly low?: Points | undefined;
  readonly high?: Points | undefined;
  readonly everyMs: number;
}

/** What the values' axis of a quantity may show. */
export interface Axis {
  /** It spans at least this, so that the noise of a steady value stays small. */
  readonly leastSpan: number;
  /** Physically possible values. */
  readonly min: number;
  readonly max: number;
}

export interface Drawing {
  /** Tables of [times, values], one per line, then lowest and highest when there are. */
  readonly tables: readonly (readonly [number[], (number | null)[]])[];
  /** When none of the probes was heard. */
  readonly gaps: readonly Gap[];
  readonly lowest?: number;
  readonly highest?: number;
  readonly last?: number;
  readonly range: readonly [number, number];
  /** Limits to draw: those for acting only when a value came near. */
  readonly limit: Limit | undefined;
}

/** Newest values that came after the series was read are drawn at once. */
export function withNewest(line: Line, readings: readonly ApiReading[], to: number): Line {
  const { probe, points } = line;
  const newest = readings.find(
    ({ device, channel }) => device === probe?.device && channel === probe.channel,
  );
  if (newest === undefined || newest.suspect !== undefined) return line;
  const at = Date.parse(newest.measuredAt);
  if (at <= (points.at(-1)?.[0] ?? 0) || at > to) return line;
  return { probe, points: [...points, [at, newest.value]] };
}

export function drawingOf(
  { lines, low, high, everyMs }: SeriesData,
  limit: Limit | undefined,
  from: number,
  to: number,
  axis: Axis,
): Drawing {
  const gapLists = lines.map(({ points }) => gapsOf(points, from, to, everyMs));
  const tables = lines.map(({ points }, index) => brokenLine(points, gapLists[index] ?? []));
  const gaps = commonGaps(gapLists);
  if (low !== undefined && high !== undefined) tables.push(brokenLine(low, gaps), brokenLine(high, gaps));
  const values = [...lines.flatMap(({ points }) => points), ...(low ?? []), ...(high ?? [])].map(
    ([, value]) => value,
  );
  const last = lines[0]?.points.at(-1)?.[1];
  if (values.length === 0 || last === undefined) return { tables, gaps, range: [0, 1], limit };
  // Not Math.min(...values): twenty probes over a month are more arguments than a call may have.
  const lowest = values.reduce((a, b) => Math.min(a, b));
  const highest = values.reduce((a, b) => Math.max(a, b));
  const near = nearLimits(limit, lowest, highest);
  return {
    tables,
    gaps,
    lowest,
    highest,
    last,
    range: rangeOf(lowest, highest, near, axis),
    limit: near,
  };
}

/** The band always; what is for acting only once a value has left the band on that side. */
function nearLimits(limit: Limit | undefined, lowest: number, highest: number): Limit | undefined {
  if (limit === undefined) return undefined;
  const { quantity, low, high, actLow, actHigh } = limit;
  return {
    quantity,
    low,
    high,
    actLow: low === undefined || lowest < low ? actLow : undefined,
    actHigh: high === undefined || highest > high ? actHigh : undefined,
  };
}

/** The part of the values' axis to show: all values and all limits that are drawn, with room for their words. */
function rangeOf(
  lowest: number,
  highest: number,
  limit: Limit | undefined,
  { leastSpan, min, max }: Axis,
): readonly [number, number] {
  const limits = [limit?.low, limit?.high, limit?.actLow, limit?.actHigh].filter(
    (bound) => bound !== undefined,
  );
  let bottom = Math.min(lowest, ...limits);
  let top = Math.max(highest, ...limits);
  const lacking = Math.max(0, leastSpan - (top - bottom)) / 2;
  bottom -= lacking;
  top += lacking;
  const margin = (top - bottom) * 0.12;
  // A full scale keeps half the margin, so that a line at 100 % is not cut in two.
  return [Math.max(bottom - margin, min - margin / 2), Math.min(top + margin, max + margin / 2)];
}

/** The value of a line at a moment, or undefined in a gap. */
export function valueAt({ points }: Line, at: number, reachMs: number): number | undefined {
  let low = 0;
  let high = points.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.[0] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  const near = [points[low - 1], points[low]]
    .filter((point) => point !== undefined)
    .sort((a, b) => Math.abs(a[0] - at) - Math.abs(b[0] - at))[0];
  return near !== undefined && Math.abs(near[0] - at) <= reachMs ? near[1] : undefined;
}
