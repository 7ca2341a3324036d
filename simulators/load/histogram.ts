/**
 * Counts of latencies in buckets of equal relative width, as HdrHistogram does (Tene 2012): 64 buckets per power of
 * two keep every percentile within 1.6 %, recording is one increment, and memory does not grow with the run.
 */

/** 2^6 = 64 buckets per power of two. */
const SUB_BITS = 6;
const SUB = 1 << SUB_BITS;

/** Latencies above 2^36 us (19 h) fall into the last bucket; no run is that long. */
const MAX_POWER = 36;

const BUCKETS = (MAX_POWER - SUB_BITS + 2) * SUB;

export interface LatencySummary {
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  readonly meanMs: number;
}

export interface LatencyHistogram {
  /** @param microseconds not negative; a fraction is cut off */
  readonly record: (microseconds: number) => void;
  readonly count: () => number;
  readonly summary: () => LatencySummary;
  /** Adds everything `other` counted. */
  readonly add: (other: LatencyHistogram) => void;
  readonly reset: () => void;
  readonly raw: () => Readonly<{ counts: Float64Array; sumUs: number; maxUs: number; count: number }>;
}

function bucketOf(us: number): number {
  if (us < SUB) return us;
  // Above 2^31 the bit tricks of 32-bit integers end, so such a latency (over half an hour) is halved into range.
  let shift = 0;
  let value = us;
  while (value >= 0x40000000) {
    value = Math.floor(value / 2);
    shift += 1;
  }
  const power = 31 - Math.clz32(value);
  const bucket = (shift + power - SUB_BITS + 1) * SUB + ((value >> (power - SUB_BITS)) & (SUB - 1));
  return Math.min(bucket, BUCKETS - 1);
}

/** The middle of a bucket in microseconds. */
function middleOf(bucket: number): number {
  if (bucket < SUB) return bucket;
  const power = Math.floor(bucket / SUB) - 1;
  const width = 2 ** power;
  return (SUB + (bucket % SUB)) * width + (width - 1) / 2;
}

export function latencyHistogram(): LatencyHistogram {
  const counts = new Float64Array(BUCKETS);
  let count = 0;
  let sumUs = 0;
  let maxUs = 0;
  const percentileMs = (share: number): number => {
    if (count === 0) return 0;
    const wanted = Math.ceil(share * count);
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      seen += counts[bucket] ?? 0;
      if (seen >= wanted) return Math.min(middleOf(bucket), maxUs) / 1_000;
    }
    return maxUs / 1_000;
  };
  return {
    record: (microseconds) => {
      const us = Math.max(0, Math.floor(microseconds));
      const bucket = bucketOf(us);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      count += 1;
      sumUs += us;
      if (us > maxUs) maxUs = us;
    },
    count: () => count,
    summary: () => ({
      p50Ms: percentileMs(0.5),
      p90Ms: percentileMs(0.9),
      p99Ms: percentileMs(0.99),
      p999Ms: percentileMs(0.999),
      maxMs: maxUs / 1_000,
      meanMs: count === 0 ? 0 : sumUs / count / 1_000,
    }),
    add: (other) => {
      const from = other.raw();
      for (let bucket = 0; bucket < BUCKETS; bucket += 1)
        counts[bucket] = (counts[bucket] ?? 0) + (from.counts[bucket] ?? 0);
      count += from.count;
      sumUs += from.sumUs;
      maxUs = Math.max(maxUs, from.maxUs);
    },
    reset: () => {
      counts.fill(0);
      count = 0;
      sumUs = 0;
      maxUs = 0;
    },
    raw: () => ({ counts, sumUs, maxUs, count }),
  };
}
