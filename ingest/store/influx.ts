import { HOUR } from '../../devices/index.ts';
import { connectInflux, type InfluxOptions } from './influx-connection.ts';
import { createLineEncoder, type LineSeries } from './influx-lines.ts';
import {
  forgetBefore,
  type HourFigures,
  influxQuestions,
  rawStream,
  readBuckets,
  readHour,
  readRolledUp,
} from './influx-read.ts';
import { DEFAULT_REQUEST_POINTS, type Delivery, deliver } from './influx-write.ts';
import { mergeInTime } from './merge.ts';
import { checkBuckets, clipRange } from './questions.ts';
import { checkBatch, seriesFault } from './series.ts';
import {
  type Measurement,
  type PointBatch,
  type Series,
  type Store,
  StoreError,
  type WriteOutcome,
} from './store.ts';

/**
 * InfluxDB 1.x, 2.x or 3.x. Nothing is buffered or retried here: `write` says what became of the points, and whoever
 * holds the journal's offset decides.
 */
export function openInfluxStore(options: InfluxOptions): Store {
  const connection = connectInflux(options);
  const questions = influxQuestions(options);
  const requestPoints = options.requestPoints ?? DEFAULT_REQUEST_POINTS;
  const delivery: Delivery = { send: connection.write, encoder: createLineEncoder(), requestPoints };
  const rollups: Delivery = { send: connection.write, encoder: createLineEncoder(), requestPoints };
  const rollupSeries = rollupCatalogue();
  const faults = new Map<Series, string | undefined>();

  const faultOf = (series: Series): string | undefined => {
    if (!faults.has(series)) faults.set(series, seriesFault(series));
    return faults.get(series);
  };

  const prepare = async (): Promise<WriteOutcome> => {
    const flavour = await connection.flavour();
    if (!('major' in flavour)) return flavour;
    if (flavour.major !== 1) return { kind: 'stored', rejected: [] };
    try {
      await questions.createDatabase();
      return { kind: 'stored', rejected: [] };
    } catch (error) {
      return kept(error);
    }
  };

  const write = async (batch: PointBatch): Promise<WriteOutcome> => {
    const { points, rejected } = checkBatch(batch, faultOf);
    let outcome = await deliver(delivery, batch, points);
    if (outcome.kind === 'kept' && outcome.because === 'missing') {
      connection.forgetFlavour();
      const prepared = await prepare();
      if (prepared.kind === 'kept') return prepared;
      outcome = await deliver(delivery, batch, points);
    }
    if (outcome.kind === 'kept' || rejected.length === 0) return outcome;
    return { kind: 'stored', rejected: [...rejected, ...outcome.rejected] };
  };

  return {
    prepare,
    write,
    raw: async function* (filter) {
      const range = clipRange(filter);
      if (range === undefined) return;
      yield* mergeInTime([rawStream(questions, range)], range.from, range.to);
    },
    buckets: async (filter, every, fn, source) => {
      const range = clipRange(filter);
      if (range === undefined) return [];
      checkBuckets(range, every, source);
      return await readBuckets(questions, range, every, fn, source);
    },
    rollup: async (measurement, hour) => {
      try {
        const start = Math.floor(hour / HOUR) * HOUR;
        const before = new Map(
          (await readRolledUp(questions, measurement, start)).map((one) => [
            keyOf(one),
            one.figures.count ?? 0,
          ]),
        );
        const hours = (await readHour(questions, measurement, start)).filter(
          (one) => (one.figures.count ?? 0) >= (before.get(keyOf(one)) ?? 0),
        );
        const batch = rollupBatch(hours, measurement, start, rollupSeries);
        return await deliver(rollups, batch, Int32Array.from(batch.at.keys()));
      } catch (error) {
        return kept(error);
      }
    },
    forget: (before) => forgetBefore(questions, before),
    close: async () => connection.close(),
  };
}

function kept(error: unknown): WriteOutcome {
  if (error instanceof StoreError) return { kind: 'kept', because: error.because, message: error.message };
  return {
    kind: 'kept',
    because: 'unreachable',
    message: error instanceof Error ? error.message : String(error),
  };
}

function keyOf({ tags, field }: HourFigures): string {
  return `${tags.site} ${tags.place} ${tags.device} ${tags.channel} ${field}`;
}

type RollupSeries = (measurement: string, tags: HourFigures['tags'], field: string) => LineSeries;

/** The series of rollups, numbered for the encoder; five for each raw one, so as bounded as those. */
function rollupCatalogue(): RollupSeries {
  const known = new Map<string, LineSeries>();
  return (measurement, { site = '', place = '', device = '', channel = '' }, field) => {
    const key = `${measurement} ${site} ${place} ${device} ${channel} ${field}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = { index: known.size, measurement, site, place, device, channel, field };
    known.set(key, made);
    return made;
  };
}

function rollupBatch(
  hours: readonly HourFigures[],
  measurement: Measurement,
  hour: number,
  seriesOf: RollupSeries,
) {
  const series: LineSeries[] = [];
  const at: number[] = [];
  const value: number[] = [];
  for (const { tags, field, figures } of hours) {
    for (const [figure, number] of Object.entries(figures)) {
      series.push(seriesOf(`${measurement}_1h`, tags, `${field}_${figure}`));
      at.push(hour);
      value.push(number);
    }
  }
  return { series, at, value };
}
