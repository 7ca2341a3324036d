/**
 * The promise behind every PUBACK, tried the hard way: kill the server at random moments under load and count what it
 * acknowledged against what it stored.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runAckedPublisher } from '../../simulators/index.ts';
import { type ServerProcess, serverProcess } from '../support/server-process.ts';

export interface CrashOptions {
  readonly kills: number;
  readonly devices: number;
  /** Chooses the moments; the same seed gives the same ones. */
  readonly seed: number;
  /** Further environment of the server, e.g. an InfluxDB. */
  readonly env?: Readonly<Record<string, string>>;
  readonly onKill?: (done: number, acknowledged: number) => void;
  /** Runs while the load is on, after the kills: an outage of the store, for example. */
  readonly during?: (server: ServerProcess) => Promise<void>;
}

export interface CrashFigures {
  readonly kills: number;
  readonly acknowledged: number;
  readonly stored: number;
  /** Acknowledged but not in the store. */
  readonly lost: number;
  /** In the store more than once. */
  readonly doubled: number;
  readonly elapsedMs: number;
}

/** Between two kills: some kills hit the start itself, some a server under full load. */
const SHORTEST_LIFE_MS = 20;
const LONGEST_LIFE_MS = 700;
/** After the last start everything acknowledged has to be in the store within this. */
const SETTLE_MS = 60_000;

/** mulberry32 (Tommy Ettinger, 2017, public domain): a seeded sequence in [0, 1). */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** All times at which a device's readings are in the store. */
async function storedTimes(server: ServerProcess, device: string, from: number): Promise<readonly number[]> {
  const query = new URLSearchParams({
    device,
    quantity: 'co2',
    every: 'raw',
    from: new Date(from).toISOString(),
    to: new Date(Date.now() + 600_000).toISOString(),
  });
  const answer = await server.api(`/api/v1/series?${query}`);
  if (
    typeof answer !== 'object' ||
    answer === null ||
    !('points' in answer) ||
    !Array.isArray(answer.points)
  ) {
    throw new Error(`no points for ${device}: ${JSON.stringify(answer)}`);
  }
  return answer.points.map((point: unknown) => (Array.isArray(point) ? Number(point[0]) : Number.NaN));
}

export async function crash(options: CrashOptions): Promise<CrashFigures> {
  const started = Date.now();
  const dir = mkdtempSync(join(tmpdir(), 'greenlane-crash-'));
  const server = await serverProcess(dir, options.env);
  const random = seeded(options.seed);
  try {
    const ids = Array.from({ length: options.devices }, (_, n) => `probe-${n}`);
    const credentials = [];
    for (const id of ids) credentials.push(await server.addDevice(id));
    await server.start();
    const publishers = credentials.map(({ username, password }) =>
      runAckedPublisher({
        host: '127.0.0.1',
        port: server.mqttPort,
        credentials: { clientId: username, username, password },
        topic: `greenlane/farm/${username}/up`,
        payloadOf: (seq, ts) => `{"ts":${ts},"seq":${seq},"co2":${seq % 100_000}}`,
        ratePerS: 400,
      }),
    );
    const acknowledged = (): number => publishers.reduce((sum, one) => sum + one.acknowledged.length, 0);
    for (let kill = 0; kill < options.kills; kill++) {
      await delay(SHORTEST_LIFE_MS + random() * (LONGEST_LIFE_MS - SHORTEST_LIFE_MS));
      await server.kill();
      options.onKill?.(kill + 1, acknowledged());
      await server.start();
    }
    await options.during?.(server);
    await delay(500);
    for (const one of publishers) await one.stop(20_000);
    return await compare(server, ids, publishers, started, options.kills);
  } finally {
    await server.kill();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function compare(
  server: ServerProcess,
  ids: readonly string[],
  publishers: readonly { readonly acknowledged: readonly { readonly ts: number }[] }[],
  started: number,
  kills: number,
): Promise<CrashFigures> {
  const deadline = Date.now() + SETTLE_MS;
  for (;;) {
    const figures = {
      kills,
      acknowledged: 0,
      stored: 0,
      lost: 0,
      doubled: 0,
      elapsedMs: Date.now() - started,
    };
    for (const [index, id] of ids.entries()) {
      const times = await storedTimes(server, id, started - 60_000);
      const distinct = new Set(times);
      const acked = publishers[index]?.acknowledged ?? [];
      figures.acknowledged += acked.length;
      figures.stored += times.length;
      figures.doubled += times.length - distinct.size;
      figures.lost += acked.filter(({ ts }) => !distinct.has(ts)).length;
    }
    if (figures.lost === 0 || Date.now() > deadline) return figures;
    await delay(500);
  }
}
