/**
 * A careful device for crash tests: QoS 1, its own time and sequence, and an exact memory of which messages were
 * acknowledged. It trusts nothing else: what has no PUBACK is sent again, marked DUP, byte for byte, after every
 * reconnect, as MQTT 3.1.1 section 4.4 asks of a client that keeps its session.
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { generate, type Packet, type Parser, parser } from 'mqtt-packet';
import type { Instant } from '../../devices/index.ts';
import type { Credentials } from './connection.ts';

export interface AckedPublisherOptions {
  readonly host: string;
  /** Asked before every connection: a restarted server may listen elsewhere. */
  readonly port: number | (() => number);
  readonly credentials: Credentials;
  readonly topic: string;
  /** The payload of message `seq`; asked once per message, copies carry the same bytes. */
  readonly payloadOf: (seq: number, ts: Instant) => string | Buffer;
  /** Messages per second; left out, as fast as `window` allows. */
  readonly ratePerS?: number;
  /** Most messages in flight, default 100. */
  readonly window?: number;
  /** First sequence number, default 0: a device that restarts goes on where it was. */
  readonly firstSeq?: number;
  /** The device's clock, default the machine's; each message gets at least 1 ms more than the one before. */
  readonly clock?: () => Instant;
  /** False when the device keeps its session over reconnects; default true. */
  readonly clean?: boolean;
  readonly onAcknowledged?: (message: SentMessage) => void;
  /** Every connection that failed or ended, with its reason. */
  readonly onDisconnect?: (reason: string) => void;
}

export interface SentMessage {
  readonly seq: number;
  readonly ts: Instant;
}

export interface AckedPublisher {
  /** Every message that got a PUBACK, in the order of the PUBACKs. */
  readonly acknowledged: readonly SentMessage[];
  /** Sent at least once, no PUBACK yet. */
  readonly unacknowledged: () => readonly SentMessage[];
  readonly connected: () => boolean;
  readonly connections: () => number;
  /** PUBACKs that answered nothing in flight. */
  readonly unexpected: () => number;
  /**
   * Makes no new messages, waits for the PUBACKs of those in flight (over reconnects, at most `drainMs`), ends.
   * @returns true when nothing is left unacknowledged
   */
  readonly stop: (drainMs?: number) => Promise<boolean>;
  /** Ends at once, as a device that loses power. */
  readonly kill: () => void;
}

/** Below the 65535 identifiers MQTT has, and what small devices keep. */
const DEFAULT_WINDOW = 100;

/** A crash test wants the device back quickly; a broker that starts needs a moment. */
const RETRY_MS = 50;

/** A broker that accepts the connection and says nothing for this long is tried again. */
const CONNACK_TIMEOUT_MS = 5_000;

const KEEPALIVE_S = 60;
const TICK_MS = 2;

interface InFlight extends SentMessage {
  readonly packetId: number;
  readonly payload: string | Buffer;
}

/** Starts publishing at once and goes on until it is stopped. */
export function runAckedPublisher(options: AckedPublisherOptions): AckedPublisher {
  const publisher = new Publisher(options);
  publisher.start();
  return {
    acknowledged: publisher.acknowledged,
    unacknowledged: () => [...publisher.inFlight.values()].map(({ seq, ts }) => ({ seq, ts })),
    connected: () => publisher.connected,
    connections: () => publisher.connections,
    unexpected: () => publisher.unexpected,
    stop: (drainMs = 10_000) => publisher.stop(drainMs),
    kill: () => publisher.kill(),
  };
}

class Publisher {
  readonly acknowledged: SentMessage[] = [];
  /** By packet identifier, in the order of sending: a Map keeps it, and copies must go out in it [MQTT-4.6.0-1]. */
  readonly inFlight = new Map<number, InFlight>();
  connected = false;
  connections = 0;
  unexpected = 0;
  #options: AckedPublisherOptions;
  #seq: number;
  #lastTs = 0;
  #packetId = 0;
  #made = 0;
  #startedMs = 0;
  #state: 'running' | 'draining' | 'ended' = 'running';
  #socket: Socket | undefined;
  #ticker: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: AckedPublisherOptions) {
    this.#options = options;
    this.#seq = options.firstSeq ?? 0;
  }

  start(): void {
    this.#startedMs = performance.now();
    this.#connect();
    this.#ticker = setInterval(() => this.#publishDue(), TICK_MS);
  }

  async stop(drainMs: number): Promise<boolean> {
    if (this.#state === 'running') this.#state = 'draining';
    const endMs = performance.now() + drainMs;
    while (this.inFlight.size > 0 && performance.now() < endMs) await delay(TICK_MS);
    if (this.connected) this.#socket?.write(generate({ cmd: 'disconnect' }));
    this.#end();
    this.#socket?.end();
    return this.inFlight.size === 0;
  }

  kill(): void {
    this.#end();
    this.#socket?.destroy();
  }

  #end(): void {
    this.#state = 'ended';
    this.connected = false;
    clearInterval(this.#ticker);
    clearTimeout(this.#retry);
  }

  #connect(): void {
    const { host, port, credentials, clean = true } = this.#options;
    const socket = connect({ host, port: typeof port === 'number' ? port : port(), noDelay: true });
    this.#socket = socket;
    let reason = 'the server closed the connection';
    const incoming: Parser = parser();
    incoming.on('packet', (packet: Packet) => this.#packet(packet, socket));
    incoming.on('error', () => socket.destroy(new Error('the server sent something that is not MQTT')));
    socket.setTimeout(CONNACK_TIMEOUT_MS, () => socket.destroy(new Error('no CONNACK')));
    socket.on('connect', () => {
      const { clientId, username, password } = credentials;
      const login = {
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password: Buffer.from(password) }),
      };
      socket.write(generate({ cmd: 'connect', clientId, clean, keepalive: KEEPALIVE_S, ...login }));
    });
    socket.on('data', (chunk) => incoming.parse(chunk));
    socket.on('error', (error) => {
      reason = error.message;
    });
    socket.on('close', () => {
      this.connected = false;
      if (this.#state === 'ended') return;
      this.#options.onDisconnect?.(reason);
      this.#retry = setTimeout(() => this.#connect(), RETRY_MS);
    });
  }

  #packet(packet: Packet, socket: Socket): void {
    if (packet.cmd === 'connack') this.#connack(packet.returnCode ?? 0, socket);
    else if (packet.cmd === 'puback') this.#puback(packet.messageId ?? 0);
  }

  #connack(code: number, socket: Socket): void {
    if (code !== 0) {
      socket.destroy(new Error(`CONNACK return code ${code}`));
      return;
    }
    socket.setTimeout(0);
    this.connected = true;
    this.connections += 1;
    for (const message of this.inFlight.values()) this.#write(message, true);
  }

  #puback(packetId: number): void {
    const message = this.inFlight.get(packetId);
    if (message === undefined) {
      this.unexpected += 1;
      return;
    }
    this.inFlight.delete(packetId);
    const { seq, ts } = message;
    this.acknowledged.push({ seq, ts });
    this.#options.onAcknowledged?.({ seq, ts });
    if (this.#options.ratePerS === undefined) this.#publishDue();
  }

  /** A device measures on: at a fixed rate messages that could not be made while offline are made up for. */
  #publishDue(): void {
    if (!this.connected || this.#state !== 'running') return;
    const { ratePerS, window = DEFAULT_WINDOW } = this.#options;
    const elapsedS = (performance.now() - this.#startedMs) / 1_000;
    const due = ratePerS === undefined ? Number.POSITIVE_INFINITY : Math.floor(elapsedS * ratePerS);
    while (this.inFlight.size < window && this.#made < due) {
      this.#made += 1;
      const message = this.#next();
      this.inFlight.set(message.packetId, message);
      this.#write(message, false);
    }
  }

  #next(): InFlight {
    const { clock = Date.now, payloadOf } = this.#options;
    const seq = this.#seq;
    this.#seq += 1;
    this.#lastTs = Math.max(this.#lastTs + 1, clock());
    do this.#packetId = (this.#packetId % 65_535) + 1;
    while (this.inFlight.has(this.#packetId));
    return { seq, ts: this.#lastTs, packetId: this.#packetId, payload: payloadOf(seq, this.#lastTs) };
  }

  #write({ packetId, payload }: InFlight, dup: boolean): void {
    const { topic } = this.#options;
    this.#socket?.write(
      generate({ cmd: 'publish', topic, payload, qos: 1, dup, retain: false, messageId: packetId }),
    );
  }
}
