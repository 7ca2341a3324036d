import { type Duration, HOUR } from '../../devices/index.ts';
import { MAX_INSTANT } from './series.ts';
import { MAX_BUCKETS, type SeriesFilter } from './store.ts';

/**
 * A question's range cut to what any store can hold, so that `from: -Infinity` and `to: Number.MAX_SAFE_INTEGER` mean
 * what one expects; whole milliseconds.
 * @returns undefined when nothing can lie in it
 */
export function clipRange<F extends { readonly from: number; readonly to: number }>(
  filter: F,
): F | undefined {
  if (Number.isNaN(filter.from) || Number.isNaN(filter.to))
    throw new RangeError('from and to must be instants in ms');
  const from = Math.max(0, Math.ceil(filter.from));
  const to = Math.min(MAX_INSTANT, Math.ceil(filter.to));
  return from < to ? { ...filter, from, to } : undefined;
}

/** Refuses what a caller must not ask; the same for every store. */
export function checkBuckets(filter: SeriesFilter, every: Duration, source: 'raw' | 'rollup'): void {
  if (!Number.isSafeInteger(every) || every < 1)
    throw new RangeError(`every must be whole ms above 0, not ${every}`);
  if ((filter.to - filter.from) / every > MAX_BUCKETS) {
    throw new RangeError(`from, to and every span more than ${MAX_BUCKETS} buckets`);
  }
  if (source === 'rollup' && [every, filter.from, filter.to].some((time) => time % HOUR !== 0)) {
    throw new RangeError('every, from and to must be whole hours to read rollups');
  }
}
