import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Duration } from '../../devices/index.ts';
import type { HttpAnswer } from './influx-answer.ts';

/** Connections to one server: two writes in flight, and questions beside them. */
const MAX_SOCKETS = 8;

/** Most of an answer that is read; only errors and versions come this way. */
const MAX_ANSWER_BYTES = 65_536;

export type Agent = HttpAgent | HttpsAgent;

export function keepAliveAgent(url: URL): Agent {
  const options = { keepAlive: true, maxSockets: MAX_SOCKETS };
  return url.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
}

export interface Request {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  readonly agent: Agent;
  /** For the whole exchange, connecting included. */
  readonly timeout: Duration;
}

/**
 * One exchange. Rejects when there was no complete answer.
 * A connection kept alive may have been closed by the server at the very moment it was used again; that says nothing
 * about the server, so such a request is sent once more. All our requests may be repeated.
 */
export async function exchange(url: URL, request: Request): Promise<HttpAnswer> {
  const signal = AbortSignal.timeout(request.timeout);
  try {
    return await once(url, request, signal);
  } catch (error) {
    if (error instanceof StaleConnection) return await once(url, request, signal);
    throw signal.aborted ? new Error(`no answer within ${request.timeout} ms`) : error;
  }
}

/** The connection broke before an answer began, and it had served before. */
class StaleConnection extends Error {}

function once(url: URL, { method, headers, body, agent }: Request, signal: AbortSignal): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const length = { 'content-length': String(body?.length ?? 0) };
    const outgoing = send(url, { method, headers: { ...headers, ...length }, agent, signal }, (incoming) => {
      read(incoming).then(resolve, reject);
    });
    outgoing.on('error', (error) => {
      reject(outgoing.reusedSocket && !signal.aborted ? new StaleConnection(error.message) : error);
    });
    outgoing.end(body);
  });
}

async function read(incoming: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    if (bytes < MAX_ANSWER_BYTES) chunks.push(chunk);
    bytes += chunk.length;
  }
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}
