/**
 * Commits the journal's offset and everything that was learned up to it in one transaction, after the store confirmed
 * the points: so any crash replays from the last offset, without loss and without doubles.
 */
import type { DatabaseSync } from 'node:sqlite';
import { type Instant, parseQuantity, type Reading } from '../../devices/index.ts';
import type { State } from '../state/state.ts';
import type { Batch, LatestRow, RefusalRow } from './batch.ts';
import { COPY_WINDOW_MS, type Seen } from './copies.ts';

/** This reader's name in `progress`. */
const READER = 'ingest';

export interface Restored {
  readonly group: number;
  readonly latest: readonly LatestRow[];
  readonly seen: readonly Seen[];
  readonly stamps: readonly (readonly [string, Instant])[];
  readonly latestSeq: number;
}

/**
 * What the last committed batch left behind. Without a progress row the journal is read from its start (a replay after
 * a decoder fix): what identifies copies then comes from the journal again, not from the end of the last reading.
 */
export async function restoreProgress(state: State): Promise<Restored> {
  return state.snapshot(async (trx) => {
    const progress = await trx
      .selectFrom('progress')
      .select('group_id')
      .where('name', '=', READER)
      .executeTakeFirst();
    const latest = await trx.selectFrom('latest').selectAll().execute();
    const seen = await trx.selectFrom('seen').selectAll().orderBy('at').execute();
    const stamps = await trx.selectFrom('stamp').selectAll().execute();
    const isReplay = progress === undefined;
    return {
      group: progress?.group_id ?? 0,
      latest: latest.flatMap(toLatestRow),
      seen: isReplay ? [] : seen,
      stamps: (isReplay ? [] : stamps).map(({ device, last_at }) => [device, last_at] as const),
      latestSeq: latest.reduce((max, row) => Math.max(max, row.seq), 0),
    };
  });
}

interface LatestColumns {
  readonly device: string;
  readonly channel: string;
  readonly quantity: string;
  readonly site: string;
  readonly place: string;
  readonly value: number;
  readonly measured_at: Instant;
  readonly received_at: Instant;
  readonly clock: Reading['clock'];
  readonly suspect: Reading['suspect'] | null;
}

function toLatestRow(row: LatestColumns): LatestRow[] {
  const quantity = parseQuantity(row.quantity);
  if (quantity === undefined) return [];
  const { device, channel, value, clock, site, place } = row;
  const reading: Reading = {
    device,
    channel,
    quantity,
    value,
    measuredAt: row.measured_at,
    receivedAt: row.received_at,
    clock,
    ...(row.suspect === null || row.suspect === undefined ? {} : { suspect: row.suspect }),
  };
  return [{ reading, site, place }];
}

/** Prepares the statements once; the returned function commits one batch. */
export function committer(state: State, latestSeq: number): (batch: Batch, now: Instant) => Promise<void> {
  const statements = prepare(state.raw);
  let seq = latestSeq;
  return async (batch, now) => {
    const first = seq;
    // The number only grows when the transaction went through: a retry after a full disk uses the same ones.
    seq = await state.write(() => {
      const next = writeLatest(statements, batch.latest, first);
      writeRefusals(statements, batch);
      for (const { device, identity, at } of batch.seen) statements.seen.run(device, identity, at);
      if (batch.seen.length > 0) statements.forgetSeen.run(now - COPY_WINDOW_MS);
      for (const [device, at] of batch.stamps) statements.stamp.run(device, at);
      for (const [measurement, hours] of batch.due) {
        for (const hour of hours) statements.due.run(measurement, hour, now);
      }
      statements.progress.run(READER, batch.lastGroup);
      return next;
    });
  };
}

type Statements = ReturnType<typeof prepare>;

function prepare(raw: DatabaseSync) {
  return {
    latest: raw.prepare(`
      INSERT INTO latest (device, channel, quantity, site, place, value, measured_at, received_at, clock, suspect, seq)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (device, channel, quantity) DO UPDATE SET site = excluded.site, place = excluded.place,
        value = excluded.value, measured_at = excluded.measured_at, received_at = excluded.received_at,
        clock = excluded.clock, suspect = excluded.suspect, seq = excluded.seq`),
    refusal: raw.prepare(`
      INSERT INTO refusal (at, site, device, topic, reason, detail, raw, raw_bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`),
    refusalCount: raw.prepare(`
      INSERT INTO refusal_count (device, reason, times) VALUES (?, ?, ?)
      ON CONFLICT (device, reason) DO UPDATE SET times = refusal_count.times + excluded.times`),
    seen: raw.prepare(`
      INSERT INTO seen (device, identity, at) VALUES (?, ?, ?)
      ON CONFLICT (device, identity) DO UPDATE SET at = excluded.at`),
    forgetSeen: raw.prepare('DELETE FROM seen WHERE at < ?'),
    stamp: raw.prepare(`
      INSERT INTO stamp (device, last_at) VALUES (?, ?) ON CONFLICT (device) DO UPDATE SET last_at = excluded.last_at`),
    due: raw.prepare(`
      INSERT INTO rollup_due (measurement, hour, due_at) VALUES (?, ?, ?)
      ON CONFLICT (measurement, hour) DO UPDATE SET due_at = excluded.due_at`),
    progress: raw.prepare(`
      INSERT INTO progress (name, group_id) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET group_id = excluded.group_id`),
  };
}

/** @returns the last number given out */
function writeLatest(statements: Statements, rows: readonly LatestRow[], seq: number): number {
  let next = seq;
  for (const { reading, site, place } of rows) {
    next += 1;
    const { device, channel, quantity, value, measuredAt, receivedAt, clock, suspect } = reading;
    statements.latest.run(
      device,
      channel,
      quantity,
      site,
      place,
      value,
      measuredAt,
      receivedAt,
      clock,
      suspect ?? null,
      next,
    );
  }
  return next;
}

function detailOf({ channel, field, expected, received, measuredAt }: RefusalRow): string {
  return JSON.stringify({ channel, field, expected, received, measuredAt });
}

function writeRefusals(statements: Statements, batch: Batch): void {
  for (const row of batch.refusals) {
    const { at, site, device, topic, reason, raw, rawBytes } = row;
    statements.refusal.run(at, site ?? null, device ?? null, topic, reason, detailOf(row), raw, rawBytes);
  }
  for (const [key, times] of batch.refusalCounts) {
    const space = key.lastIndexOf(' ');
    statements.refusalCount.run(key.slice(0, space), key.slice(space + 1), times);
  }
}
