import type { ApiRefusal, Overview, SeriesAnswer } from '../../api/schemas.ts';

/** Requests to the server this page came from. */

const TOKEN_KEY = 'greenlane.token';

/** What went wrong, in the server's own words where it had any. */
export class RequestError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export function storedToken(): string | null {
  return storage((keep) => keep.getItem(TOKEN_KEY)) ?? null;
}

export function storeToken(token: string | undefined): void {
  storage((keep) => (token === undefined ? keep.removeItem(TOKEN_KEY) : keep.setItem(TOKEN_KEY, token)));
}

/** Private windows and strict settings refuse localStorage by throwing. */
export function storage<T>(use: (keep: Storage) => T): T | undefined {
  try {
    return use(window.localStorage);
  } catch {
    return undefined;
  }
}

export function authorization(): Record<string, string> {
  const token = storedToken();
  return token === null ? {} : { authorization: `Bearer ${token}` };
}

export interface Limited {
  readonly signal: AbortSignal;
  /** Starts the time anew. */
  readonly alive: () => void;
  readonly done: () => void;
}

/** Aborts with `outer` or after a time: AbortSignal.any, which phones of 2022 do not have. */
export function abortAfter(ms: number, outer?: AbortSignal): Limited {
  const own = new AbortController();
  const abort = () => own.abort();
  let timer = setTimeout(abort, ms);
  if (outer?.aborted === true) abort();
  outer?.addEventListener('abort', abort);
  return {
    signal: own.signal,
    alive: () => {
      clearTimeout(timer);
      timer = setTimeout(abort, ms);
    },
    done: () => {
      clearTimeout(timer);
      outer?.removeEventListener('abort', abort);
    },
  };
}

/** A bad line gives up after this; the page then says so and tries again. */
const TIMEOUT_MS = 30_000;

async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const limited = abortAfter(TIMEOUT_MS, signal);
  try {
    const response = await fetch(path, { headers: authorization(), signal: limited.signal });
    if (response.ok) return await response.json();
    throw new RequestError(response.status, await messageOf(response));
  } finally {
    limited.done();
  }
}

async function messageOf(response: Response): Promise<string> {
  const fallback = `HTTP ${response.status}`;
  try {
    const { error } = await response.json();
    return typeof error?.message === 'string' ? error.message : fallback;
  } catch {
    return fallback;
  }
}

export function fetchOverview(signal?: AbortSignal): Promise<Overview> {
  return get('/api/v1/overview', signal);
}

export interface SeriesQuestion {
  readonly place: string;
  readonly device?: string | undefined;
  readonly channel?: string | undefined;
  readonly quantity: string;
  readonly from: number;
  readonly to: number;
  readonly fn?: 'mean' | 'min' | 'max';
}

export function fetchSeries(question: SeriesQuestion, signal?: AbortSignal): Promise<SeriesAnswer> {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(question)) if (value !== undefined) query.set(key, String(value));
  return get(`/api/v1/series?${query}`, signal);
}

export async function fetchRefusals(
  device: string,
  from: number,
  limit: number,
  signal?: AbortSignal,
): Promise<readonly ApiRefusal[]> {
  const query = new URLSearchParams({ device, from: String(from), limit: String(limit) });
  const { refusals } = await get<{ refusals: ApiRefusal[] }>(`/api/v1/refusals?${query}`, signal);
  return refusals;
}
