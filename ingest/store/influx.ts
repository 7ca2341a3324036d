import { HOUR } from '../../devices/index.ts';
import { connectInflux, type InfluxOptions } from './influx-connection.ts';
import { createLineEncoder } from './influx-lines.ts';
import { prepareInflux } from './influx-prepare.ts';
import { askInflux } from './influx-query.ts';
import { readBuckets, readRaw } from './influx-read.ts';
import { rollupPoints } from './influx-rollup.ts';
import { DEFAULT_REQUEST_POINTS, type Delivery, deliver } from './influx-write.ts';
import { checkBuckets, clipRange } from './questions.ts';
import { checkBatch, seriesFault } from './series.ts';
import { measurements, type Series, type Store, StoreError, type WriteOutcome } from './store.ts';

export type { InfluxOptions } from './influx-connection.ts';

/**
 * Readings in an InfluxDB 1.x, 2.x or 3.x. Which one it is, is asked when it is first needed, and again after it said
 * that something is missing; it need not be reachable at the start.
 */
export function openInfluxStore(options: InfluxOptions): Store {
  const connection = connectInflux(options);
  const questions = askInflux(connection, options);
  const delivery: Delivery = {
    send: connection.write,
    encoder: createLineEncoder(),
    requestPoints: options.requestPoints ?? DEFAULT_REQUEST_POINTS,
  };
  const faults: ({ readonly series: Series; readonly fault: string | undefined } | undefined)[] = [];
  let prepared = false;

  const faultOf = (series: Series): string | undefined => {
    const known = faults[series.index];
    if (known?.series === series) return known.fault;
    const fault = seriesFault(series);
    faults[series.index] = { series, fault };
    return fault;
  };

  const prepare = async (): Promise<WriteOutcome> => {
    const outcome = await prepareInflux(connection, questions);
    prepared = outcome.kind === 'stored';
    return outcome;
  };

  /** Writes into a place that exists; when it is gone, the next write makes it again. */
  const writing = async (write: () => Promise<WriteOutcome>): Promise<WriteOutcome> => {
    if (!prepared) {
      const outcome = await prepare();
      if (outcome.kind === 'kept') return outcome;
    }
    const outcome = await write();
    if (outcome.kind === 'kept' && outcome.because === 'missing') {
      prepared = false;
      connection.forgetFlavour();
    }
    return outcome;
  };

  return {
    prepare,
    write: (batch) => {
      const { points, rejected } = checkBatch(batch, faultOf);
      return writing(async () => {
        const outcome = await deliver(delivery, batch, points);
        if (outcome.kind === 'kept' || rejected.length === 0) return outcome;
        return { kind: 'stored', rejected: [...rejected, ...outcome.rejected] };
      });
    },
    rollup: (measurement, hour) =>
      writing(async () => {
        try {
          const batch = await rollupPoints(questions, measurement, Math.floor(hour / HOUR) * HOUR);
          // An encoder of its own: these series are made for one hour and must not fill the cache of the others.
          return await deliver(
            { ...delivery, encoder: createLineEncoder() },
            batch,
            Int32Array.from(batch.at.keys()),
          );
        } catch (error) {
          if (!(error instanceof StoreError)) throw error;
          return { kind: 'kept', because: error.because, message: error.message };
        }
      }),
    raw: async function* (filter) {
      const range = clipRange(filter);
      if (range !== undefined) yield* readRaw(questions, range);
    },
    buckets: async (filter, every, fn, source) => {
      const range = clipRange(filter);
      if (range === undefined) return [];
      checkBuckets(range, every, source);
      return await readBuckets(questions, range, every, fn, source);
    },
    forget: async (before) => {
      const flavour = await connection.flavour();
      if (!('major' in flavour)) throw new StoreError(flavour.because, flavour.message);
      // InfluxDB 3 deletes no rows: there the retention period is set on the database by its administrator.
      if (flavour.major === 3) return;
      for (const measurement of measurements) {
        await questions.command(
          `DELETE FROM "${measurement}" WHERE time < ${Math.max(0, Math.ceil(before))}ms`,
        );
      }
    },
    close: async () => connection.close(),
  };
}
