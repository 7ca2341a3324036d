/**
 * An open-loop load generator for MQTT brokers: raw TCP, pre-encoded QoS 1 packets, every PUBACK counted. In the
 * fixed-rate mode a message has an intended send time that does not depend on the server's answers, and latency is
 * counted from there, so a stall shows in the figures with every message it delayed (no coordinated omission).
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Credentials, LoadConnection, nowUs } from './load/connection.ts';
import { type LatencySummary, latencyHistogram } from './load/histogram.ts';
import type { PayloadOf } from './load/template.ts';
import { MAX_WINDOW, sendWindow } from './load/window.ts';

export type LoadMode =
  /** `ratePerS` messages per second over all connections together, whatever the server does. */
  | { readonly kind: 'rate'; readonly ratePerS: number; readonly window?: number }
  /** Every connection keeps `window` messages in flight: finds the highest rate, says nothing about latency at less. */
  | { readonly kind: 'saturate'; readonly window: number };

export interface LoadOptions {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  readonly mode: LoadMode;
  /** Sending ends after this time or this many messages, whichever is given and comes first. */
  readonly durationMs?: number;
  readonly messages?: number;
  readonly topicOf: (deviceIndex: number) => string;
  readonly payloadOf: PayloadOf;
  readonly credentialsOf: (deviceIndex: number) => Credentials;
  readonly onSecond?: (second: LoadSecond) => void;
  /** New connections per second, default 1000: brokers limit or queue more, and hash a password for each. */
  readonly rampPerS?: number;
  /** How long to wait for the last PUBACKs after sending ended, default 10 s. */
  readonly drainMs?: number;
  /** How long to wait for every connection to be accepted or refused before sending, default 60 s. */
  readonly connectMs?: number;
  /** Ends sending early, as if the duration were over. */
  readonly signal?: AbortSignal;
}

/** What happened in one second of the run. */
export interface LoadSecond {
  readonly second: number;
  readonly connected: number;
  readonly sent: number;
  readonly acknowledged: number;
  readonly inFlight: number;
  readonly latency: LatencySummary;
}

export interface LoadFigures {
  /** Distinct messages sent; copies sent again after a reconnect are not counted twice. */
  readonly sent: number;
  /** Messages answered by a PUBACK, each once. */
  readonly acknowledged: number;
  readonly unacknowledged: number;
  /** PUBACKs that answered nothing in flight, and packets a broker does not send to a publisher. */
  readonly unexpected: number;
  readonly connected: number;
  /** Connections refused for good, by reason. */
  readonly refused: Readonly<Record<string, number>>;
  readonly disconnects: number;
  /** From the first message until the last PUBACK. */
  readonly elapsedMs: number;
  readonly acknowledgedPerS: number;
  readonly latency: LatencySummary;
  /** User and system time of this process while it sent, per second of the run; 1 = one core. */
  readonly cpuCores: number;
  readonly rssBytes: number;
}

/** A tick per millisecond is the finest a Node timer gives; messages due meanwhile leave together. */
const TICK_MS = 1;

/** Connections whose CONNACK is awaited at the same time: a queue in the broker's backlog (128 on Linux) is lost. */
const MAX_CONNECTING = 100;

/** Nobody accepted or refused for this long: the broker is not there. */
const SILENT_MS = 5_000;

/** How often a saturating run looks whether it is over; the sending itself is driven by PUBACKs. */
const WATCH_MS = 20;

/** Half the keepalive that connections announce (60 s), with room for a late timer. */
const PING_EVERY_S = 25;

/** Default window at a fixed rate: two seconds of a device's messages, so that a stall hides nothing. */
const RATE_WINDOW_S = 2;
const RATE_WINDOW_MIN = 4;
const RATE_WINDOW_MAX = 1_024;

function check({ connections, mode, durationMs, messages }: LoadOptions): void {
  if (!Number.isInteger(connections) || connections < 1 || connections > 60_000)
    throw new Error(
      `connections must be 1 to 60000 (the ports one address pair has), not ${connections}; start a second process for more`,
    );
  if (mode.kind === 'rate' && !(mode.ratePerS > 0))
    throw new Error(`ratePerS must be above 0, not ${mode.ratePerS}`);
  if (durationMs === undefined && messages === undefined)
    throw new Error('give durationMs or messages, else the run never ends');
}

function windowSize({ mode, connections }: LoadOptions): number {
  if (mode.window !== undefined) return mode.window;
  const perDeviceS = mode.kind === 'rate' ? mode.ratePerS / connections : 0;
  const size = Math.ceil(perDeviceS * RATE_WINDOW_S);
  return Math.min(RATE_WINDOW_MAX, MAX_WINDOW, Math.max(RATE_WINDOW_MIN, size));
}

/**
 * Connects, sends, waits for the last PUBACKs and answers the figures.
 * @throws Error when the options make no sense or not one connection was accepted
 */
export async function runLoad(options: LoadOptions): Promise<LoadFigures> {
  check(options);
  const run = new LoadRun(options);
  try {
    await run.connectAll();
    return await run.send();
  } finally {
    run.stop();
  }
}

/** Waits for `done`, at most `limitMs`, and leaves no timer behind. */
async function within(done: Promise<void>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([done, limit]);
  clearTimeout(timer);
}

/** One run from the first connection to the last PUBACK. */
class LoadRun {
  #options: LoadOptions;
  #connections: readonly LoadConnection[];
  /** Connections that take part in sending: all but those refused. */
  #active: readonly LoadConnection[] = [];
  /** By connection index: its position in `#active`. */
  #places: Int32Array;
  #state: 'connecting' | 'sending' | 'draining' = 'connecting';
  #startUs = 0;
  #lastAckUs = 0;
  /** Messages whose intended send time has come (fixed rate) or that were handed to a window (saturate). */
  #issued = 0;
  #acknowledged = 0;
  #unexpected = 0;
  #connected = 0;
  #disconnects = 0;
  #lastError = '';
  #refused: Record<string, number> = {};
  #total = latencyHistogram();
  #second = latencyHistogram();
  #seen = { second: 0, sent: 0, acknowledged: 0 };
  #drained: () => void = () => {};

  constructor(options: LoadOptions) {
    this.#options = options;
    const size = windowSize(options);
    this.#places = new Int32Array(options.connections);
    this.#connections = Array.from({ length: options.connections }, (_, index) =>
      this.#connection(index, size),
    );
  }

  #connection(index: number, size: number): LoadConnection {
    const { host, port, topicOf, payloadOf, credentialsOf } = this.#options;
    return new LoadConnection(index, {
      host,
      port,
      credentials: credentialsOf(index),
      window: sendWindow({ size, topic: topicOf(index), deviceIndex: index, payloadOf }),
      onAcknowledged: (intendedUs, arrivedUs) => {
        this.#acknowledged += 1;
        this.#lastAckUs = arrivedUs;
        this.#second.record(arrivedUs - intendedUs);
      },
      onRoom: (connection) => this.#room(connection),
      onUnexpected: (detail) => {
        this.#unexpected += 1;
        this.#lastError = detail;
      },
      onState: (from, to, detail) => {
        if (detail !== '') this.#lastError = detail;
        if (to === 'connected') this.#connected += 1;
        if (from === 'connected') this.#connected -= 1;
        if (from === 'connected' && to === 'idle') this.#disconnects += 1;
        if (to === 'refused') this.#refused[detail] = (this.#refused[detail] ?? 0) + 1;
      },
    });
  }

  /** Starts connections at the ramp's pace and waits until each is accepted or refused. */
  async connectAll(): Promise<void> {
    const { rampPerS = 1_000, connectMs = 60_000, signal } = this.#options;
    const startMs = performance.now();
    const reporter = setInterval(() => this.#reportSecond(), 1_000);
    let started = 0;
    try {
      while (signal?.aborted !== true) {
        const elapsedMs = performance.now() - startMs;
        const refused = this.#refusedCount();
        const allowed = Math.min(
          this.#connections.length,
          Math.floor((elapsedMs / 1_000) * rampPerS) + 1,
          this.#connected + refused + MAX_CONNECTING,
        );
        for (; started < allowed; started += 1) this.#connections[started]?.start();
        if (this.#connected + refused === this.#connections.length || elapsedMs > connectMs) break;
        if (this.#connected + refused === 0 && elapsedMs > SILENT_MS) break;
        await delay(TICK_MS);
      }
    } finally {
      clearInterval(reporter);
    }
    if (this.#connected > 0) return;
    const { host, port } = this.#options;
    throw new Error(
      `no connection to mqtt://${host}:${port} was accepted: ${this.#lastError || 'no answer'}`,
    );
  }

  /** Sends until the end of the run, then waits for what is still unacknowledged. */
  async send(): Promise<LoadFigures> {
    const { mode, durationMs = Number.POSITIVE_INFINITY, drainMs = 10_000, signal } = this.#options;
    this.#active = this.#connections.filter((connection) => connection.state !== 'refused');
    this.#active.forEach((connection, place) => {
      this.#places[connection.index] = place;
    });
    const cpuBefore = process.cpuUsage();
    const drained = new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
    this.#startUs = nowUs();
    this.#state = 'sending';
    const reporter = setInterval(() => this.#reportSecond(), 1_000);
    if (mode.kind === 'saturate') for (const connection of this.#active) this.#room(connection);
    const limit = this.#options.messages ?? Number.POSITIVE_INFINITY;
    while (this.#issued < limit && signal?.aborted !== true) {
      const elapsedMs = (nowUs() - this.#startUs) / 1_000;
      if (mode.kind === 'rate') {
        const due = Math.floor((Math.min(elapsedMs, durationMs) * mode.ratePerS) / 1_000) + 1;
        this.#issue(Math.min(limit, due));
      }
      if (elapsedMs >= durationMs) break;
      await delay(mode.kind === 'rate' ? TICK_MS : Math.min(WATCH_MS, durationMs - elapsedMs));
    }
    this.#state = 'draining';
    if (this.#acknowledged < this.#issued) await within(drained, drainMs);
    clearInterval(reporter);
    return this.#figures(process.cpuUsage(cpuBefore));
  }

  stop(): void {
    for (const connection of this.#connections) connection.stop();
  }

  /** Makes every message before number `target` due and sends those that fit into their connection's window. */
  #issue(target: number): void {
    const touched = Math.min(target - this.#issued, this.#active.length);
    const first = this.#issued;
    this.#issued = target;
    for (let n = 0; n < touched; n += 1) {
      const connection = this.#active[(first + n) % this.#active.length];
      if (connection?.state === 'connected') this.#sendDue(connection, (first + n) % this.#active.length);
    }
  }

  /** Message `seq` of the connection at `place` is number `seq * active + place` of the run. */
  #sendDue(connection: LoadConnection, place: number): void {
    const { mode } = this.#options;
    if (mode.kind !== 'rate') return;
    const count = this.#active.length;
    const due = Math.max(0, Math.ceil((this.#issued - place) / count));
    const stepUs = 1_000_000 / mode.ratePerS;
    connection.send(
      Math.min(connection.window.free(), due - connection.window.filled()),
      (seq) => this.#startUs + (seq * count + place) * stepUs,
    );
  }

  /** A connection has room again (after PUBACKs or a reconnect). */
  #room(connection: LoadConnection): void {
    if (this.#state === 'connecting') return;
    if (this.#options.mode.kind === 'rate') this.#sendDue(connection, this.#places[connection.index] ?? 0);
    else if (this.#state === 'sending' && connection.state === 'connected') {
      const left = (this.#options.messages ?? Number.POSITIVE_INFINITY) - this.#issued;
      const count = Math.min(connection.window.free(), left);
      const sentUs = nowUs();
      this.#issued += count;
      connection.send(count, () => sentUs);
    }
    if (this.#state === 'draining' && this.#acknowledged >= this.#issued) this.#drained();
  }

  #refusedCount(): number {
    return Object.values(this.#refused).reduce((sum, count) => sum + count, 0);
  }

  #sent(): number {
    return this.#connections.reduce((sum, connection) => sum + connection.window.filled(), 0);
  }

  #reportSecond(): void {
    const sent = this.#sent();
    const seen = this.#seen;
    const second = seen.second + 1;
    if (second % PING_EVERY_S === 0) for (const connection of this.#connections) connection.ping();
    this.#options.onSecond?.({
      second,
      connected: this.#connected,
      sent: sent - seen.sent,
      acknowledged: this.#acknowledged - seen.acknowledged,
      inFlight: sent - this.#acknowledged,
      latency: this.#second.summary(),
    });
    this.#seen = { second, sent, acknowledged: this.#acknowledged };
    this.#total.add(this.#second);
    this.#second.reset();
  }

  #figures(cpu: NodeJS.CpuUsage): LoadFigures {
    this.#total.add(this.#second);
    this.#second.reset();
    const sendingMs = (nowUs() - this.#startUs) / 1_000;
    const elapsedMs = this.#acknowledged === 0 ? sendingMs : (this.#lastAckUs - this.#startUs) / 1_000;
    return {
      sent: this.#sent(),
      acknowledged: this.#acknowledged,
      unacknowledged: this.#issued - this.#acknowledged,
      unexpected: this.#unexpected,
      connected: this.#connected,
      refused: this.#refused,
      disconnects: this.#disconnects,
      elapsedMs,
      acknowledgedPerS: (this.#acknowledged / elapsedMs) * 1_000,
      latency: this.#total.summary(),
      cpuCores: (cpu.user + cpu.system) / 1_000 / sendingMs,
      rssBytes: process.memoryUsage.rss(),
    };
  }
}
