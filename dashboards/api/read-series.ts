import type { Duration, Instant } from '../../devices/index.ts';
import { HOUR } from '../../devices/index.ts';
import type { Aggregate, Point, SeriesFilter, Store } from '../../ingest/index.ts';
import type { Resolution } from './resolution.ts';

/**
 * Hours younger than this may not have been rolled up yet: they are read from raw points. An hour is rolled up soon
 * after it ended; the rest is margin for a slow store.
 */
const ROLLUP_SETTLED_AFTER: Duration = 3 * HOUR;

/** Buckets of a series at the chosen resolution; recent buckets of a rollup are completed from raw points. */
export async function readBuckets(
  store: Store,
  filter: SeriesFilter,
  { everyMs, source, from, to }: Resolution,
  fn: Aggregate,
  now: Instant,
): Promise<readonly Point[]> {
  if (source === 'raw') return store.buckets({ ...filter, from, to }, everyMs, fn, 'raw');
  // Buckets start at multiples of their width: the seam between rollups and raw points lies on such a start.
  const seam = Math.max(from, Math.min(to, Math.floor((now - ROLLUP_SETTLED_AFTER) / everyMs) * everyMs));
  const [old, recent] = await Promise.all([
    seam > from ? store.buckets({ ...filter, from, to: seam }, everyMs, fn, 'rollup') : [],
    to > seam ? store.buckets({ ...filter, from: seam, to }, everyMs, fn, 'raw') : [],
  ]);
  return [...old, ...recent];
}
