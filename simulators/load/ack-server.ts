/**
 * The cheapest server that keeps the protocol: accepts every CONNECT and acknowledges every QoS 1 PUBLISH, storing
 * nothing. Tests script it to misbehave; as the other end of the load generator it shows what the generator itself
 * can do.
 */
import { createServer, type Server, type Socket } from 'node:net';

export interface AckServerOptions {
  /** Return code for the CONNACK of the n-th connection, default 0. */
  readonly connackOf?: (connection: number) => number;
  /** Called per PUBLISH, also for copies; answers whether to acknowledge it, default always. */
  readonly onPublish?: (publish: ReceivedPublish, socket: Socket) => boolean;
}

export interface ReceivedPublish {
  readonly connection: number;
  readonly packetId: number;
  readonly dup: boolean;
  readonly topic: string;
  readonly payload: Buffer;
}

export interface AckServer {
  readonly port: number;
  readonly published: () => number;
  readonly close: () => Promise<void>;
}

const CONNECT = 1;
const PUBLISH = 3;
const PINGREQ = 12;
const PINGRESP = Buffer.from([0xd0, 0]);

/** Length of a packet's header and body, or undefined while its length is not complete. */
function packetAt(data: Buffer, at: number): { readonly body: number; readonly end: number } | undefined {
  let length = 0;
  for (let n = 0; n < 4; n += 1) {
    const byte = data[at + 1 + n];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) * 128 ** n;
    if (byte < 0x80) return { body: at + 2 + n, end: at + 2 + n + length };
  }
  throw new Error('a packet length of more than four bytes');
}

function serve(socket: Socket, connection: number, options: AckServerOptions, count: () => void): void {
  let rest: Buffer = Buffer.alloc(0);
  const { connackOf, onPublish } = options;
  const packet = (data: Buffer, at: number, body: number, end: number, acks: number[]): void => {
    const first = data[at] ?? 0;
    const type = first >> 4;
    if (type === CONNECT) socket.write(Buffer.from([0x20, 2, 0, connackOf?.(connection) ?? 0]));
    else if (type === PINGREQ) socket.write(PINGRESP);
    if (type !== PUBLISH || (first & 0x06) === 0) return;
    const idAt = body + 2 + data.readUInt16BE(body);
    count();
    if (onPublish !== undefined) {
      const topic = data.toString('utf8', body + 2, idAt);
      const payload = Buffer.from(data.subarray(idAt + 2, end));
      const dup = (first & 0x08) !== 0;
      if (!onPublish({ connection, packetId: data.readUInt16BE(idAt), dup, topic, payload }, socket)) return;
    }
    acks.push(0x40, 2, data[idAt] ?? 0, data[idAt + 1] ?? 0);
  };
  socket.on('data', (chunk: Buffer) => {
    const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const acks: number[] = [];
    let at = 0;
    for (;;) {
      const found = packetAt(data, at);
      if (found === undefined || found.end > data.length) break;
      packet(data, at, found.body, found.end, acks);
      at = found.end;
    }
    rest = data.subarray(at);
    if (acks.length > 0 && socket.writable) socket.write(Buffer.from(acks));
  });
  socket.on('error', () => socket.destroy());
}

/** Listens on `port` of the loopback address, by default on a free one. */
export async function startAckServer(options: AckServerOptions = {}, port = 0): Promise<AckServer> {
  let published = 0;
  let connections = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(socket, connections, options, () => {
      published += 1;
    });
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    port: address.port,
    published: () => published,
    close: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
