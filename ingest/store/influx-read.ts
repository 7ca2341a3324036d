/** Questions in InfluxQL that InfluxDB 1.x, 2.x and 3.x all answer, asked through the `influx` client. */
import { InfluxDB } from 'influx';
import { type Duration, HOUR, type Instant } from '../../devices/index.ts';
import { below, type InfluxOptions } from './influx-connection.ts';
import type { Chunk, Stream } from './merge.ts';
import {
  type Aggregate,
  type KeptBecause,
  type Measurement,
  measurements,
  type Point,
  type SeriesFilter,
  StoreError,
  type TaggedPoint,
} from './store.ts';

/** Points of one series in one answer: with 1,000 series still below 100 MB of JSON. */
const PAGE_PER_SERIES = 1_000;

export interface ResultSeries {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values: readonly (readonly unknown[])[];
}

export interface InfluxQuestions {
  readonly ask: (query: string) => Promise<readonly ResultSeries[]>;
  readonly createDatabase: () => Promise<void>;
}

export function influxQuestions(options: InfluxOptions): InfluxQuestions {
  const url = new URL(options.url);
  const [database = ''] = options.database.split('/', 1);
  const isHttps = url.protocol === 'https:';
  const client = new InfluxDB({
    database,
    hosts: [
      {
        host: url.hostname,
        port: Number(url.port || (isHttps ? 443 : 80)),
        protocol: isHttps ? 'https' : 'http',
        path: below(url, '').pathname.replace(/\/$/, ''),
      },
    ],
    // 2.x and 3.x take the token as the password of any user; 1.x without authentication ignores both.
    username: options.username ?? 'greenlane',
    password: options.password ?? options.token ?? '',
    pool: { maxRetries: 0, ...(options.timeout === undefined ? {} : { requestTimeout: options.timeout }) },
  });
  const where = `InfluxDB at ${url.origin}`;
  return {
    ask: async (query) => {
      try {
        return resultOf(await client.queryRaw(query, { precision: 'ms', method: 'POST' }));
      } catch (error) {
        if (error instanceof StoreError) throw error;
        const words = error instanceof Error ? error.message : String(error);
        throw new StoreError(becauseOf(error, words), `${where}: ${words}`, error);
      }
    },
    createDatabase: () => client.createDatabase(database),
  };
}

function becauseOf(error: unknown, words: string): KeptBecause {
  const response = typeof error === 'object' && error !== null && 'res' in error ? error.res : undefined;
  const status =
    typeof response === 'object' && response !== null && 'statusCode' in response
      ? response.statusCode
      : undefined;
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 404 || /database not found/i.test(words)) return 'missing';
  return typeof status === 'number' ? 'server_error' : 'unreachable';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Takes `{results: [{series: [...]}]}` apart. @throws StoreError with the server's words */
function resultOf(answer: unknown): ResultSeries[] {
  const results = isRecord(answer) && Array.isArray(answer.results) ? answer.results : [];
  return results.flatMap((result) => {
    if (!isRecord(result)) return [];
    if (typeof result.error === 'string') {
      const missing = /database not found/i.test(result.error);
      throw new StoreError(missing ? 'missing' : 'server_error', result.error);
    }
    const series: unknown[] = Array.isArray(result.series) ? result.series : [];
    return series.flatMap(seriesOf);
  });
}

function seriesOf(raw: unknown): ResultSeries[] {
  if (!isRecord(raw) || !Array.isArray(raw.columns) || !Array.isArray(raw.values)) return [];
  const tags = isRecord(raw.tags) ? raw.tags : {};
  return [
    {
      name: String(raw.name),
      tags: Object.fromEntries(Object.entries(tags).map(([tag, value]) => [tag, String(value)])),
      columns: raw.columns.map(String),
      values: raw.values.filter((row): row is unknown[] => Array.isArray(row)),
    },
  ];
}

/** A name in double quotes. */
export function quoted(name: string): string {
  return `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

const TAGS = ['site', 'place', 'device', 'channel'] as const;

type Tagged = Partial<Record<(typeof TAGS)[number], string>> & {
  readonly from: Instant;
  readonly to: Instant;
};

function whereOf(filter: Tagged): string {
  const given = TAGS.flatMap((tag) => {
    const value = filter[tag];
    return value === undefined ? [] : [`${quoted(tag)} = ${literal(value)}`];
  });
  return [...given, `time >= ${filter.from}ms`, `time < ${filter.to}ms`].join(' AND ');
}

function fromOf(measurement: Measurement | undefined, suffix: string): string {
  if (measurement !== undefined) return quoted(`${measurement}${suffix}`);
  return `/^(${measurements.join('|')})${suffix}$/`;
}

/** All raw points of a filter as one stream of chunks, each complete up to the series that was cut first. */
export function rawStream({ ask }: InfluxQuestions, filter: SeriesFilter): Stream {
  return async (from): Promise<Chunk> => {
    const series = await ask(
      `SELECT ${quoted(filter.field)} FROM ${fromOf(filter.measurement, '')} WHERE ${whereOf({ ...filter, from })} GROUP BY * ORDER BY time ASC LIMIT ${PAGE_PER_SERIES}`,
    );
    const lists = series.map(({ tags, values }) =>
      values.flatMap(([at, value]): TaggedPoint[] =>
        typeof at === 'number' && typeof value === 'number'
          ? [{ at, value, device: tags.device ?? '', channel: tags.channel ?? '' }]
          : [],
      ),
    );
    const cuts = lists.flatMap((points) =>
      points.length >= PAGE_PER_SERIES ? [(points.at(-1)?.at ?? 0) + 1] : [],
    );
    const covered = Math.min(filter.to, ...cuts);
    const points = lists.flat().filter((point) => point.at < covered);
    return { points: points.sort((a, b) => a.at - b.at), covered };
  };
}

const PARTS: Readonly<Record<Aggregate, readonly string[]>> = {
  mean: ['sum', 'count'],
  min: ['min'],
  max: ['max'],
  sum: ['sum'],
  count: ['count'],
  first: ['first'],
  last: ['last'],
};

/** How the parts of a bucket are read from hourly rollups. */
const OF_ROLLUP: Readonly<Record<string, string>> = { sum: 'sum', count: 'sum', min: 'min', max: 'max' };

export async function readBuckets(
  { ask }: InfluxQuestions,
  filter: SeriesFilter,
  every: Duration,
  fn: Aggregate,
  source: 'raw' | 'rollup',
): Promise<readonly Point[]> {
  const rolledUp = source === 'rollup' && fn !== 'first' && fn !== 'last';
  const selected = PARTS[fn].map((part) =>
    rolledUp
      ? `${OF_ROLLUP[part]}(${quoted(`${filter.field}_${part}`)}) AS ${quoted(part)}`
      : `${part}(${quoted(filter.field)}) AS ${quoted(part)}`,
  );
  const series = await ask(
    `SELECT ${selected.join(', ')} FROM ${fromOf(filter.measurement, rolledUp ? '_1h' : '')} WHERE ${whereOf(filter)} GROUP BY time(${every}ms) fill(none)`,
  );
  const buckets = new Map<Instant, Map<string, number>>();
  for (const { columns, values } of series) {
    for (const row of values) addRow(buckets, columns, row);
  }
  return [...buckets]
    .sort(([a], [b]) => a - b)
    .flatMap(([at, parts]) => {
      const value =
        fn === 'mean' ? (parts.get('sum') ?? 0) / (parts.get('count') ?? 0) : (parts.get(fn) ?? Number.NaN);
      return Number.isFinite(value) ? [{ at, value }] : [];
    });
}

/** Several measurements may hold the same field: their buckets are put together. */
function addRow(
  buckets: Map<Instant, Map<string, number>>,
  columns: readonly string[],
  row: readonly unknown[],
): void {
  const at = row[0];
  if (typeof at !== 'number') return;
  const parts = buckets.get(at) ?? new Map<string, number>();
  for (const [index, part] of columns.entries()) {
    const value = row[index];
    if (index === 0 || typeof value !== 'number') continue;
    const before = parts.get(part);
    if (before === undefined) parts.set(part, value);
    else if (part === 'min') parts.set(part, Math.min(before, value));
    else if (part === 'sum' || part === 'count') parts.set(part, before + value);
    else parts.set(part, Math.max(before, value));
  }
  if (parts.size > 0) buckets.set(at, parts);
}

/** One hour of one series and field, computed by the server. */
export interface HourFigures {
  readonly tags: Readonly<Record<string, string>>;
  readonly field: string;
  readonly figures: Readonly<Record<string, number>>;
}

const FIGURES = ['min', 'max', 'mean', 'sum', 'count'] as const;

/** The figures of every series and field of a measurement in one hour. */
export async function readHour(
  { ask }: InfluxQuestions,
  measurement: Measurement,
  hour: Instant,
): Promise<readonly HourFigures[]> {
  const all = FIGURES.map((figure) => `${figure}(*)`).join(', ');
  const series = await ask(
    `SELECT ${all} FROM ${quoted(measurement)} WHERE ${whereOf({ from: hour, to: hour + HOUR })} GROUP BY *`,
  );
  return series.flatMap(({ tags, columns, values }) =>
    figuresOf(tags, columns, values[0] ?? [], (column) => {
      const figure = FIGURES.find((name) => column.startsWith(`${name}_`));
      return figure === undefined ? undefined : { figure, field: column.slice(figure.length + 1) };
    }),
  );
}

/** The same as it was written the last time. */
export async function readRolledUp(
  { ask }: InfluxQuestions,
  measurement: Measurement,
  hour: Instant,
): Promise<readonly HourFigures[]> {
  const series = await ask(
    `SELECT * FROM ${quoted(`${measurement}_1h`)} WHERE ${whereOf({ from: hour, to: hour + 1 })} GROUP BY *`,
  );
  return series.flatMap(({ tags, columns, values }) =>
    figuresOf(tags, columns, values[0] ?? [], (column) => {
      const figure = FIGURES.find((name) => column.endsWith(`_${name}`));
      return figure === undefined ? undefined : { figure, field: column.slice(0, -figure.length - 1) };
    }),
  );
}

function figuresOf(
  tags: Readonly<Record<string, string>>,
  columns: readonly string[],
  row: readonly unknown[],
  nameOf: (column: string) => { readonly figure: string; readonly field: string } | undefined,
): HourFigures[] {
  const fields = new Map<string, Record<string, number>>();
  for (const [index, column] of columns.entries()) {
    const named = nameOf(column);
    const value = row[index];
    if (named === undefined || typeof value !== 'number') continue;
    fields.set(named.field, { ...fields.get(named.field), [named.figure]: value });
  }
  return [...fields].flatMap(([field, figures]) =>
    (figures.count ?? 0) > 0 ? [{ tags, field, figures }] : [],
  );
}

/** Deletes raw points; 1.x and 2.x only (3.x has no row deletes and says so). */
export async function forgetBefore({ ask }: InfluxQuestions, before: Instant): Promise<void> {
  await ask(`DELETE FROM ${fromOf(undefined, '')} WHERE time < ${before}ms`);
}
