import type { Duration, Instant } from '../../devices/index.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../devices/index.ts';
import type { Aggregate } from '../../ingest/index.ts';

/** How finely a chart is drawn. Pure. */

/** More points than a wide screen has pixels help nobody and cost a phone its data. */
export const MAX_POINTS = 2_000;

/** Auto aims below the limit: three points per two pixels of a phone held sideways. */
const AUTO_POINTS = 1_500;

/** From this range on, hourly rollups are fine enough (192 points) and read sixty times less. */
const ROLLUP_FROM: Duration = 8 * DAY;

/** Widths a person can name. The widest keeps fifty years under the limit. */
const steps: readonly Duration[] = [
  10 * SECOND,
  30 * SECOND,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  5 * DAY,
  10 * DAY,
  30 * DAY,
];

export interface Resolution {
  readonly everyMs: Duration;
  readonly source: 'raw' | 'rollup';
  /** Included; on a whole hour when rollups are read. */
  readonly from: Instant;
  /** Excluded; on a whole hour when rollups are read. */
  readonly to: Instant;
}

/** Rollups keep min, max, mean and count: the first and last value of an hour are only in the raw readings. */
const inRollups: ReadonlySet<Aggregate> = new Set<Aggregate>(['mean', 'min', 'max', 'sum', 'count']);

/** Buckets that [from, to) touches when they are `everyMs` wide and start at multiples of it since 1970. */
export function bucketCount(from: Instant, to: Instant, everyMs: Duration): number {
  return to <= from ? 0 : Math.floor((to - 1) / everyMs) - Math.floor(from / everyMs) + 1;
}

/** The width that `auto` chooses for a range. */
export function autoEvery(from: Instant, to: Instant): Duration {
  const least = to - from >= ROLLUP_FROM ? HOUR : 0;
  const step = steps.find((every) => every >= least && bucketCount(from, to, every) <= AUTO_POINTS);
  return step ?? Math.ceil((to - from) / AUTO_POINTS / DAY) * DAY;
}

/** Where to read buckets of `everyMs` over [from, to) from. The caller has checked the number of buckets. */
export function resolve(from: Instant, to: Instant, everyMs: Duration, fn: Aggregate): Resolution {
  const rollup = everyMs % HOUR === 0 && to - from >= ROLLUP_FROM && inRollups.has(fn);
  if (!rollup) return { everyMs, source: 'raw', from, to };
  return { everyMs, source: 'rollup', from: Math.floor(from / HOUR) * HOUR, to: Math.ceil(to / HOUR) * HOUR };
}

/** "90m", the way `every` is written in a request. */
export function formatDuration(ms: Duration): string {
  for (const [unit, size] of [
    ['d', DAY],
    ['h', HOUR],
    ['m', MINUTE],
    ['s', SECOND],
  ] as const) {
    if (ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}
