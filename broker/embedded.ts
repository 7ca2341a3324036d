/**
 * The embedded MQTT broker: the only file that knows aedes.
 *
 * aedes acknowledges a QoS 1 message before it routes it, and asks only `authorizePublish` before that, so that is
 * where a message goes to the journal: its callback runs after the fsync, and the PUBACK after the callback. An error
 * there closes the connection and the device sends again; so it fails only for "not allowed" and "cannot append",
 * never for something that cannot be decoded.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Aedes, type Client } from 'aedes';
import type { Clock } from '../devices/index.ts';
import type { Access } from './access.ts';
import type { Door } from './door.ts';
import * as guard from './guard.ts';
import { type HistogramFigures, histogram } from './histogram.ts';
import type { Journal } from './journal/journal.ts';
import { objectToRetain, type Session, takeToken } from './session.ts';

export interface TlsFiles {
  readonly port: number;
  readonly cert: Buffer;
  readonly key: Buffer;
  /** When given, clients must show a certificate signed by it, besides their password. */
  readonly ca?: Buffer;
}

export interface EmbeddedOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: TlsFiles;
  readonly maxConnections: number;
  readonly clock: Clock;
  readonly access: Access;
  readonly journal: Journal;
  readonly door: Door;
}

export interface EmbeddedStatus {
  readonly connections: number;
  readonly acceptedTotal: number;
  readonly puback: HistogramFigures;
}

/** aedes' private parser, as far as it is used here: a packet's length is known before its body is read. */
interface LengthAwareParser {
  packet: { length: number };
  _parsePayload: () => boolean;
  _emitError: (error: Error) => boolean;
}

/** MQTT 3.1.1 return codes of CONNACK. */
const IDENTIFIER_REJECTED = 2;
const SERVER_UNAVAILABLE = 3;
const BAD_CREDENTIALS = 4;
const NOT_AUTHORIZED = 5;

/** Ends of a connection that are a line's or a credential's doing, or were refused with their own reason already. */
const NOT_THE_PACKETS_FAULT =
  /too large|keep alive|connect did not arrive|connection closed|ECONN|EPIPE|refused with code|premature|access check|journal/i;

class Refused extends Error {
  readonly objection: guard.Objection;
  constructor(objection: guard.Objection) {
    super(`${objection.reason}: expected ${objection.expected}`);
    this.objection = objection;
  }
}

function hasParser(client: object): client is { _parser: LengthAwareParser } {
  return '_parser' in client;
}

function addressOf(client: Client): string {
  const { conn } = client;
  return 'remoteAddress' in conn && typeof conn.remoteAddress === 'string' ? conn.remoteAddress : '';
}

export class EmbeddedBroker {
  readonly #options: EmbeddedOptions;
  readonly #sessions = new WeakMap<Client, Session>();
  readonly #live = new Map<string, Client>();
  readonly #retained = new Map<string, Set<string>>();
  readonly #puback = histogram();
  readonly #servers: Server[] = [];
  #aedes: Aedes | undefined;
  #accepted = 0;

  constructor(options: EmbeddedOptions) {
    this.#options = options;
  }

  /** Listens; fails with the system's error (EADDRINUSE ...) when a port cannot be had. */
  async start(): Promise<{ readonly port: number; readonly tlsPort?: number }> {
    const { access, host, port, tls } = this.#options;
    const aedes = await this.#createBroker();
    this.#aedes = aedes;
    access.onChange((usernames) => {
      for (const username of usernames) this.#live.get(username)?.close();
    });
    const listening = await this.#listen(
      createServer((socket) => this.#accept(aedes, socket)),
      port,
      host,
    );
    if (tls === undefined) return { port: listening };
    const secure = createTlsServer(
      {
        cert: tls.cert,
        key: tls.key,
        minVersion: 'TLSv1.2',
        ...(tls.ca === undefined ? {} : { ca: tls.ca, requestCert: true, rejectUnauthorized: true }),
      },
      (socket) => this.#accept(aedes, socket),
    );
    return { port: listening, tlsPort: await this.#listen(secure, tls.port, host) };
  }

  /** Publishes to devices that subscribed (commands). */
  publish(topic: string, payload: Buffer, retain: boolean): void {
    this.#aedes?.publish({ cmd: 'publish', topic, payload, qos: 1, retain, dup: false }, () => {});
  }

  status(): EmbeddedStatus {
    return {
      connections: this.#aedes?.connectedClients ?? 0,
      acceptedTotal: this.#accepted,
      puback: this.#puback.figures(),
    };
  }

  async stop(): Promise<void> {
    const aedes = this.#aedes;
    this.#aedes = undefined;
    const closed = this.#servers
      .splice(0)
      .map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    if (aedes !== undefined) await new Promise<void>((resolve) => aedes.close(() => resolve()));
    await Promise.all(closed);
  }

  async #createBroker(): Promise<Aedes> {
    const aedes = await Aedes.createBroker({
      concurrency: 100,
      connectTimeout: guard.CONNECT_TIMEOUT_MS,
      drainTimeout: guard.DRAIN_TIMEOUT_MS,
      keepaliveLimit: guard.MAX_KEEPALIVE_S,
      maxTopicLevels: guard.MAX_TOPIC_LEVELS,
      preConnect: (client, packet, done) => {
        const objection =
          guard.objectToText(packet.clientId) ??
          guard.objectToText(packet.username ?? '') ??
          (packet.will === undefined ? undefined : guard.objectToText(packet.will.topic));
        if (objection === undefined) return done(null, true);
        this.#refuse(client, objection, { clientId: packet.clientId });
        done(new Refused(objection), false);
      },
      authenticate: (client, username, password, done) => {
        this.#authenticate(client, username ?? '', password?.toString('utf8') ?? '').then(
          (returnCode) => {
            if (returnCode === 0) return done(null, true);
            done(
              Object.assign(new Error(`connection refused with code ${returnCode}`), { returnCode }),
              false,
            );
          },
          () =>
            done(Object.assign(new Error('access check failed'), { returnCode: SERVER_UNAVAILABLE }), false),
        );
      },
      authorizeSubscribe: (client, subscription, done) => {
        const session = this.#sessions.get(client);
        const objection =
          session === undefined ? undefined : guard.objectToSubscribe(session.identity, subscription.topic);
        if (session !== undefined && objection === undefined) return done(null, subscription);
        if (objection !== undefined) this.#refuse(client, objection, { topic: subscription.topic });
        // Null is "failure" for this filter in the SUBACK; the connection stays.
        done(null, null);
      },
      authorizeForward: (client, packet) => {
        const session = this.#sessions.get(client);
        return session?.identity !== undefined && packet.topic.startsWith(session.identity.prefix)
          ? packet
          : null;
      },
      authorizePublish: (client, packet, done) => {
        this.#authorizePublish(client, packet, done);
      },
    });
    skipRoutingOfTelemetry(aedes);
    const closedFor = (client: Client, error: Error): void => {
      if (error instanceof Refused || NOT_THE_PACKETS_FAULT.test(error.message)) return;
      const expected = `a valid MQTT 3.1.1 packet (${error.message})`;
      this.#refuse(client, { reason: 'malformed_packet', expected }, {});
    };
    aedes.on('clientDisconnect', (client) => {
      if (this.#live.get(client.id) === client) this.#live.delete(client.id);
    });
    aedes.on('clientError', closedFor);
    aedes.on('connectionError', closedFor);
    return aedes;
  }

  #accept(aedes: Aedes, socket: Socket): void {
    if (aedes.connectedClients >= this.#options.maxConnections) {
      socket.destroy();
      return;
    }
    socket.setNoDelay(true);
    const client = aedes.handle(socket);
    if (hasParser(client)) this.#limitPackets(client, client._parser);
  }

  /** Refuses a packet by the length in its header, before its body is held in memory. */
  #limitPackets(client: Client, parser: LengthAwareParser): void {
    const parsePayload = parser._parsePayload;
    parser._parsePayload = () => {
      const limit = this.#sessions.has(client) ? guard.MAX_PACKET_BYTES : guard.MAX_PACKET_BYTES_BEFORE_AUTH;
      if (parser.packet.length <= limit) return parsePayload.call(parser);
      this.#refuse(
        client,
        {
          reason: 'packet_too_large',
          expected: `a packet of at most ${limit} bytes, not ${parser.packet.length}`,
        },
        {},
      );
      return parser._emitError(new Error('packet too large'));
    };
  }

  async #authenticate(client: Client, username: string, password: string): Promise<number> {
    const { access, clock, journal } = this.#options;
    // 3.1.1 has no way to slow a device down but this: it comes back later, and meanwhile keeps its messages.
    if (journal.status().state !== 'ok') return SERVER_UNAVAILABLE;
    const attempt = { username, password, clientId: client.id, address: addressOf(client) };
    const verdict = await access.authenticate(attempt);
    if (!verdict.ok) {
      this.#refuse(client, verdict, { username });
      if (verdict.reason === 'client_id_mismatch') return IDENTIFIER_REJECTED;
      return verdict.reason === 'unknown_device' || verdict.reason === 'bad_credentials'
        ? BAD_CREDENTIALS
        : NOT_AUTHORIZED;
    }
    const { identity } = verdict;
    const retained = this.#retained.get(identity.username) ?? new Set<string>();
    this.#retained.set(identity.username, retained);
    this.#live.set(identity.username, client);
    this.#sessions.set(client, { identity, retained, tokens: guard.BURST_MESSAGES, refilledAt: clock() });
    return 0;
  }

  #authorizePublish(
    client: Client | null,
    packet: { topic: string; payload: string | Buffer; retain: boolean; dup?: boolean; qos: number },
    done: (error?: Error | null) => void,
  ): void {
    const session = client === null ? undefined : this.#sessions.get(client);
    if (client === null || session === undefined) {
      done(new Error('not authenticated'));
      return;
    }
    const { topic } = packet;
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    const objection = guard.objectToPublish(session.identity, topic) ?? objectToRetain(session, packet);
    if (objection !== undefined) {
      this.#refuse(client, objection, { topic, raw: payload });
      done(new Refused(objection));
      return;
    }
    const { clock, journal } = this.#options;
    const receivedAt = clock();
    const arrivedMs = performance.now();
    const record = {
      sender: session.identity.username,
      topic,
      payload,
      receivedAt,
      dup: packet.dup === true,
      kind: 'message' as const,
    };
    const append = (): void =>
      journal.append(record, (error) => {
        if (error !== undefined) return done(error);
        this.#accepted += 1;
        this.#puback.observe(performance.now() - arrivedMs);
        done();
      });
    const waitMs = takeToken(session, receivedAt);
    if (waitMs > 0) setTimeout(append, waitMs);
    else append();
  }

  #refuse(
    client: Client,
    objection: guard.Objection,
    more: { clientId?: string; username?: string; topic?: string; raw?: Uint8Array },
  ): void {
    const identity = this.#sessions.get(client)?.identity;
    this.#options.door.refuse({
      reason: objection.reason,
      expected: objection.expected,
      address: addressOf(client),
      clientId: client.id ?? '',
      ...(identity === undefined ? {} : { device: identity.device, site: identity.site }),
      ...more,
    });
  }

  async #listen(server: Server, port: number, host: string): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
    this.#servers.push(server);
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }
}

/**
 * A device can only hear its own topics, so telemetry of a client without subscriptions interests nobody here: routing
 * it would cost two promises and a topic match per message. Its PUBACK is already written by then.
 */
function skipRoutingOfTelemetry(aedes: Aedes): void {
  const publish = aedes.publish.bind(aedes);
  const routed = (client: object, packet: { retain?: boolean }): boolean =>
    packet.retain === true || ('subscriptions' in client && hasEntries(client.subscriptions));
  Object.assign(aedes, {
    publish: (packet: Parameters<typeof publish>[0], client: unknown, done?: (error?: Error) => void) => {
      if (typeof client === 'object' && client !== null && !routed(client, packet)) return done?.();
      return Reflect.apply(publish, aedes, [packet, client, done]);
    },
  });
}

function hasEntries(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  for (const _ in value) return true;
  return false;
}
