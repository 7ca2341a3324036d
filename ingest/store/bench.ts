/**
 * How many points a store takes per second, without broker and decoding: `node ingest/store/bench.ts` measures SQLite in
 * a temporary folder, and with the address of an InfluxDB behind it that one too, in a database `greenlane_bench`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Duration, SECOND } from '../../devices/index.ts';
import { createLineEncoder } from './influx-lines.ts';
import { openStore } from './open-store.ts';
import { createSeriesCatalogue } from './series.ts';
import type { PointBatch, Series, Store } from './store.ts';

export interface StoreRate {
  readonly name: string;
  readonly pointsPerSecond: number;
  /** Of this process. The rest of the time it waited for the disk or the server. */
  readonly cpuShare: number;
}

/** Reads a clock in milliseconds that only goes forward. */
export type Stopwatch = () => number;

const POINTS = 20_000;
const SERIES = 1_000;

/** As many as ingest has under way. */
const WRITES_UNDER_WAY = 2;

/** Writes batches of 20,000 points over 1,000 series, in the order of device time, for about `forMs`. */
export async function benchWrites(
  name: string,
  store: Store,
  forMs: Duration,
  now: Stopwatch,
  fields = 1,
): Promise<StoreRate> {
  const series = seriesOf(fields);
  let made = 0;
  const next = (): PointBatch => batchOf(series, made++);
  const write = async (batch: PointBatch): Promise<void> => {
    const outcome = await store.write(batch);
    if (outcome.kind === 'kept') throw new Error(`${name}: ${outcome.message}`);
    if (outcome.rejected.length > 0) throw new Error(`${name} refused points of the bench`);
  };
  await write(next());
  // Made beforehand: what is measured is the store.
  const batches = Array.from({ length: 16 }, next);
  const [start, cpu] = [now(), process.cpuUsage()];
  let written = 0;
  const worker = async (): Promise<void> => {
    while (now() - start < forMs) {
      const at = written++;
      await write(shifted(batches[at % batches.length] ?? next(), Math.floor(at / batches.length)));
    }
  };
  await Promise.all(Array.from({ length: WRITES_UNDER_WAY }, worker));
  const elapsedMs = now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return {
    name,
    pointsPerSecond: Math.round((written * POINTS * SECOND) / elapsedMs),
    cpuShare: (user + system) / 1_000 / elapsedMs,
  };
}

/** How fast lines are built, without sending them. */
export function benchLines(forMs: Duration, now: Stopwatch): StoreRate {
  const encoder = createLineEncoder();
  const batch = batchOf(seriesOf(1), 0);
  const points = Int32Array.from(batch.at.keys());
  for (let warm = 0; warm < 20; warm += 1) encoder.encode(batch, points, false);
  const start = now();
  let written = 0;
  for (; now() - start < forMs; written += 1) encoder.encode(batch, points, false);
  return {
    name: 'lines built',
    pointsPerSecond: Math.round((written * POINTS * SECOND) / (now() - start)),
    cpuShare: 1,
  };
}

function seriesOf(fields: number): readonly Series[] {
  const catalogue = createSeriesCatalogue();
  return Array.from({ length: SERIES }, (_, n) => {
    const device = Math.floor(n / fields);
    const field = ['air_temperature', 'relative_humidity', 'co2', 'battery_level'][n % fields] ?? 'o2';
    return catalogue.intern('cold_chain', 'site-1', `room-${device % 20}`, `device-${device}`, 'main', field);
  }).filter((one) => one !== undefined);
}

/** Each device reports all its fields at once, every second, each device a little later than the one before. */
function batchOf(series: readonly Series[], number: number): PointBatch {
  const start = Date.UTC(2026, 0, 1) + number * (POINTS / SERIES) * SECOND;
  const rows = Array.from({ length: POINTS }, (_, n) => n);
  return {
    series: rows.map((n) => series[n % series.length]).filter((one) => one !== undefined),
    at: rows.map((n) => start + Math.floor(n / SERIES) * SECOND + Math.floor((n % SERIES) / 4)),
    value: rows.map((n) => Math.round(40 + 300 * Math.sin(n + number)) / 10),
  };
}

/** The same points a quarter of an hour later for every time the batches were used up, so that none is overwritten. */
function shifted(batch: PointBatch, times: number): PointBatch {
  return times === 0 ? batch : { ...batch, at: batch.at.map((at) => at + times * 900 * SECOND) };
}

if (import.meta.main) {
  const now = (): number => performance.now();
  const forMs = 5 * SECOND;
  const show = ({ name, pointsPerSecond, cpuShare }: StoreRate): void =>
    console.log(
      `${name.padEnd(44)} ${pointsPerSecond.toLocaleString('en').padStart(11)} points/s, ${cpuShare.toFixed(2)} cores`,
    );
  show(benchLines(SECOND, now));
  const dir = mkdtempSync(join(tmpdir(), 'greenlane-bench-'));
  const sqlite = openStore({ kind: 'sqlite', path: join(dir, 'readings.db') });
  show(await benchWrites('SQLite', sqlite, forMs, now));
  await sqlite.close();
  rmSync(dir, { recursive: true, force: true });
  const [url] = process.argv.slice(2);
  if (url !== undefined) {
    for (const requestPoints of [5_000, 10_000, 20_000]) {
      for (const fields of [1, 4]) {
        const store = openStore({ kind: 'influx', url, database: 'greenlane_bench', requestPoints });
        const name = `InfluxDB, ${requestPoints} points a request, ${fields} a line`;
        show(await benchWrites(name, store, forMs, now, fields));
        await store.close();
      }
    }
  }
}
