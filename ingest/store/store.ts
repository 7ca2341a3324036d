import type { Duration, Instant, QuantityName } from '../../devices/index.ts';

/**
 * Where readings live over time. Two implementations (embedded SQLite, InfluxDB) behind one behaviour suite: whoever
 * reads or writes cannot tell which one answers.
 */

/** Measurements group series by the kind of place they describe (design decision 8). A name here is an API. */
export const measurements = [
  'soil',
  'weather',
  'cold_chain',
  'storage',
  'device',
  'refused',
  'lot_quality',
] as const;
export type Measurement = (typeof measurements)[number];

/** One series: the four tags, always all four, and one field. Interned: the same series is the same object. */
export interface Series {
  /** Dense number, given by whoever interns; stores use it to index their own caches. Not persistent. */
  readonly index: number;
  readonly measurement: Measurement;
  readonly site: string;
  readonly place: string;
  readonly device: string;
  readonly channel: string;
  /** A quantity's name, or for `refused` a reason's, for `lot_quality` a figure's. */
  readonly field: string;
}

/** Points in columns: position i of each array is one point. A later point wins over an earlier one of the same time. */
export interface PointBatch {
  readonly series: readonly Series[];
  readonly at: readonly Instant[];
  readonly value: readonly number[];
}

/** Why a store took nothing for now. Everything is kept and tried again; none of these may lose a point. */
export type KeptBecause =
  | 'unauthorized' // 401, 403
  | 'missing' // 404: database, bucket or organisation
  | 'too_large' // 413 for a single point
  | 'throttled' // 429
  | 'server_error' // 5xx
  | 'unreachable' // refused, reset, timeout, DNS
  | 'full'; // no space left

export type WriteOutcome =
  | {
      readonly kind: 'stored';
      /** Points the store will never take, with its own words; their neighbours are stored. */
      readonly rejected: readonly { readonly index: number; readonly message: string }[];
    }
  | {
      readonly kind: 'kept';
      readonly because: KeptBecause;
      readonly message: string;
      /** The server's own wish (Retry-After). */
      readonly retryAfter?: Duration;
    };

export type Aggregate = 'mean' | 'min' | 'max' | 'sum' | 'count' | 'first' | 'last';

/** Which points: every filter that is given must match. */
export interface SeriesFilter {
  readonly field: QuantityName | string;
  readonly measurement?: Measurement;
  readonly site?: string;
  readonly place?: string;
  readonly device?: string;
  readonly channel?: string;
  /** Included. */
  readonly from: Instant;
  /** Excluded. */
  readonly to: Instant;
}

export interface Point {
  readonly at: Instant;
  readonly value: number;
}

/** A point of one of possibly several series that match a filter. */
export interface TaggedPoint extends Point {
  readonly device: string;
  readonly channel: string;
}

/**
 * Where readings live. Reading (`raw`, `buckets`) and `forget` reject with a StoreError when the store does
 * not answer; writing never rejects for that, it returns 'kept'. Two writes at once have no order between them.
 */
export interface Store {
  /** Writes all, or says why not. Safe to repeat: the same series and time is the same point. */
  readonly write: (batch: PointBatch) => Promise<WriteOutcome>;
  /** Raw points in time order (then device, channel), read page by page so that memory stays bounded. */
  readonly raw: (filter: SeriesFilter) => AsyncIterable<readonly TaggedPoint[]>;
  /**
   * One value per bucket of `every` ms, buckets aligned to `from` rounded down to a multiple of `every` since 1970,
   * over all matching series together; empty buckets are left out. Reads the hourly rollups instead of raw points
   * when `source` is 'rollup' (`every` then is a multiple of one hour and `from`, `to` whole hours); 'first' and
   * 'last' are read from raw points even then, because a rollup does not know them. Points of the same time in several
   * series: 'first' and 'last' take the larger value.
   */
  readonly buckets: (
    filter: SeriesFilter,
    every: Duration,
    fn: Aggregate,
    source: 'raw' | 'rollup',
  ) => Promise<readonly Point[]>;
  /**
   * Recomputes the hourly rollup (min, max, mean, count) of every series of `measurement` in the hour of `hour`. A
   * rollup is never replaced by one that saw fewer points: fewer means that raw points were forgotten meanwhile.
   */
  readonly rollup: (measurement: Measurement, hour: Instant) => Promise<WriteOutcome>;
  /** Forgets raw points measured before `before`; rollups stay. */
  readonly forget: (before: Instant) => Promise<void>;
  /**
   * Makes the place where points go (file, database, bucket) exist, or says why it cannot. Safe to repeat; `write`
   * does it by itself when nobody did, and again after a 404.
   */
  readonly prepare: () => Promise<WriteOutcome>;
  readonly close: () => Promise<void>;
}

/** The store could not be read. `because` says what an operator has to look at. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly because: KeptBecause;

  constructor(because: KeptBecause, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.because = because;
  }
}

/** Most buckets one question may span: every hour from 1970 to 2200. A page shows at most 2,000. */
export const MAX_BUCKETS = 2_100_000;
