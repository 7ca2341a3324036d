import { connect, type Socket } from 'node:net';
import { generate } from 'mqtt-packet';
import { ackScanner } from './ack-scanner.ts';
import type { SendWindow } from './window.ts';

export interface Credentials {
  readonly clientId: string;
  readonly username?: string;
  readonly password?: string;
}

/** `refused` is for good: a wrong password does not become right by trying again. */
export type ConnectionState = 'idle' | 'connecting' | 'connected' | 'refused' | 'closed';

/** Microseconds on the monotonic clock that latencies are taken from. */
export function nowUs(): number {
  return performance.now() * 1_000;
}

export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly credentials: Credentials;
  readonly window: SendWindow;
  /** Called for each PUBACK that answers a message in flight: when that message was due, and when the PUBACK came. */
  readonly onAcknowledged: (intendedUs: number, nowUs: number) => void;
  /** Called once per batch of PUBACKs, to refill the window. */
  readonly onRoom: (connection: LoadConnection) => void;
  readonly onState: (from: ConnectionState, to: ConnectionState, detail: string) => void;
  /** A PUBACK that answers nothing, or bytes that no broker sends to a publisher. */
  readonly onUnexpected: (detail: string) => void;
}

/** Seconds between packets that the broker must tolerate; publishes count, a ping is sent when there were none. */
const KEEPALIVE_S = 60;

/** First and longest wait before connecting again; doubling in between keeps a restarting broker reachable. */
const RETRY_MS = { first: 100, longest: 5_000 } as const;

/** A broker under a connection storm may hash passwords for a while; longer than this it is not answering. */
const CONNACK_TIMEOUT_MS = 30_000;

const PINGREQ = Buffer.from([0xc0, 0]);
const DISCONNECT = Buffer.from([0xe0, 0]);

/** One device's connection: raw TCP, one reused read buffer, reconnecting until it is told to stop. */
export class LoadConnection {
  readonly index: number;
  readonly window: SendWindow;
  #options: ConnectionOptions;
  #socket: Socket | undefined;
  #state: ConnectionState = 'idle';
  #attempts = 0;
  #timer: NodeJS.Timeout | undefined;
  #wroteSincePing = false;
  #readBuffer: Buffer;
  #lastError = '';

  constructor(index: number, options: ConnectionOptions) {
    this.index = index;
    this.window = options.window;
    this.#options = options;
    // Four bytes per PUBACK of a full window, and a little for CONNACK and PINGRESP; 64 kB is what a socket returns.
    this.#readBuffer = Buffer.allocUnsafe(Math.min(65_536, 64 + 4 * (options.window.free() + 1)));
  }

  get state(): ConnectionState {
    return this.#state;
  }

  start(): void {
    if (this.#state === 'refused') return;
    this.#become('connecting', '');
    const { host, port, credentials, window } = this.#options;
    // One look at the clock per chunk: the PUBACKs in it arrived together.
    let arrivedUs = 0;
    const scanner = ackScanner({
      onConnack: (code) => this.#connack(code),
      onPuback: (packetId) => {
        const intendedUs = window.acknowledge(packetId);
        if (intendedUs < 0) this.#options.onUnexpected(`PUBACK ${packetId} answers no message in flight`);
        else this.#options.onAcknowledged(intendedUs, arrivedUs);
      },
    });
    const callback = (length: number, chunk: Uint8Array): boolean => {
      if (this.#socket !== socket) return true;
      arrivedUs = nowUs();
      if (!scanner.scan(chunk, length)) {
        this.#options.onUnexpected('the server sent a packet that no broker sends to a publisher');
        socket.destroy();
      } else if (this.#state === 'connected') this.#options.onRoom(this);
      return true;
    };
    const socket = connect({ host, port, noDelay: true, onread: { buffer: this.#readBuffer, callback } });
    this.#socket = socket;
    this.#lastError = '';
    socket.on('connect', () => {
      const { clientId, username, password } = credentials;
      const login = {
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password: Buffer.from(password) }),
      };
      socket.write(generate({ cmd: 'connect', clientId, clean: true, keepalive: KEEPALIVE_S, ...login }));
    });
    socket.on('error', (error) => {
      this.#lastError = error.message;
    });
    socket.on('close', () => this.#closed(socket));
    this.#timer = setTimeout(() => socket.destroy(), CONNACK_TIMEOUT_MS);
  }

  /** Sends the next `count` messages; the caller keeps to `window.free()`. */
  send(count: number, intendedUsOf: (seq: number) => number): void {
    if (count <= 0) return;
    this.#write(this.window.fill(count, Date.now(), intendedUsOf));
  }

  /** Keeps a connection alive that had nothing to publish; to be called every KEEPALIVE_S / 2 or more often. */
  ping(): void {
    if (this.#state === 'connected' && !this.#wroteSincePing) this.#socket?.write(PINGREQ);
    this.#wroteSincePing = false;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#become('closed', '');
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined) return;
    if (socket.connecting) socket.destroy();
    else socket.end(DISCONNECT, () => socket.destroy());
  }

  #connack(code: number): void {
    clearTimeout(this.#timer);
    if (code !== 0) {
      this.#become('refused', `CONNACK return code ${code}`);
      this.#socket?.destroy();
      return;
    }
    this.#attempts = 0;
    this.#become('connected', '');
    this.#write(this.window.again());
  }

  #write(pieces: readonly Buffer[]): void {
    const socket = this.#socket;
    if (pieces.length === 0 || socket === undefined) return;
    this.#wroteSincePing = true;
    if (pieces.length > 1) socket.cork();
    for (const piece of pieces) socket.write(piece);
    if (pieces.length > 1) socket.uncork();
  }

  #closed(socket: Socket): void {
    if (this.#socket !== socket) return;
    clearTimeout(this.#timer);
    this.#socket = undefined;
    if (this.#state === 'refused' || this.#state === 'closed') return;
    this.#become('idle', this.#lastError === '' ? 'the server closed the connection' : this.#lastError);
    const waitMs = Math.min(RETRY_MS.longest, RETRY_MS.first * 2 ** this.#attempts);
    this.#attempts += 1;
    // Spread by index, so that thousands of devices do not come back in the same millisecond.
    this.#timer = setTimeout(() => this.start(), waitMs * (0.5 + ((this.index * 0.618) % 1)));
  }

  #become(state: ConnectionState, detail: string): void {
    const from = this.#state;
    this.#state = state;
    this.#options.onState(from, state, detail);
  }
}
