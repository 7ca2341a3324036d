import { useEffect, useState } from 'preact/hooks';
import type { ApiReading, SeriesAnswer } from '../../api/schemas.ts';
import { fetchSeries } from './api.ts';
import type { SeriesData } from './chart-data.ts';

/** More lines than this in one chart are a tangle: beyond it one line stands for all. */
export const MAX_LINES = 6;

/** From this width of a bucket on, its mean may hide a peak, so lowest and highest are drawn as well. */
const ENVELOPE_FROM_MS = 5 * 60_000;
/** Ranges from two days on are answered in such buckets. */
const WIDE_RANGE_MS = 2 * 24 * 60 * 60_000;

export interface SeriesState {
  readonly data?: SeriesData;
  readonly failure?: string;
  readonly retry: () => void;
}

/** Reads the series of one quantity of a place; what was read before stays until the new answer is there. */
export function useSeries(
  place: string,
  quantity: string,
  readings: readonly ApiReading[],
  from: number,
  to: number,
): SeriesState {
  const [state, setState] = useState<Omit<SeriesState, 'retry'>>({});
  const [attempt, setAttempt] = useState(0);
  const probes = readings.map(({ device, channel }) => `${device} ${channel}`).join('|');

  useEffect(() => {
    const abort = new AbortController();
    const range = { place, quantity, from, to };
    readAll(range, probes.split('|'), abort.signal)
      .then((data) => setState({ data }))
      .catch((error: unknown) => {
        if (abort.signal.aborted) return;
        const failure = error instanceof Error ? error.message : String(error);
        setState((old) => ({ ...old, failure }));
      });
    return () => abort.abort();
  }, [place, quantity, probes, from, to, attempt]);

  return { ...state, retry: () => setAttempt(attempt + 1) };
}

async function readAll(
  range: { readonly place: string; readonly quantity: string; readonly from: number; readonly to: number },
  probes: readonly string[],
  signal: AbortSignal,
): Promise<SeriesData> {
  const apart = probes.length <= MAX_LINES ? probes : [];
  const one = apart.map((probe) => {
    const [device, channel] = probe.split(' ');
    return { device, channel };
  });
  // Over several lines, lowest and highest of all together would fill the room between them and say nothing.
  const isWide = apart.length === 0 || (apart.length === 1 && range.to - range.from >= WIDE_RANGE_MS);
  const edges = isWide ? (['min', 'max'] as const) : [];
  const [lines, [low, high]] = await Promise.all([
    Promise.all(
      one.length > 0
        ? one.map(async (probe) => ({ probe, answer: await fetchSeries({ ...range, ...probe }, signal) }))
        : [fetchSeries(range, signal).then((answer) => ({ probe: undefined, answer }))],
    ),
    Promise.all(edges.map((fn) => fetchSeries({ ...range, fn }, signal))),
  ]);
  return {
    lines: lines.map(({ probe, answer }) => ({
      points: answer.points,
      ...(probe?.device === undefined || probe.channel === undefined
        ? {}
        : { probe: { device: probe.device, channel: probe.channel } }),
    })),
    everyMs: widthOf(lines[0]?.answer),
    ...(low !== undefined && high !== undefined && widthOf(low) >= ENVELOPE_FROM_MS
      ? { low: low.points, high: high.points }
      : {}),
  };
}

function widthOf(answer: SeriesAnswer | undefined): number {
  return answer?.everyMs ?? 60_000;
}
