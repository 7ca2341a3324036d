import type { LiveLatest, LiveStatus } from '../../api/schemas.ts';
import { abortAfter, authorization } from './api.ts';
import { sseParser } from './sse.ts';

export interface LiveHandlers {
  readonly onLatest: (latest: LiveLatest) => void;
  readonly onStatus: (status: LiveStatus) => void;
  /** False when the line is down, true when it is back. */
  readonly onConnected: (connected: boolean) => void;
  /** The token is not valid any more. */
  readonly onUnauthorized: () => void;
}

/** The server speaks at least every 15 s; a line that is silent for longer is dead, whatever TCP believes. */
const SILENCE_MS = 40_000;
const FIRST_RETRY_MS = 1_000;
/** A server that restarts should not be met by all browsers at once, nor wait a minute for them. */
const LONGEST_RETRY_MS = 20_000;

/** Listens until it is stopped; comes back by itself with the last number it heard, so that nothing is missed. */
export function listenLive(seq: number, handlers: LiveHandlers): () => void {
  const stopped = new AbortController();
  let lastId = String(seq);
  let retryMs = FIRST_RETRY_MS;

  const connect = async () => {
    const limited = abortAfter(SILENCE_MS, stopped.signal);
    try {
      const response = await fetch('/api/v1/live', {
        headers: { ...authorization(), 'last-event-id': lastId },
        signal: limited.signal,
      });
      if (response.status === 401) return handlers.onUnauthorized();
      if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`);
      handlers.onConnected(true);
      retryMs = FIRST_RETRY_MS;
      await read(response.body, limited.alive);
    } finally {
      limited.done();
    }
  };

  const read = async (body: ReadableStream<Uint8Array>, alive: () => void) => {
    const feed = sseParser(
      ({ event, data }) => {
        if (event === 'latest') handlers.onLatest(JSON.parse(data));
        else if (event === 'status') handlers.onStatus(JSON.parse(data));
      },
      (id) => {
        lastId = id;
      },
    );
    const decoder = new TextDecoder();
    const reader = body.getReader();
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      alive();
      feed(decoder.decode(chunk.value, { stream: true }));
    }
  };

  const forEver = async () => {
    while (!stopped.signal.aborted) {
      const started = Date.now();
      await connect().catch(() => undefined);
      if (stopped.signal.aborted) return;
      // A stream that ended by plan (once an hour) is taken up again at once and is no reason for alarm.
      if (Date.now() - started < SILENCE_MS) handlers.onConnected(false);
      await pause(retryMs * (0.5 + Math.random() / 2), stopped.signal);
      retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2);
    }
  };
  void forEver();
  return () => stopped.abort();
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
    // A phone that finds its network again should not wait out the pause.
    window.addEventListener('online', () => resolve(), { once: true, signal });
  });
}
