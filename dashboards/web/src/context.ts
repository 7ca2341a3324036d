import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import { createReader, type Reader } from './reader.ts';

/** What every part needs: the reader, and the server's clock (a phone's own may be wrong by hours). */
export interface Surroundings {
  readonly reader: Reader;
  readonly now: () => number;
}

export const SurroundingsContext = createContext<Surroundings>({
  reader: createReader('en', 'UTC'),
  now: Date.now,
});

export function useReader(): Reader {
  return useContext(SurroundingsContext).reader;
}

export function useClock(): () => number {
  return useContext(SurroundingsContext).now;
}

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** Calls back every second, all at the same moment, and not at all while nobody listens. */
function everySecond(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    for (const one of listeners) one();
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Something worked out of the current time; the part is drawn again only when the result is another one. */
export function useTicking<T extends string | number | boolean>(work: (now: number) => T): T {
  const now = useClock();
  const [, redraw] = useState<T>();
  const current = work(now());
  useEffect(() => everySecond(() => redraw(work(now()))));
  return current;
}
