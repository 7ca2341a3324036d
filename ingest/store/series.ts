import { isId } from '../../devices/index.ts';
import { type Measurement, measurements, type PointBatch, type Series } from './store.ts';

/**
 * Series known to one process. A million is what one box can index in InfluxDB 1.x and far above what a farm has
 * (2,000 devices with five quantities are 10,000): more means that something invents names, and must not eat the memory.
 */
export const MAX_SERIES = 1_000_000;

export interface SeriesCatalogue {
  /**
   * The one object for these four tags and field; the same texts always give the same object.
   * @returns undefined when MAX_SERIES are known already
   */
  readonly intern: (
    measurement: Measurement,
    site: string,
    place: string,
    device: string,
    channel: string,
    field: string,
  ) => Series | undefined;
  readonly size: () => number;
}

/** Gives each series its dense index. One per process (or thread): stores keep their caches by that index. */
export function createSeriesCatalogue(limit: number = MAX_SERIES): SeriesCatalogue {
  const known = new Map<string, Series>();
  return {
    intern: (measurement, site, place, device, channel, field) => {
      // A space occurs in no id, so two different series never share a key.
      const key = `${measurement} ${site} ${place} ${device} ${channel} ${field}`;
      const found = known.get(key);
      if (found !== undefined || known.size >= limit) return found;
      const series: Series = { index: known.size, measurement, site, place, device, channel, field };
      known.set(key, series);
      return series;
    },
    size: () => known.size,
  };
}

/** First instant no store has to keep: year 2200. InfluxDB ends in 2262 (int64 nanoseconds). */
export const MAX_INSTANT = Date.UTC(2200, 0, 1);

/**
 * Values beyond this are refused: nothing physical is, and below it no sum over any number of points a disk can hold
 * overflows to infinity, which InfluxDB cannot put into its JSON answer.
 */
export const MAX_MAGNITUDE = 1e290;

/** Why a series can be kept by no store, or undefined. Decided once per series, not per point. */
export function seriesFault(series: Series): string | undefined {
  if (!measurements.includes(series.measurement))
    return `measurement "${series.measurement}" is not one of ours`;
  for (const tag of ['site', 'place', 'device', 'channel', 'field'] as const) {
    if (!isId(series[tag])) return `${tag} "${series[tag]}" must be 1 to 64 of A-Z a-z 0-9 _ . -`;
  }
  // InfluxDB takes a field of a tag's name and then cannot tell which one a question means; 3.x refuses it.
  if (RESERVED.has(series.field)) return `field "${series.field}" is the name of a tag`;
  return undefined;
}

const RESERVED: ReadonlySet<string> = new Set(['site', 'place', 'device', 'channel', 'time']);

/** Why a point can be kept by no store, or undefined. Both stores ask this, so both refuse the same. */
export function pointFault(at: number, value: number): string | undefined {
  if (!(value >= -MAX_MAGNITUDE && value <= MAX_MAGNITUDE)) {
    return `value ${value} must be a finite number up to ${MAX_MAGNITUDE}`;
  }
  if (!Number.isInteger(at) || at < 0 || at >= MAX_INSTANT) {
    return `time ${at} must be whole milliseconds from 1970 to 2199`;
  }
  return undefined;
}

export interface Checked {
  /** Positions of the points a store can take, in their order. */
  readonly points: Int32Array;
  readonly rejected: readonly { readonly index: number; readonly message: string }[];
}

/** Separates what any store can take from what none can. `faultOf` lets a store remember its answer per series. */
export function checkBatch(batch: PointBatch, faultOf: (series: Series) => string | undefined): Checked {
  const { series, at, value } = batch;
  if (at.length !== series.length || value.length !== series.length) {
    throw new RangeError('a PointBatch needs columns of the same length');
  }
  const points = new Int32Array(series.length);
  const rejected: { index: number; message: string }[] = [];
  let count = 0;
  for (let index = 0; index < series.length; index += 1) {
    const one = series[index];
    if (one === undefined) continue;
    const message = faultOf(one) ?? pointFault(at[index] ?? Number.NaN, value[index] ?? Number.NaN);
    if (message === undefined) points[count++] = index;
    else rejected.push({ index, message });
  }
  return { points: points.subarray(0, count), rejected };
}
