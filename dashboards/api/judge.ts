import type { Duration, Instant } from '../../devices/index.ts';
import { HOUR, MINUTE, parseQuantity, quantityNames } from '../../devices/index.ts';
import type { Because, Limit, PlaceKind, PlaceState } from './schemas.ts';

/** What a place looks like by its newest readings. Pure: the same readings, limits and time give the same verdict. */

export interface JudgedReading {
  readonly device: string;
  readonly channel: string;
  readonly quantity: string;
  readonly value: number;
  readonly measuredAt: Instant;
  readonly suspect?: string;
}

export interface Verdict<R> {
  readonly state: PlaceState;
  /** Worst first. */
  readonly because: readonly Because[];
  /** The reading that stands for the place: the worst one, else the one people ask for first. */
  readonly main?: R;
}

/**
 * Silence longer than this is "no data", never "fine" (Greenlane's convention until intervals are learned per
 * device): a cold room or truck is usually sampled every minute to ten, soil and grain probes up to every hour.
 */
export const staleAfterMs: Readonly<Record<PlaceKind, Duration>> = {
  room: 30 * MINUTE,
  vehicle: 30 * MINUTE,
  plot: 3 * HOUR,
  bin: 3 * HOUR,
};

/** Which quantity people ask for first when they name a place of this kind. */
export const mainQuantities: Readonly<Record<PlaceKind, readonly string[]>> = {
  room: ['air_temperature', 'product_temperature', 'relative_humidity'],
  vehicle: ['air_temperature', 'product_temperature', 'relative_humidity'],
  plot: ['soil_moisture', 'soil_temperature', 'air_temperature'],
  bin: ['grain_temperature', 'grain_moisture', 'air_temperature'],
};

/** The most reasons told at once: a bin with sixty warm probes is one sentence with examples, not sixty. */
const MAX_REASONS = 5;

const rank: Readonly<Record<PlaceState, number>> = { act: 0, watch: 1, no_data: 2, fine: 3 };

/** fine, watch or act for one value. The limit itself is still inside. */
export function judgeValue(
  value: number,
  limit: Limit,
): { state: PlaceState; key: 'above' | 'below' | 'within'; limit?: number } {
  const { low, high, actLow, actHigh } = limit;
  if (actHigh !== undefined && value > actHigh) return { state: 'act', key: 'above', limit: actHigh };
  if (actLow !== undefined && value < actLow) return { state: 'act', key: 'below', limit: actLow };
  if (high !== undefined && value > high) return { state: 'watch', key: 'above', limit: high };
  if (low !== undefined && value < low) return { state: 'watch', key: 'below', limit: low };
  return { state: 'fine', key: 'within' };
}

interface Judged<R> {
  readonly reading: R;
  readonly state: PlaceState;
  readonly because: Because;
}

/**
 * The verdict on a place. Fresh readings beyond a limit win; otherwise a limited quantity that went silent makes the
 * place "no data", even when its other probes are fine: what nobody measures is not known to be well.
 */
export function judgePlace<R extends JudgedReading>(
  kind: PlaceKind,
  readings: readonly R[],
  limits: readonly Limit[],
  now: Instant,
): Verdict<R> {
  const limitOf = new Map(limits.map((limit) => [limit.quantity, limit]));
  const limited = readings.filter((reading) => limitOf.has(reading.quantity));
  const measured = limited.length > 0 ? limited : environment(readings);
  const judged = measured
    .map((reading) => judgeReading(reading, limitOf.get(reading.quantity), staleAfterMs[kind], now))
    .sort((a, b) => rank[a.state] - rank[b.state] || order(kind, a.reading, b.reading));
  const first = judged[0];
  if (first === undefined) return { state: 'no_data', because: [{ key: 'never' }] };
  const because = judged
    .filter((one) => one.state !== 'fine')
    .slice(0, MAX_REASONS)
    .map((one) => one.because);
  const main = first.state === 'act' || first.state === 'watch' ? first.reading : usual(kind, judged, first);
  return { state: first.state, because: because.length > 0 ? because : [first.because], main };
}

function judgeReading<R extends JudgedReading>(
  reading: R,
  limit: Limit | undefined,
  staleMs: Duration,
  now: Instant,
): Judged<R> {
  const { device, channel, quantity, value } = reading;
  const about = { quantity, device, channel };
  const ageMs = Math.max(0, now - reading.measuredAt);
  if (ageMs > staleMs) return { reading, state: 'no_data', because: { key: 'stale', ...about, ageMs } };
  if (reading.suspect !== undefined)
    return { reading, state: 'no_data', because: { key: 'suspect', ...about, value } };
  if (limit === undefined) return { reading, state: 'fine', because: { key: 'no_limits', ...about, value } };
  const { state, ...why } = judgeValue(value, limit);
  return { reading, state, because: { ...why, ...about, value } };
}

/** Readings about the place rather than about the device that measures it. */
function environment<R extends JudgedReading>(readings: readonly R[]): readonly R[] {
  return readings.filter(({ quantity }) => !deviceQuantities.has(quantity));
}

const deviceQuantities: ReadonlySet<string> = new Set([
  'battery_level',
  'battery_voltage',
  'signal_rssi',
  'signal_snr',
  'latitude',
  'longitude',
]);

/** The reading people ask for first, preferring those that still arrive. */
function usual<R extends JudgedReading>(kind: PlaceKind, judged: readonly Judged<R>[], other: Judged<R>): R {
  const heard = judged
    .filter((one) => one.state !== 'no_data')
    .sort((a, b) => order(kind, a.reading, b.reading));
  return (heard[0] ?? other).reading;
}

/** By importance for the kind of place; of the same quantity the higher value (the warm spot decides), then channel. */
function order(kind: PlaceKind, a: JudgedReading, b: JudgedReading): number {
  const worse = kind === 'plot' ? a.value - b.value : b.value - a.value;
  return (
    importance(kind, a.quantity) - importance(kind, b.quantity) ||
    worse ||
    a.device.localeCompare(b.device) ||
    a.channel.localeCompare(b.channel)
  );
}

/** Readings in the order a person reads them: most important quantity first, then by device and channel. */
export function inReadingOrder<R extends JudgedReading>(
  kind: PlaceKind,
  readings: readonly R[],
): readonly R[] {
  return readings.toSorted(
    (a, b) =>
      importance(kind, a.quantity) - importance(kind, b.quantity) ||
      a.device.localeCompare(b.device) ||
      a.channel.localeCompare(b.channel),
  );
}

function importance(kind: PlaceKind, quantity: string): number {
  const place = mainQuantities[kind].indexOf(quantity);
  if (place >= 0) return place;
  const known = parseQuantity(quantity);
  return 10 + (known === undefined ? quantityNames.length : quantityNames.indexOf(known));
}
