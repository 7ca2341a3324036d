import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { Duration } from '../../devices/index.ts';
import { mergeInTime, PAGE_POINTS, type Stream } from './merge.ts';
import type { Aggregate, Point, SeriesFilter, TaggedPoint } from './store.ts';

/** Points held while merging many series: about 4 MB. */
const MERGE_POINTS = 50_000;

/** Fewest points fetched of one series at once: below, the statement costs more than its rows. */
const MIN_FETCH = 16;

const FILTERS = ['measurement', 'site', 'place', 'device', 'channel', 'field'] as const;

interface Where {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

function whereSeries(filter: Partial<Record<(typeof FILTERS)[number], string>>): Where {
  const given = FILTERS.filter((name) => filter[name] !== undefined);
  const sql = given.map((name) => `s.${name} = ?`).join(' and ');
  return { sql: sql === '' ? 'true' : sql, values: given.map((name) => filter[name] ?? null) };
}

/** Pages of raw points in time order, each statement short, so that no reader holds up the log's way into the file. */
export function readRaw(db: DatabaseSync, filter: SeriesFilter): AsyncGenerator<readonly TaggedPoint[]> {
  const where = whereSeries(filter);
  const series = db
    .prepare(`select s.id, s.device, s.channel from series s where ${where.sql}`)
    .all(...where.values);
  const limit = Math.max(
    MIN_FETCH,
    Math.min(PAGE_POINTS, Math.floor(MERGE_POINTS / Math.max(1, series.length))),
  );
  const fetch = db.prepare(
    `select at, value from reading where series = ? and at >= ? and at < ? order by at limit ${limit}`,
  );
  const streams = series.map((row): Stream => {
    const tags = { device: String(row.device), channel: String(row.channel) };
    const id = Number(row.id);
    return (from) => {
      const points = fetch
        .all(id, from, filter.to)
        .map(({ at, value }) => ({ ...tags, at: Number(at), value: Number(value) }));
      const last = points.at(-1);
      // One series has one point per time, so everything up to and with the last one is here.
      return { points, covered: points.length === limit && last ? last.at + 1 : filter.to };
    };
  });
  return mergeInTime(streams, filter.from, filter.to);
}

const OF_RAW = {
  mean: 'sum(r.value) / count(*)',
  min: 'min(r.value)',
  max: 'max(r.value)',
  sum: 'sum(r.value)',
  count: 'count(*)',
} as const;

const OF_ROLLUP = {
  mean: 'sum(r.mean * r.count) / sum(r.count)',
  min: 'min(r.min)',
  max: 'max(r.max)',
  sum: 'sum(r.mean * r.count)',
  count: 'sum(r.count)',
} as const;

/** One value per bucket that has points. The arguments were checked by the caller. */
export function readBuckets(
  db: DatabaseSync,
  filter: SeriesFilter,
  every: Duration,
  fn: Aggregate,
  source: 'raw' | 'rollup',
): readonly Point[] {
  const where = whereSeries(filter);
  const rolledUp = source === 'rollup' && fn !== 'first' && fn !== 'last';
  const [table, time] = rolledUp ? ['rollup', 'r.hour'] : ['reading', 'r.at'];
  // Numbers are bound as doubles; only a division of integers rounds down to the bucket.
  const bucket = `${time} / cast(? as integer) * cast(? as integer)`;
  const from = `from series s cross join ${table} r on r.series = s.id
    where ${where.sql} and ${time} >= ? and ${time} < ?`;
  const values = [every, every, ...where.values, filter.from, filter.to];
  const rows =
    fn === 'first' || fn === 'last'
      ? db.prepare(endsOf(fn, bucket, from)).all(...values)
      : db
          .prepare(`select ${bucket} as bucket, ${(rolledUp ? OF_ROLLUP : OF_RAW)[fn]} as value ${from}
            group by bucket order by bucket`)
          .all(...values);
  return rows.map(({ bucket: at, value }) => ({ at: Number(at), value: Number(value) }));
}

/** With min() or max() SQLite takes the bare column from the same row; one row per time is left by then. */
function endsOf(fn: 'first' | 'last', bucket: string, from: string): string {
  return `select bucket, value, ${fn === 'first' ? 'min' : 'max'}(at) from
    (select ${bucket} as bucket, r.at as at, max(r.value) as value ${from} group by bucket, r.at)
    group by bucket order by bucket`;
}
