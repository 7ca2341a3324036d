import { useEffect, useRef, useState } from 'preact/hooks';
import type { Overview } from '../../api/schemas.ts';
import { fetchOverview, RequestError } from './api.ts';
import { listenLive } from './live.ts';
import { applyLatest } from './model.ts';

export interface OverviewState {
  readonly overview?: Overview;
  /** The server wants a token, or another one. */
  readonly unauthorized: boolean;
  /** When the values shown are from, while there is no connection. */
  readonly offlineSince?: number;
  readonly failure?: string;
  /** Server's clock minus ours. */
  readonly skewMs: number;
}

/** History and registry change slowly: the whole overview is read again this often. */
const RELOAD_MS = 5 * 60_000;
const RETRY_MS = 5_000;

/** Differences below this are the line's delay, not the clock's fault, and would only make the page draw itself anew. */
const SKEW_STEP_MS = 2_000;

function skew(oldMs: number, serverTime: string): number {
  const newMs = Date.parse(serverTime) - Date.now();
  return Math.abs(newMs - oldMs) > SKEW_STEP_MS ? newMs : oldMs;
}

/** The overview, kept current by the live stream. `attempt` changes when a new token was entered. */
export function useOverview(attempt: number): OverviewState {
  const [state, setState] = useState<OverviewState>({ unauthorized: false, skewMs: 0 });
  const stopLive = useRef<(() => void) | undefined>(undefined);

  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const update = (change: (old: OverviewState) => OverviewState) => {
      if (!abort.signal.aborted) setState(change);
    };
    const unauthorized = () => {
      stopLive.current?.();
      update(({ overview: _gone, ...old }) => ({ ...old, unauthorized: true }));
    };

    const listen = (seq: number) => {
      stopLive.current?.();
      stopLive.current = listenLive(seq, {
        onLatest: (latest) =>
          update((old) => ({
            ...old,
            skewMs: skew(old.skewMs, latest.at),
            ...(old.overview === undefined ? {} : { overview: applyLatest(old.overview, latest) }),
          })),
        onStatus: ({ at, status, problems }) =>
          update((old) => ({
            ...old,
            skewMs: skew(old.skewMs, at),
            ...(old.overview === undefined ? {} : { overview: { ...old.overview, status, problems } }),
          })),
        onConnected: (connected) =>
          update(({ offlineSince, ...old }) =>
            connected ? old : { ...old, offlineSince: offlineSince ?? Date.now() + old.skewMs },
          ),
        onUnauthorized: unauthorized,
      });
    };

    const load = async (isFirst: boolean) => {
      try {
        const overview = await fetchOverview(abort.signal);
        update(({ failure: _f, ...old }) => ({
          ...old,
          overview,
          unauthorized: false,
          skewMs: skew(old.skewMs, overview.at),
        }));
        if (isFirst && !abort.signal.aborted) listen(overview.seq);
        timer = setTimeout(load, RELOAD_MS, false);
      } catch (error) {
        if (abort.signal.aborted) return;
        if (error instanceof RequestError && error.status === 401) return unauthorized();
        const failure = error instanceof RequestError ? error.message : undefined;
        update(({ offlineSince, failure: _f, ...old }) => ({
          ...old,
          ...(failure === undefined
            ? { offlineSince: offlineSince ?? Date.now() + old.skewMs }
            : { failure }),
        }));
        timer = setTimeout(load, RETRY_MS, isFirst);
      }
    };
    void load(true);
    return () => {
      abort.abort();
      clearTimeout(timer);
      stopLive.current?.();
    };
  }, [attempt]);
  return state;
}
