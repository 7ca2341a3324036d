import { SECOND } from '../../devices/index.ts';
import type { KeptBecause, WriteOutcome } from './store.ts';

/** A server's answer in what we need of it. Header names are lower case. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

export type Kept = Extract<WriteOutcome, { kind: 'kept' }>;

/** What an answer to a write means for the points that were in it. */
export type WriteAnswer =
  | { readonly kind: 'stored' }
  /** Some or all points will never be taken; which ones only a smaller request tells. */
  | {
      readonly kind: 'refused';
      readonly message: string;
      readonly dropped: number | undefined;
      readonly aboutPoints: boolean;
    }
  | { readonly kind: 'too_large'; readonly message: string }
  | Kept;

/** Longest text of a server that is kept: enough for its reason, too short to fill a log with a line of points. */
const MAX_WORDS = 300;

/**
 * Words by which InfluxDB 1, 2 and 3 say that the points, not the request, are at fault. A 400 in other words (a proxy, a
 * wrong parameter) refuses everything alike and must not turn good points into refusals.
 */
const ABOUT_POINTS =
  /unable to parse|partial write|field type|beyond retention|line protocol|parsing failed|invalid field|max-(series|values)|too many (tables|columns)/i;

/** Design decision 6: which answers refuse points, and why all others keep them. */
export function classifyWrite(answer: HttpAnswer, where: string): WriteAnswer {
  const { status } = answer;
  if (status === 204 || status === 200) return { kind: 'stored' };
  const message = serverWords(answer);
  // 201 is how InfluxDB Clustered says that it took only a part (its 400 of the other editions).
  if (status === 400 || status === 422 || status === 201) {
    const dropped = /dropped=(\d+)/.exec(message)?.[1];
    return {
      kind: 'refused',
      message,
      dropped: dropped === undefined ? undefined : Number(dropped),
      aboutPoints: status !== 400 || ABOUT_POINTS.test(message),
    };
  }
  if (status === 413) return { kind: 'too_large', message: `${where} answered 413: ${message}` };
  return keptFor(answer, where);
}

/** The outcome for an answer that is neither a success nor about single points. */
export function keptFor(answer: HttpAnswer, where: string): Kept {
  const retryAfter = retryAfterMs(answer);
  return {
    kind: 'kept',
    because: becauseOf(answer.status),
    message: `${where} answered ${answer.status}: ${serverWords(answer)}`,
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}

function becauseOf(status: number): KeptBecause {
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 404) return 'missing';
  if (status === 413) return 'too_large';
  if (status === 429) return 'throttled';
  if (status === 507) return 'full';
  return 'server_error';
}

/** The outcome when there was no answer at all. */
export function keptUnreachable(error: unknown, where: string): Kept {
  return { kind: 'kept', because: 'unreachable', message: `${where} does not answer: ${errorWords(error)}` };
}

/** Node wraps the reasons of a connection tried over IPv4 and IPv6 into one error without words of its own. */
function errorWords(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(errorWords).join('; ');
  return error instanceof Error ? error.message || error.name : String(error);
}

/** What the server said, taken out of the JSON it usually wraps it in. */
export function serverWords({ body, headers }: HttpAnswer): string {
  const header = headers['x-influxdb-error'];
  const words = wordsOf(body) ?? (typeof header === 'string' ? header : body.trim());
  return words.length > MAX_WORDS ? `${words.slice(0, MAX_WORDS - 1)}…` : words || '(no words)';
}

function wordsOf(body: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    const text = 'error' in parsed ? parsed.error : 'message' in parsed ? parsed.message : undefined;
    // InfluxDB 3 names each line it refused in `data`.
    const details = 'data' in parsed ? ` ${JSON.stringify(parsed.data)}` : '';
    return typeof text === 'string' ? `${text}${details}` : undefined;
  } catch {
    return undefined;
  }
}

/** Retry-After in seconds or as a date; a date is measured against the server's own clock. RFC 9110, 10.2.3. */
function retryAfterMs({ headers }: HttpAnswer): number | undefined {
  const text = headers['retry-after'];
  if (typeof text !== 'string') return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * SECOND;
  const date = typeof headers.date === 'string' ? headers.date : '';
  const wait = Date.parse(text) - Date.parse(date);
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}
