/** Starts the parts in their order and stops them in reverse; what `npm start`, the demo and the tests run. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ACCESS_FILE, type Broker, type BrokerOptions, openAccess, startBroker } from '../broker/index.ts';
import type { Clock, Duration } from '../devices/index.ts';
import type { IngestStatus, IngestThreadMessage, StoreOptions } from '../ingest/index.ts';
import { type SystemStatus, startingStatus } from './api/status.ts';
import type { HttpThreadMessage } from './threads/http.ts';
import { supervise } from './threads/supervise.ts';

export interface SystemOptions {
  readonly dataDir: string;
  readonly mqtt: Pick<BrokerOptions, 'host' | 'port' | 'tls' | 'maxConnections'>;
  readonly journal: Pick<BrokerOptions['journal'], 'keep' | 'maxBytes'>;
  readonly http: { readonly host: string; readonly port: number };
  readonly store: StoreOptions;
  /** No API token is asked: the demo, on loopback. */
  readonly open: boolean;
  readonly clock: Clock;
  /** Hears of failures that the system survives. */
  readonly onFailure: (part: 'ingest' | 'http', error: unknown) => void;
}

export interface System {
  readonly mqttPort: number;
  readonly tlsPort?: number;
  readonly httpPort: number;
  readonly status: () => SystemStatus;
  readonly stop: () => Promise<void>;
}

/** A start that cannot succeed: says which port or file, and what to do. */
export class StartError extends Error {}

/** The page and /readyz are told this often how the broker and ingest are. */
const STATUS_MS: Duration = 250;
/** A revoked credential ends its connection within this. */
const ACCESS_POLL_MS: Duration = 500;

export async function startSystem(options: SystemOptions): Promise<System> {
  const stops: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  try {
    return await startParts(options, stops, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  options: SystemOptions,
  stops: (() => Promise<void> | void)[],
  stop: () => Promise<void>,
): Promise<System> {
  const { dataDir, store } = options;
  makeDataDir(dataDir);
  let ingestStatus: IngestStatus | undefined;

  const ingest = supervise<IngestThreadMessage>(
    new URL('../ingest/thread.ts', import.meta.url),
    { dataDir, store },
    (message) => {
      if (message.kind === 'status') ingestStatus = message.status;
    },
    (error) => options.onFailure('ingest', error),
  );
  stops.push(() => ingest.stop());
  await ingest.started;

  const broker = await openBroker(options);
  stops.push(() => broker.stop());

  const status = (): SystemStatus => systemStatus(options, broker, ingestStatus);
  const { host, port } = options.http;
  const http = supervise<HttpThreadMessage>(
    new URL('./threads/http.ts', import.meta.url),
    { dataDir, store, host, port, open: options.open },
    () => {},
    (error) => options.onFailure('http', error),
  );
  stops.push(() => http.stop());
  const listening = await http.started;
  if (listening.kind === 'failed') throw portError('http.port', 'GREENLANE_HTTP_PORT', port, listening);
  const timer = setInterval(() => http.post({ status: status() }), STATUS_MS);
  stops.push(() => clearInterval(timer));

  return {
    mqttPort: broker.port,
    ...(broker.tlsPort === undefined ? {} : { tlsPort: broker.tlsPort }),
    httpPort: listening.port,
    status,
    stop,
  };
}

function makeDataDir(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartError(
      `The data directory ${dataDir} cannot be made (${why}). Set GREENLANE_DATA to one that can.`,
    );
  }
}

async function openBroker(options: SystemOptions): Promise<Broker> {
  const { dataDir, mqtt, journal, clock } = options;
  const access = openAccess(join(dataDir, ACCESS_FILE), { pollMs: ACCESS_POLL_MS, clock });
  try {
    return await startBroker({ ...mqtt, journal: { ...journal, dataDir }, access, clock });
  } catch (error) {
    access.close();
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code.startsWith('EA'))
      throw portError('mqtt.port', 'GREENLANE_MQTT_PORT', mqtt.port, { code, message });
    throw new StartError(
      `The journal in ${dataDir} cannot be opened: ${message}. Is another Greenlane using it?`,
    );
  }
}

function portError(
  key: string,
  variable: string,
  port: number,
  { code, message }: { readonly code: string; readonly message: string },
): StartError {
  if (code === 'EADDRINUSE') {
    return new StartError(
      `Port ${port} (${key}) is in use, perhaps by another Greenlane or a Mosquitto. Stop that, or choose another port: ${variable}=${port + 1}`,
    );
  }
  if (code === 'EACCES') {
    return new StartError(
      `Port ${port} (${key}) needs more rights. Choose one above 1024: ${variable}=${port + 8000}`,
    );
  }
  return new StartError(`Port ${port} (${key}) cannot be opened: ${message}`);
}

function systemStatus(
  options: SystemOptions,
  broker: Broker,
  ingest: IngestStatus | undefined,
): SystemStatus {
  const { broker: mqtt, journal } = broker.status();
  const before = startingStatus(options.store.kind);
  const now = options.clock();
  const waiting = journal.oldestReceivedAt;
  return {
    broker: {
      state: 'ok',
      connections: mqtt.connections,
      acceptedTotal: mqtt.acceptedTotal,
      puback: {
        le: [...mqtt.puback.leS],
        counts: [...mqtt.puback.counts],
        sum: mqtt.puback.sumS,
        count: mqtt.puback.count,
      },
    },
    journal: {
      bytes: journal.bytes,
      maxBytes: journal.maxBytes,
      oldestAgeMs: waiting === undefined ? 0 : Math.max(0, now - waiting),
      groupsWaiting: journal.groupsWaiting,
      messagesWaiting: journal.messagesWaiting,
      state: journal.state === 'ok' ? 'ok' : journal.state === 'journal_full' ? 'full' : 'failing',
      ...(journal.message === undefined ? {} : { reason: journal.message }),
    },
    ingest:
      ingest === undefined
        ? before.ingest
        : {
            readingsTotal: ingest.readingsTotal,
            lagMs: ingest.lagMs,
            state: ingest.state,
            ...(ingest.because === undefined ? {} : { reason: ingest.because }),
            ...(ingest.message === undefined ? {} : { message: ingest.message }),
          },
    store: { kind: options.store.kind },
  };
}
