/** The runs of the bench. Each starts its servers anew and stops them again. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openState, registerDevice, STATE_FILE } from '../../ingest/index.ts';
import { type LoadFigures, type LoadMode, runLoad } from '../../simulators/index.ts';
import { startInflux } from '../servers/influx.ts';
import { startMosquitto } from '../servers/mosquitto.ts';
import { type ServerProcess, serverProcess } from '../support/server-process.ts';

export interface Measured {
  readonly name: string;
  readonly ratePerS?: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  readonly rssMb?: number;
  readonly text: string;
}

/** As many sensors as a packing house has gateways' worth of; each with its own connection and credential. */
const DEVICES = 250;
const SATURATED: LoadMode = { kind: 'saturate', window: 100 };
/** A store that has not caught up by then never will. */
const DRAIN_MS = 300_000;

const deviceId = (n: number): string => `dev-${n}`;
const topicOf = (n: number): string => `greenlane/farm/${deviceId(n)}/up`;
/** One reading a message; `179` and the sequence number make a device time that never repeats. */
const payloadOf = (seq: number, n: number): string => `{"ts":179${seq},"air_temperature":4.${n % 10}}`;

interface Target {
  readonly port: number;
  readonly credentialsOf: (n: number) => { clientId: string; username?: string; password?: string };
}

function load(
  { port, credentialsOf }: Target,
  mode: LoadMode,
  limit: { durationMs?: number; messages?: number },
): Promise<LoadFigures> {
  return runLoad({
    host: '127.0.0.1',
    port,
    connections: DEVICES,
    mode,
    ...limit,
    topicOf,
    payloadOf,
    credentialsOf,
    onSecond: ({ second, acknowledged }) =>
      process.stderr.write(`  ${second} s: ${acknowledged}/s acknowledged\r`),
  });
}

function rssMb(pid: number | undefined): number {
  if (pid === undefined) return Number.NaN;
  const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kb) / 1024;
}

export async function saturateMosquitto(seconds: number): Promise<Measured> {
  const server = await startMosquitto();
  if (server === undefined) throw new Error('Mosquitto is needed for the comparison');
  const credentialsOf = (n: number) => ({ clientId: deviceId(n) });
  const figures = await load({ port: server.port, credentialsOf }, SATURATED, { durationMs: seconds * 1000 });
  const rss = rssMb(server.pid());
  await server.stop();
  return {
    name: 'Mosquitto (stores nothing)',
    ratePerS: figures.acknowledgedPerS,
    p50Ms: figures.latency.p50Ms,
    p99Ms: figures.latency.p99Ms,
    rssMb: rss,
    text: `${figures.acknowledged} acknowledged`,
  };
}

interface Bench {
  readonly server: ServerProcess;
  readonly target: Target;
  readonly influx: Awaited<ReturnType<typeof startInflux>>;
  readonly stop: () => Promise<void>;
}

async function greenlane(store: 'sqlite' | 'influx'): Promise<Bench> {
  const dir = mkdtempSync(join(tmpdir(), 'greenlane-bench-'));
  const influx = store === 'influx' ? await startInflux() : undefined;
  if (store === 'influx' && influx === undefined) throw new Error('InfluxDB 1.x is needed for this run');
  const server = await serverProcess(dir, influx === undefined ? {} : { GREENLANE_INFLUX_URL: influx.url });
  const state = await openState(join(dir, STATE_FILE));
  const passwords: string[] = [];
  for (let n = 0; n < DEVICES; n++) {
    const outcome = await registerDevice(
      state,
      { id: deviceId(n), site: 'farm', place: `room-${n % 10}`, kind: 'room', timeZone: 'Asia/Shanghai' },
      Date.now(),
    );
    if (!outcome.ok) throw new Error(outcome.problem.message);
    passwords.push(outcome.value.credential.password);
  }
  await state.close();
  await server.start();
  return {
    server,
    influx,
    target: {
      port: server.mqttPort,
      credentialsOf: (n) => ({ clientId: deviceId(n), username: deviceId(n), password: passwords[n] ?? '' }),
    },
    stop: async () => {
      await server.stop();
      await influx?.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function storedTotal(server: ServerProcess): Promise<number> {
  const text = await fetch(`http://127.0.0.1:${server.httpPort}/metrics`).then((answer) => answer.text());
  return Number(/^greenlane_readings_stored_total (\d+)/m.exec(text)?.[1]);
}

/** Waits until `total` readings are stored: the figure is written after the store confirmed them. @returns ms */
async function untilStored(server: ServerProcess, total: number): Promise<number> {
  const started = performance.now();
  while ((await storedTotal(server)) < total) {
    if (performance.now() - started > DRAIN_MS) throw new Error('the store does not catch up');
    await delay(50);
  }
  return performance.now() - started;
}

/** What the store answers to a question about every reading of the run. */
async function countStored(server: ServerProcess): Promise<number> {
  let count = 0;
  for (let n = 0; n < 10; n++) {
    const query = new URLSearchParams({
      place: `room-${n}`,
      quantity: 'air_temperature',
      fn: 'count',
      every: '10m',
      from: '2026-09-21T00:00:00Z',
      to: '2026-10-04T00:00:00Z',
    });
    const answer = await server.api(`/api/v1/series?${query}`);
    if (typeof answer === 'object' && answer !== null && 'points' in answer && Array.isArray(answer.points)) {
      for (const point of answer.points) count += Array.isArray(point) ? Number(point[1]) : 0;
    }
  }
  return count;
}

export async function saturateGreenlane(store: 'sqlite' | 'influx', seconds: number): Promise<Measured> {
  const bench = await greenlane(store);
  try {
    const started = performance.now();
    const figures = await load(bench.target, SATURATED, { durationMs: seconds * 1000 });
    const drainMs = await untilStored(bench.server, figures.acknowledged);
    // The rate counts the time until the last reading is in the store, not until the last PUBACK.
    const ratePerS = figures.acknowledged / ((figures.elapsedMs + drainMs) / 1000);
    const elapsedS = (performance.now() - started) / 1000;
    const queryable = await countStored(bench.server);
    const influxRss =
      bench.influx === undefined ? '' : `, influxd RSS ${rssMb(bench.influx.pid()).toFixed(0)} MB`;
    return {
      name: `Greenlane + ${store === 'sqlite' ? 'SQLite' : 'InfluxDB 1.6'}`,
      ratePerS,
      p50Ms: figures.latency.p50Ms,
      p99Ms: figures.latency.p99Ms,
      rssMb: rssMb(bench.server.pid()),
      text: `${figures.acknowledged} acknowledged at ${figures.acknowledgedPerS.toFixed(0)}/s, ${queryable} queryable after ${elapsedS.toFixed(1)} s${influxRss}`,
    };
  } finally {
    await bench.stop();
  }
}

/** Latency at a fixed rate, counted from the intended time of sending. */
export async function latencyAt(ratePerS: number, seconds: number): Promise<Measured> {
  const bench = await greenlane('sqlite');
  try {
    const figures = await load(bench.target, { kind: 'rate', ratePerS }, { durationMs: seconds * 1000 });
    const { p50Ms, p99Ms, maxMs } = figures.latency;
    return {
      name: `PUBACK at ${ratePerS} msg/s`,
      p50Ms,
      p99Ms,
      rssMb: rssMb(bench.server.pid()),
      text: `max ${maxMs.toFixed(2)} ms over ${figures.acknowledged} messages, open loop`,
    };
  } finally {
    await bench.stop();
  }
}

/** InfluxDB is away while `ratePerS * awayS` messages come; how fast are they stored once it is back? */
export async function drainAfterOutage(ratePerS: number, awayS: number): Promise<Measured> {
  const bench = await greenlane('influx');
  try {
    await bench.influx?.kill();
    const messages = ratePerS * awayS;
    // The journal does not care how fast they came; sending them at once keeps the bench short.
    const figures = await load(bench.target, SATURATED, { messages });
    await bench.influx?.restart();
    const drainMs = await untilStored(bench.server, figures.acknowledged);
    return {
      name: `drain of ${messages} messages`,
      rssMb: rssMb(bench.server.pid()),
      text: `${(figures.acknowledged / (drainMs / 1000)).toFixed(0)} msg/s, ${(drainMs / 1000).toFixed(1)} s`,
    };
  } finally {
    await bench.stop();
  }
}
