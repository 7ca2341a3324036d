import { type IClusterConfig, InfluxDB } from 'influx';
import { keptFor, keptUnreachable } from './influx-answer.ts';
import { authorization, type Connection, type InfluxOptions } from './influx-connection.ts';
import { StoreError } from './store.ts';

/** One result set: a measurement, the tags it was grouped by, and rows. */
export interface ResultSeries {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Position of a column, or -1. */
  readonly column: (name: string) => number;
  readonly rows: readonly (readonly unknown[])[];
}

export interface Questions {
  /** Asks one InfluxQL statement; times are ms. Rejects with a StoreError. */
  readonly ask: (query: string) => Promise<readonly ResultSeries[]>;
  /** Sends a statement that changes something (DELETE). Rejects with a StoreError. */
  readonly command: (query: string) => Promise<void>;
  /** 1.x only. Rejects with a StoreError. */
  readonly createDatabase: () => Promise<void>;
}

/** Reading by InfluxQL through the `influx` package, on every version. */
export function askInflux(connection: Connection, options: InfluxOptions): Questions {
  const { where, database } = connection;
  const client = clientOf(connection, options);
  const policy =
    connection.retentionPolicy === undefined ? {} : { retentionPolicy: connection.retentionPolicy };

  const run = async (query: string, method: 'GET' | 'POST'): Promise<readonly ResultSeries[]> => {
    const asked = { database, ...policy, precision: 'ms' as const, method };
    const answer: unknown = await answered(connection, (signal) =>
      client.queryRaw(query, { ...asked, signal }),
    );
    return parseAnswer(answer, where);
  };

  return {
    ask: (query) => run(query, 'GET'),
    command: async (query) => {
      await run(query, 'POST');
    },
    createDatabase: () => answered(connection, () => client.createDatabase(database)),
  };
}

/**
 * The package takes a host out of use after its first failure, for up to ten seconds, and with one host then refuses
 * every question unasked. Zero seconds of that and no retry leave both decisions to us.
 */
function clientOf({ url, agent, timeout }: Connection, options: InfluxOptions): InfluxDB {
  const never = { getDelay: () => 0, next: () => never, reset: () => never };
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  const config: IClusterConfig = {
    hosts: [
      {
        host: url.hostname,
        port,
        path: url.pathname.replace(/\/+$/, ''),
        protocol: url.protocol === 'https:' ? 'https' : 'http',
        options: { agent, headers: authorization(options) },
      },
    ],
    pool: { backoff: never, maxRetries: 0, requestTimeout: timeout },
  };
  // Left out, the package logs in as root with the password root, over the header above. Its types know no "nobody".
  Reflect.set(config, 'username', null);
  return new InfluxDB(config);
}

/** The package neither notices a connection that breaks in the middle of an answer nor limits the whole time. */
async function answered<T>(
  { where, timeout }: Connection,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const giveUp = new AbortController();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${timeout} ms`)), timeout);
  try {
    return await Promise.race([ask(giveUp.signal), late]);
  } catch (error) {
    giveUp.abort();
    throw asStoreError(error, where);
  } finally {
    clearTimeout(timer);
  }
}

function asStoreError(error: unknown, where: string): StoreError {
  // RequestError of the package: `res` is the response, the words are in the message. Its 5xx have lost their body.
  const response = error instanceof Error && 'res' in error ? error.res : undefined;
  const status =
    typeof response === 'object' && response !== null && 'statusCode' in response && response.statusCode;
  const words = error instanceof Error ? error.message : String(error);
  const { because, message } =
    typeof status === 'number'
      ? keptFor({ status, headers: {}, body: words }, where)
      : error instanceof Error && error.constructor.name === 'ServiceNotAvailableError'
        ? keptFor({ status: 500, headers: {}, body: words }, where)
        : keptUnreachable(error, where);
  // Not as its cause: the package's error carries the whole request, credentials included, into whatever logs it.
  return new StoreError(because, message);
}

function parseAnswer(answer: unknown, where: string): readonly ResultSeries[] {
  const failed = property(answer, 'error');
  if (typeof failed === 'string') throw new StoreError('server_error', `${where}: ${failed}`);
  return list(property(answer, 'results')).flatMap((result) => {
    const error = property(result, 'error');
    if (typeof error === 'string') {
      throw new StoreError(/not found/.test(error) ? 'missing' : 'server_error', `${where}: ${error}`);
    }
    return list(property(result, 'series')).map(parseSeries);
  });
}

function parseSeries(series: unknown): ResultSeries {
  const columns = list(property(series, 'columns'));
  const tags = property(series, 'tags');
  const pairs = typeof tags === 'object' && tags !== null ? Object.entries(tags) : [];
  return {
    name: String(property(series, 'name')),
    tags: Object.fromEntries(pairs.map(([key, value]) => [key, String(value)])),
    column: (name) => columns.indexOf(name),
    rows: list(property(series, 'values')).map(list),
  };
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A name in double quotes. */
export function identifier(name: string): string {
  return `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

/** A text in single quotes. */
export function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
}
