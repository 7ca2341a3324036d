import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { HttpError, InfluxDB as InfluxClient, type Transport } from '@influxdata/influxdb-client';
import { type Duration, SECOND } from '../../devices/index.ts';
import {
  classifyWrite,
  type HttpAnswer,
  type Kept,
  keptFor,
  keptUnreachable,
  type WriteAnswer,
} from './influx-answer.ts';
import { type Agent, exchange, keepAliveAgent } from './influx-request.ts';

export interface InfluxOptions {
  /** Base address; a path before `/write` and `/query` is kept (proxies, tenants). */
  readonly url: string;
  /** 1.x: database. 2.x: bucket, reached by InfluxQL under its own name. 3.x: database. `name/policy` names both. */
  readonly database: string;
  /** 1.x with authentication. */
  readonly username?: string;
  readonly password?: string;
  /** 2.x and 3.x. */
  readonly token?: string;
  /** 2.x. */
  readonly org?: string;
  /** Whole time of one request; afterwards its points are kept. Default 30 s: InfluxDB 1.x gives up at 10 s itself. */
  readonly timeout?: Duration;
  /** Compress what is written. Worth it on a line slower than the processor; default off. */
  readonly gzip?: boolean;
  /** Points in one request; default DEFAULT_REQUEST_POINTS. */
  readonly requestPoints?: number;
}

export const DEFAULT_TIMEOUT: Duration = 30 * SECOND;

/** Which of the write interfaces a server has. All have InfluxQL. */
export interface Flavour {
  readonly major: 1 | 2 | 3;
  /** As the server says it, empty when it does not. */
  readonly version: string;
}

export interface Connection {
  readonly where: string;
  readonly agent: Agent;
  readonly url: URL;
  readonly database: string;
  readonly retentionPolicy: string | undefined;
  readonly timeout: Duration;
  /** Sends lines. Never rejects for what a server or a network does. */
  readonly write: (lines: Buffer) => Promise<WriteAnswer>;
  /** The server's answer to lines, undecided; rejects when there is none. */
  readonly post: (lines: Buffer) => Promise<HttpAnswer>;
  /** Asks `/ping` once; remembered until `forgetFlavour`. */
  readonly flavour: () => Promise<Flavour | Kept>;
  readonly forgetFlavour: () => void;
  readonly close: () => void;
}

const zip = promisify(gzip);

/** Level 1 is five times as fast as the default and lines are so repetitive that it loses little. */
const GZIP_LEVEL = 1;

export function connectInflux(options: InfluxOptions): Connection {
  const url = parseUrl(options.url);
  const [database = '', retentionPolicy] = options.database.split('/', 2);
  if (database === '') throw new RangeError('the InfluxDB database or bucket needs a name');
  const timeout = options.timeout ?? DEFAULT_TIMEOUT;
  const agent = keepAliveAgent(url);
  const where = `InfluxDB at ${url.origin}`;
  const client = clientOf(options, url, agent, timeout);
  let known: Flavour | undefined;

  const postOne = async (lines: Buffer): Promise<HttpAnswer> => {
    const query = new URLSearchParams({ db: database, precision: 'ms' });
    if (retentionPolicy !== undefined) query.set('rp', retentionPolicy);
    const headers: Record<string, string> = {
      ...authorization(options),
      'content-type': 'text/plain; charset=utf-8',
    };
    if (options.gzip === true) headers['content-encoding'] = 'gzip';
    const body = options.gzip === true ? await zip(lines, { level: GZIP_LEVEL }) : lines;
    return await exchange(below(url, `/write?${query}`), { method: 'POST', headers, body, agent, timeout });
  };

  const postTwo = (lines: Buffer): Promise<HttpAnswer> => {
    const query = new URLSearchParams({ org: options.org ?? '', bucket: options.database, precision: 'ms' });
    return postThroughClient(
      client.transport,
      `/api/v2/write?${query}`,
      lines,
      options.gzip === true,
      timeout,
    );
  };

  const flavour = async (): Promise<Flavour | Kept> => {
    if (known !== undefined) return known;
    const found = await ping(url, options, agent, timeout, where);
    if ('major' in found) known = found;
    return found;
  };

  const post = (lines: Buffer, { major }: Flavour): Promise<HttpAnswer> =>
    // Without a token only the interface of 1.x takes a user's name; 2.x and 3.x have it too.
    major === 1 || options.token === undefined ? postOne(lines) : postTwo(lines);

  return {
    where,
    agent,
    url,
    database,
    retentionPolicy,
    timeout,
    flavour,
    forgetFlavour: () => {
      known = undefined;
    },
    post: async (lines) => {
      const found = await flavour();
      if (!('major' in found)) throw new Error(found.message);
      return await post(lines, found);
    },
    write: async (lines) => {
      const found = await flavour();
      if (!('major' in found)) return found;
      try {
        return classifyWrite(await post(lines, found), where);
      } catch (error) {
        return keptUnreachable(error, where);
      }
    },
    close: () => agent.destroy(),
  };
}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new RangeError(`the InfluxDB url must start with http:// or https://, not "${text}"`);
  }
  return url;
}

/** An address below the configured one, whose own path stays. */
export function below(url: URL, path: string): URL {
  return new URL(url.pathname.replace(/\/+$/, '') + path, url.origin);
}

/** The Authorization header for everything but `@influxdata/influxdb-client`, which makes its own from the token. */
export function authorization(options: InfluxOptions): Record<string, string> {
  if (options.username !== undefined) {
    const pair = Buffer.from(`${options.username}:${options.password ?? ''}`).toString('base64');
    return { authorization: `Basic ${pair}` };
  }
  return options.token === undefined ? {} : { authorization: `Token ${options.token}` };
}

function clientOf(options: InfluxOptions, url: URL, agent: Agent, timeout: Duration): InfluxClient {
  return new InfluxClient({
    url: below(url, '').href,
    timeout,
    transportOptions: { agent },
    ...(options.token === undefined ? {} : { token: options.token }),
  });
}

/** The client's transport without its WriteApi: no buffer, no retry, and every status is ours to judge. */
async function postThroughClient(
  transport: Transport,
  path: string,
  lines: Buffer,
  zipped: boolean,
  timeout: Duration,
): Promise<HttpAnswer> {
  let status = 0;
  // Every byte of a line is ASCII, which latin1 reads fastest and UTF-8 writes the same.
  const text = lines.toString('latin1');
  const headers = { 'content-type': 'text/plain; charset=utf-8' };
  try {
    const answered: unknown = await transport.request(
      path,
      text,
      {
        method: 'POST',
        headers,
        signal: AbortSignal.timeout(timeout),
        ...(zipped ? { gzipThreshold: 0 } : {}),
      },
      (_headers, code) => {
        status = code ?? 0;
      },
    );
    return {
      status,
      headers: {},
      body: typeof answered === 'string' ? answered : JSON.stringify(answered ?? ''),
    };
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    return { status: error.statusCode, headers: error.headers ?? {}, body: error.body ?? error.message };
  }
}

async function ping(
  url: URL,
  options: InfluxOptions,
  agent: Agent,
  timeout: Duration,
  where: string,
): Promise<Flavour | Kept> {
  try {
    const headers = authorization(options);
    const answer = await exchange(below(url, '/ping'), { method: 'GET', headers, agent, timeout });
    if (answer.status >= 300) return keptFor(answer, where);
    return flavourOf(answer, options);
  } catch (error) {
    return keptUnreachable(error, where);
  }
}

/** The version is in a header; servers that only speak Influx's language may leave it out. */
function flavourOf(answer: HttpAnswer, options: InfluxOptions): Flavour {
  const header = answer.headers['x-influxdb-version'];
  const version =
    typeof header === 'string' ? header : (/"version"\s*:\s*"([^"]+)"/.exec(answer.body)?.[1] ?? '');
  const major = /^v?([123])\./.exec(version)?.[1];
  if (major === '1') return { major: 1, version };
  if (major === '3') return { major: 3, version };
  return { major: major === '2' || options.token !== undefined ? 2 : 1, version };
}
