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

export interface Drawing {
  /** Tables of [times, values], one per line, then lowest and highest when there are. */
  readonly tables: readonly (readonly [number[], (number | null)[]])[];
  /** When none of the probes was heard. */
  readonly gaps: readonly Gap[];
  readonly lowest?: number;
  readonly highest?: number;
  readonly last?: number;
  readonly range: readonly [number, number];
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
): Drawing {
  const gapLists = lines.map(({ points }) => gapsOf(points, from, to, everyMs));
  const tables = lines.map(({ points }, index) => brokenLine(points, gapLists[index] ?? []));
  const gaps = commonGaps(gapLists);
  if (low !== undefined && high !== undefined) tables.push(brokenLine(low, gaps), brokenLine(high, gaps));
  const values = [...lines.flatMap(({ points }) => points), ...(low ?? []), ...(high ?? [])].map(
    ([, value]) => value,
  );
  const last = lines[0]?.points.at(-1)?.[1];
  if (values.length === 0 || last === undefined) return { tables, gaps, range: rangeOf([], limit) };
  // Not Math.min(...values): twenty probes over a month are more arguments than a call may have.
  const lowest = values.reduce((a, b) => Math.min(a, b));
  const highest = values.reduce((a, b) => Math.max(a, b));
  return { tables, gaps, lowest, highest, last, range: rangeOf([lowest, highest], limit) };
}

/** The part of the values' axis to show: all values, the allowed band, and the next limit once a value is near it. */
function rangeOf(values: readonly number[], limit: Limit | undefined): readonly [number, number] {
  const shown = [...values];
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  if (limit?.low !== undefined) shown.push(limit.low);
  if (limit?.high !== undefined) shown.push(limit.high);
  if (limit?.actHigh !== undefined && (limit.high === undefined || highest > limit.high))
    shown.push(limit.actHigh);
  if (limit?.actLow !== undefined && (limit.low === undefined || lowest < limit.low))
    shown.push(limit.actLow);
  const bottom = Math.min(...shown);
  const top = Math.max(...shown);
  if (!Number.isFinite(bottom)) return [0, 1];
  // Room for the labels of the limits above and below; a flat line is not blown up to noise.
  const margin = Math.max((top - bottom) * 0.12, Math.abs(top) * 0.01, 0.1);
  return [bottom - margin, top + margin];
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
