/** A latency histogram in the form Prometheus reads: cumulative is left to whoever prints it. */
export interface HistogramFigures {
  /** Upper bounds in seconds; the last bucket has none. */
  readonly leS: readonly number[];
  readonly counts: readonly number[];
  readonly sumS: number;
  readonly count: number;
}

/** From a fsync on a fast disk to a disk that makes devices give up. */
const BOUNDS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

export interface Histogram {
  readonly observe: (ms: number) => void;
  readonly figures: () => HistogramFigures;
}

export function histogram(): Histogram {
  const counts = new Array<number>(BOUNDS_S.length + 1).fill(0);
  let sumMs = 0;
  let count = 0;
  return {
    observe: (ms) => {
      let bucket = 0;
      while (bucket < BOUNDS_S.length && ms > (BOUNDS_S[bucket] ?? 0) * 1000) bucket += 1;
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      sumMs += ms;
      count += 1;
    },
    figures: () => ({ leS: BOUNDS_S, counts: [...counts], sumS: sumMs / 1000, count }),
  };
}
