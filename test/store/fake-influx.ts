import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<IncomingMessage['headers']>;
  readonly body: string;
}

export type Fault = number | 'reset' | 'hang' | 'cut';

export interface Answer {
  readonly fault: Fault;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface FakeInflux {
  readonly url: string;
  /** Lines taken so far, in their order. */
  readonly lines: readonly string[];
  /** Every request but `/ping`, in its order. */
  readonly asked: readonly Asked[];
  readonly close: () => void;
}

/**
 * An HTTP server that speaks as much Influx as a write needs, and answers a write as `decide` says; undefined takes its
 * lines. For what no real server does on demand.
 */
export async function fakeInflux(
  version: string,
  decide: (asked: Asked) => Answer | undefined,
): Promise<FakeInflux> {
  const lines: string[] = [];
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake');
      const body = Buffer.concat(chunks).toString('utf8');
      const one = {
        method: request.method ?? '',
        path: pathname,
        query: searchParams,
        headers: request.headers,
        body,
      };
      if (pathname.endsWith('/ping')) return response.writeHead(204, { 'x-influxdb-version': version }).end();
      asked.push(one);
      const answer = decide(one);
      if (answer !== undefined) return give(request, response, answer);
      if (pathname.endsWith('/query')) return response.writeHead(200).end('{"results":[{"statement_id":0}]}');
      if (body !== '') lines.push(...body.trimEnd().split('\n'));
      return response.writeHead(204).end();
    });
  });
  return { url: await listening(server), lines, asked, close: () => close(server) };
}

function give(request: IncomingMessage, response: ServerResponse, { fault, headers, body }: Answer): unknown {
  if (fault === 'hang') return undefined;
  if (fault === 'reset') return request.socket.destroy();
  if (fault !== 'cut') return response.writeHead(fault, headers).end(body ?? '{"error":"no"}');
  // Half an answer, then nothing more.
  response.writeHead(200, { 'content-length': '1000' }).write('{"results":');
  return setImmediate(() => request.socket.destroy());
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

function close(server: Server): void {
  server.closeAllConnections();
  server.close();
}
