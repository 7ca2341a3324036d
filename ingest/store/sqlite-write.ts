import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { HOUR, type Instant } from '../../devices/index.ts';
import { checkBatch, seriesFault } from './series.ts';
import type { Measurement, PointBatch, Series, WriteOutcome } from './store.ts';

/** Points bound to one statement: more than 64 rows gain nothing measurable. */
const ROWS = 64;

/** Points in one transaction, so that row id times this stays an exact integer for 2 ** 33 series. */
const MAX_TRANSACTION = 2 ** 20;

/** Points forgotten in one transaction, so that a write waits for milliseconds, not for a year of data. */
const FORGET_POINTS = 50_000;

/** Series looked through in one transaction when forgetting. */
const FORGET_SERIES = 1_000;

/** A series as this connection knows it. */
interface Known {
  readonly series: Series;
  readonly fault: string | undefined;
  /** Row id in this file; 0 until it is looked up, and again when the transaction that made it was rolled back. */
  id: number;
}

export interface SqliteWriter {
  readonly write: (batch: PointBatch) => WriteOutcome;
  readonly rollup: (measurement: Measurement, hour: Instant) => void;
  /** Forgets what is older, a transaction per step. */
  readonly forget: (before: Instant) => Generator<undefined>;
}

/** Statements and caches of the one connection that writes. Every function throws what SQLite throws. */
export function sqliteWriter(db: DatabaseSync): SqliteWriter {
  const known = knownSeries(db);
  const insert = inserter(db);
  const rollup = db.prepare(ROLLUP);
  return {
    write: (batch) => {
      const { points, rejected } = checkBatch(batch, (series) => known.of(series).fault);
      for (let start = 0; start < points.length; start += MAX_TRANSACTION) {
        const some = points.subarray(start, start + MAX_TRANSACTION);
        known.keepingOnlyCommitted((idOf) =>
          inTransaction(db, () => insert(batch, some, sortKeys(batch, some, idOf))),
        );
      }
      return { kind: 'stored', rejected };
    },
    rollup: (measurement, hour) => {
      const start = Math.floor(hour / HOUR) * HOUR;
      rollup.run(start, measurement, start, start + HOUR);
    },
    forget: (before) => forgetInSteps(db, before),
  };
}

const ROLLUP = `
  insert into rollup (series, hour, min, max, mean, count)
  select r.series, ?, min(r.value), max(r.value), sum(r.value) / count(*), count(*)
  from series s cross join reading r on r.series = s.id
  where s.measurement = ? and r.at >= ? and r.at < ?
  group by r.series
  on conflict (series, hour) do update
  set min = excluded.min, max = excluded.max, mean = excluded.mean, count = excluded.count
  where excluded.count >= rollup.count`;

function inTransaction(db: DatabaseSync, work: () => void): void {
  db.exec('begin immediate');
  try {
    work();
    db.exec('commit');
  } catch (error) {
    if (db.isTransaction) db.exec('rollback');
    throw error;
  }
}

/** The dictionary table and our memory of it. */
function knownSeries(db: DatabaseSync) {
  const texts = 'measurement, site, place, device, channel, field';
  const find = db.prepare(`select id from series where (${texts}) = (?, ?, ?, ?, ?, ?)`);
  const add = db.prepare(`insert into series (${texts}) values (?, ?, ?, ?, ?, ?) returning id`);
  const byIndex: (Known | undefined)[] = [];

  const of = (series: Series): Known => {
    const found = byIndex[series.index];
    // Two catalogues may use the same index for different series: only the same object is the same series.
    if (found?.series === series) return found;
    const fresh: Known = { series, fault: seriesFault(series), id: 0 };
    byIndex[series.index] = fresh;
    return fresh;
  };

  const lookUp = (s: Series): number => {
    const row = [s.measurement, s.site, s.place, s.device, s.channel, s.field];
    return Number((find.get(...row) ?? add.get(...row))?.id);
  };

  return {
    of,
    /** Runs `work`, which asks for row ids inside a transaction; when it fails the ids it made are forgotten. */
    keepingOnlyCommitted: (work: (idOf: (series: Series) => number) => void): void => {
      const asked: Known[] = [];
      try {
        work((series) => {
          const one = of(series);
          if (one.id === 0) {
            one.id = lookUp(series);
            asked.push(one);
          }
          return one.id;
        });
      } catch (error) {
        for (const one of asked) one.id = 0;
        throw error;
      }
    },
  };
}

/**
 * Points in the order of the table's key by series and, within one, in the order they came, so that a later one
 * replaces an earlier one of the same time. One number holds the row id and the position among `points`.
 */
function sortKeys(batch: PointBatch, points: Int32Array, idOf: (series: Series) => number): Float64Array {
  const keys = new Float64Array(points.length);
  for (let position = 0; position < points.length; position += 1) {
    const series = batch.series[points[position] ?? 0];
    if (series !== undefined) keys[position] = idOf(series) * MAX_TRANSACTION + position;
  }
  return keys.sort();
}

function inserter(db: DatabaseSync) {
  const row = '(?,?,?)';
  const many = db.prepare(`insert or replace into reading values ${Array(ROWS).fill(row).join(',')}`);
  const one = db.prepare(`insert or replace into reading values ${row}`);
  return (batch: PointBatch, points: Int32Array, keys: Float64Array): void => {
    let bound: number[] = [];
    for (const key of keys) {
      const id = Math.floor(key / MAX_TRANSACTION);
      const point = points[key - id * MAX_TRANSACTION] ?? 0;
      // Adding 0 turns -0 into 0: InfluxDB would keep the sign, SQLite would not.
      bound.push(id, batch.at[point] ?? 0, (batch.value[point] ?? 0) + 0);
      if (bound.length === 3 * ROWS) {
        many.run(...bound);
        bound = [];
      }
    }
    for (let i = 0; i < bound.length; i += 3) one.run(...bound.slice(i, i + 3));
  };
}

function* forgetInSteps(db: DatabaseSync, before: Instant): Generator<undefined> {
  const next = db.prepare('select id from series where id > ? order by id limit 1');
  const remove = db.prepare(`delete from reading where series = ? and at in
    (select at from reading where series = ? and at < ? order by at limit ${FORGET_POINTS})`);
  let id = nextId(next, 0);
  while (id !== undefined) {
    inTransaction(db, () => {
      let removed = 0;
      for (
        let looked = 0;
        looked < FORGET_SERIES && removed < FORGET_POINTS && id !== undefined;
        looked += 1
      ) {
        const changes = Number(remove.run(id, id, before).changes);
        removed += changes;
        if (changes < FORGET_POINTS) id = nextId(next, id);
      }
    });
    yield;
  }
}

function nextId(next: StatementSync, after: number): number | undefined {
  const id = next.get(after)?.id;
  return id === undefined ? undefined : Number(id);
}
