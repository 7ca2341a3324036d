import { type Duration, type Instant, isId } from '../../devices/index.ts';
import { identifier, literal, type Questions, type ResultSeries } from './influx-query.ts';
import { type Chunk, mergeInTime, type Stream } from './merge.ts';
import {
  type Aggregate,
  type Measurement,
  measurements,
  type Point,
  type SeriesFilter,
  type TaggedPoint,
} from './store.ts';

/** Rows of one answer: the size InfluxDB itself cuts its answers into. About 1 MB of JSON. */
const FETCH_POINTS = 10_000;

export const TAGS = ['site', 'place', 'device', 'channel'] as const;
export const TAG_LIST = TAGS.map(identifier).join(', ');

/** Rollups lie beside their raw points, in a measurement of this name. */
export function rollupOf(measurement: Measurement): string {
  return `${measurement}_1h`;
}

type Tags = Partial<Record<(typeof TAGS)[number], string>>;

/** Both ends always: without an end InfluxDB 1.x reads grouped points only up to its own now. */
export function within(tags: Tags, from: Instant, to: Instant): string {
  const equal = TAGS.filter((tag) => tags[tag] !== undefined).map(
    (tag) => `${identifier(tag)} = ${literal(tags[tag] ?? '')} AND `,
  );
  return `${equal.join('')}time >= ${from}ms AND time < ${to}ms`;
}

/** A text that is no id matches no series of ours, and needs no question. */
function canMatch(filter: Tags & { readonly field?: string }): boolean {
  return [...TAGS, 'field' as const].every((name) => filter[name] === undefined || isId(filter[name]));
}

function asked(filter: { readonly measurement?: Measurement }): readonly Measurement[] {
  return filter.measurement === undefined ? measurements : [filter.measurement];
}

/** Pages of raw points, read by time: OFFSET would read everything before it again, and SLIMIT is not portable. */
export function readRaw({ ask }: Questions, filter: SeriesFilter): AsyncGenerator<readonly TaggedPoint[]> {
  const measured = canMatch(filter) ? asked(filter) : [];
  const streams = measured.map((measurement): Stream => {
    const select = `SELECT ${identifier(filter.field)}, "device", "channel" FROM ${identifier(measurement)}`;
    return async (from): Promise<Chunk> => {
      const page = points(
        await ask(`${select} WHERE ${within(filter, from, filter.to)} LIMIT ${FETCH_POINTS}`),
        filter.field,
      );
      const [first, last] = [page[0], page.at(-1)];
      if (page.length < FETCH_POINTS || first === undefined || last === undefined) {
        return { points: page.filter(isReading), covered: filter.to };
      }
      // More points of the last time may follow, so it is read again with the next page.
      if (first.at < last.at) {
        return { points: page.filter((point) => point.at < last.at && isReading(point)), covered: last.at };
      }
      // A page of one time: all of that time at once, which is at most a point per series.
      const whole = await ask(`${select} WHERE ${within(filter, last.at, last.at + 1)}`);
      return { points: points(whole, filter.field).filter(isReading), covered: last.at + 1 };
    };
  });
  return mergeInTime(streams, filter.from, filter.to);
}

/** Rows as they came; what is no number has the value NaN until the page was measured. */
function points(answer: readonly ResultSeries[], field: string): TaggedPoint[] {
  return answer.flatMap(({ rows, column }) => {
    const [time, value, device, channel] = [
      column('time'),
      column(field),
      column('device'),
      column('channel'),
    ];
    return rows.map((row) => ({
      at: Number(row[time]),
      value: typeof row[value] === 'number' ? row[value] : Number.NaN,
      device: String(row[device] ?? ''),
      channel: String(row[channel] ?? ''),
    }));
  });
}

/** A text under our field's name is somebody else's. */
function isReading({ value }: TaggedPoint): boolean {
  return !Number.isNaN(value);
}

/** The number fields a measurement has. Others can lie there when someone else writes into the same database. */
export async function fieldsOf({ ask }: Questions, measurement: Measurement): Promise<readonly string[]> {
  const answer = await ask(`SHOW FIELD KEYS FROM ${identifier(measurement)}`);
  const names = answer.flatMap(({ rows, column }) =>
    rows.filter((row) => row[column('fieldType')] === 'float').map((row) => String(row[column('fieldKey')])),
  );
  return names.filter(isId).sort();
}

/** One value per bucket that has points. The arguments were checked by the caller. */
export async function readBuckets(
  questions: Questions,
  filter: SeriesFilter,
  every: Duration,
  fn: Aggregate,
  source: 'raw' | 'rollup',
): Promise<readonly Point[]> {
  if (!canMatch(filter)) return [];
  if (fn === 'first' || fn === 'last') return await readEnds(questions, filter, every, fn);
  const parts = await Promise.all(
    asked(filter).map((measurement) => partsOf(questions, measurement, filter, every, source)),
  );
  const merged = new Map<Instant, Parts>();
  for (const part of parts.flat()) {
    const other = merged.get(part.at);
    merged.set(part.at, other === undefined ? part : joined(other, part));
  }
  return [...merged.values()]
    .sort((a, b) => a.at - b.at)
    .map((part) => ({ at: part.at, value: fn === 'mean' ? part.sum / part.count : part[fn] }));
}

/** What every aggregate of a bucket follows from, also over several measurements. */
interface Parts {
  readonly at: Instant;
  readonly sum: number;
  readonly count: number;
  readonly min: number;
  readonly max: number;
}

function joined(a: Parts, b: Parts): Parts {
  return {
    at: a.at,
    sum: a.sum + b.sum,
    count: a.count + b.count,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
  };
}

async function partsOf(
  { ask }: Questions,
  measurement: Measurement,
  filter: SeriesFilter,
  every: Duration,
  source: 'raw' | 'rollup',
): Promise<readonly Parts[]> {
  const range = within(filter, filter.from, filter.to);
  const select =
    source === 'raw'
      ? fromRaw(filter.field, measurement, range)
      : fromRollup(filter.field, measurement, range);
  const answer = await ask(`${select} GROUP BY time(${every}ms) fill(none)`);
  return answer.flatMap(({ rows, column }) => {
    const [time, sum, count, min, max] = ['time', 'sum', 'count', 'min', 'max'].map(column);
    const number = (row: readonly unknown[], position = -1): number => Number(row[position]);
    return rows.map((row) => ({
      at: number(row, time),
      sum: number(row, sum),
      count: number(row, count),
      min: number(row, min),
      max: number(row, max),
    }));
  });
}

function fromRaw(field: string, measurement: Measurement, range: string): string {
  const value = identifier(field);
  return `SELECT sum(${value}) AS "sum", count(${value}) AS "count", min(${value}) AS "min", max(${value}) AS "max" FROM ${identifier(measurement)} WHERE ${range}`;
}

/**
 * Sums and counts, not means, are put together: a device that reports each minute weighs 60 times one that reports each
 * hour, as it does in raw points.
 */
function fromRollup(field: string, measurement: Measurement, range: string): string {
  const of = (figure: string): string => identifier(`${field}_${figure}`);
  return `SELECT sum(${of('sum')}) AS "sum", sum(${of('count')}) AS "count", min(${of('min')}) AS "min", max(${of('max')}) AS "max" FROM ${identifier(rollupOf(measurement))} WHERE ${range}`;
}

/**
 * First or last points. InfluxDB answers with the bucket's time, not the point's, so points of several measurements in
 * one bucket cannot be told apart by what it says: then, and only then, the raw points are read.
 */
async function readEnds(
  questions: Questions,
  filter: SeriesFilter,
  every: Duration,
  fn: 'first' | 'last',
): Promise<readonly Point[]> {
  const answers = await Promise.all(
    asked(filter).map((measurement) =>
      questions.ask(
        `SELECT ${fn}(${identifier(filter.field)}) AS "value" FROM ${identifier(measurement)} WHERE ${within(filter, filter.from, filter.to)} GROUP BY time(${every}ms) fill(none)`,
      ),
    ),
  );
  const filled = answers.flat();
  const [only] = filled;
  if (only === undefined) return [];
  if (filled.length > 1) return await endsOfRaw(questions, filter, every, fn);
  const [time, value] = [only.column('time'), only.column('value')];
  return only.rows.map((row) => ({ at: Number(row[time]), value: Number(row[value]) }));
}

async function endsOfRaw(
  questions: Questions,
  filter: SeriesFilter,
  every: Duration,
  fn: 'first' | 'last',
): Promise<readonly Point[]> {
  const ends = new Map<Instant, Point>();
  for await (const page of readRaw(questions, filter)) {
    for (const point of page) {
      const bucket = Math.floor(point.at / every) * every;
      const end = ends.get(bucket);
      const earlier = end === undefined || (fn === 'first' ? point.at < end.at : point.at > end.at);
      if (earlier || (point.at === end?.at && point.value > end.value)) ends.set(bucket, point);
    }
  }
  return [...ends].map(([at, { value }]) => ({ at, value }));
}
