import type { Duration, Instant } from '../../devices/index.ts';
import { HOUR, MINUTE, SECOND } from '../../devices/index.ts';
import type { LatestValue, Point, Store } from '../../ingest/index.ts';
import { judgeValue, mainQuantities } from './judge.ts';
import { readBuckets } from './read-series.ts';
import type { Limit, OverviewPlace, PlaceKind } from './schemas.ts';
import { iso } from './view.ts';

/** The bar of the last days under a tile: one cell per six hours, seven days. */
export const CELLS = 28;
export const CELL_MS: Duration = 6 * HOUR;

export type Bar = NonNullable<OverviewPlace['bar']>;
export type Cell = Bar['cells'][number];

/**
 * Up to this many probes of one quantity are judged one by one, by hourly means, so that a door opened for two minutes
 * does not colour six hours. Beyond it (a bin with sixty probes) the hourly extremes over all of them are read at once:
 * grain does not change within an hour.
 */
const MAX_PROBES_APART = 8;

/** History changes slowly; the last cell is joined with the live state by whoever shows it. */
const FRESH_MS: Duration = 5 * MINUTE;
/** After a failure the store is left alone for a moment, whatever the number of browsers. */
const FAILED_MS: Duration = 15 * SECOND;
/** More places than any site has; the oldest are forgotten. */
const MAX_CACHED = 5_000;

const rank: Readonly<Record<Cell, number>> = { none: 0, fine: 1, watch: 2, act: 3 };

export interface BarPlace {
  readonly id: string;
  readonly kind: PlaceKind;
  readonly limits: readonly Limit[];
}

/** First instant of the bar that ends now. */
export function barFrom(now: Instant): Instant {
  return Math.floor(now / CELL_MS) * CELL_MS - (CELLS - 1) * CELL_MS;
}

/** Worst state per cell of hourly values. Pure. */
export function cellsOf(from: Instant, points: readonly Point[], limit: Limit | undefined): readonly Cell[] {
  const cells: Cell[] = Array.from({ length: CELLS }, () => 'none');
  for (const { at, value } of points) {
    const index = Math.floor((at - from) / CELL_MS);
    const before = cells[index];
    if (before === undefined) continue;
    const state = limit === undefined ? 'fine' : judgeValue(value, limit).state;
    if (state !== 'no_data' && rank[state] > rank[before]) cells[index] = state;
  }
  return cells;
}

/**
 * One row out of a row per probe: the worst that was measured; where nothing was wrong, a probe that had been heard
 * before and fell silent makes the cell `none`. The last cell is still running: there only what was heard counts.
 */
export function worstCells(rows: readonly (readonly Cell[])[]): readonly Cell[] {
  const begun = rows.map((row) => row.findIndex((cell) => cell !== 'none'));
  return Array.from({ length: CELLS }, (_, index) => {
    const column = rows.map((row) => row[index] ?? 'none');
    const worst = column.reduce((a, b) => (rank[b] > rank[a] ? b : a), 'none');
    const isSilent = column.some((cell, row) => cell === 'none' && isWithin(begun[row], index));
    return worst === 'fine' && isSilent && index < CELLS - 1 ? 'none' : worst;
  });
}

function isWithin(first: number | undefined, index: number): boolean {
  return first !== undefined && first >= 0 && first < index;
}

/** Reads the cells of one place from hourly values. */
export async function readBar(
  store: Store,
  place: BarPlace,
  latest: readonly LatestValue[],
  now: Instant,
): Promise<Bar> {
  const from = barFrom(now);
  const rows: (readonly Cell[])[] = [];
  const hourly = async (
    probe: { device?: string; channel?: string },
    field: string,
    fn: 'mean' | 'min' | 'max',
  ) =>
    readBuckets(
      store,
      { place: place.id, field, ...probe, from, to: now },
      { everyMs: HOUR, source: 'rollup', from, to: Math.ceil(now / HOUR) * HOUR },
      fn,
      now,
    );
  for (const { quantity, limit } of judgedQuantities(place, latest)) {
    const probes = latest.filter((row) => row.quantity === quantity);
    if (probes.length <= MAX_PROBES_APART) {
      for (const { device, channel } of probes) {
        rows.push(cellsOf(from, await hourly({ device, channel }, quantity, 'mean'), limit));
      }
    } else {
      for (const fn of ['min', 'max'] as const)
        rows.push(cellsOf(from, await hourly({}, quantity, fn), limit));
    }
  }
  return { from: iso(from), cellMs: CELL_MS, cells: [...worstCells(rows)] };
}

/** The quantities that have limits; without any, the place's main one, to show when it was heard. */
function judgedQuantities(
  place: BarPlace,
  latest: readonly LatestValue[],
): readonly { readonly quantity: string; readonly limit?: Limit }[] {
  const present: ReadonlySet<string> = new Set(latest.map((row) => row.quantity));
  const limited = place.limits
    .filter((limit) => present.has(limit.quantity))
    .map((limit) => ({ quantity: limit.quantity, limit }));
  if (limited.length > 0) return limited;
  const main = mainQuantities[place.kind].find((quantity) => present.has(quantity)) ?? latest[0]?.quantity;
  return main === undefined ? [] : [{ quantity: main }];
}

export interface Bars {
  /** The bar of a place, or undefined when the store cannot be read now. */
  readonly of: (place: BarPlace, latest: readonly LatestValue[], now: Instant) => Promise<Bar | undefined>;
}

/** Remembers bars for some minutes, and shares one reading among all who ask at the same time. */
export function createBars(store: Store, onFailure: (error: unknown) => void): Bars {
  const kept = new Map<string, { readonly until: Instant; readonly bar: Promise<Bar | undefined> }>();
  return {
    of: (place, latest, now) => {
      const known = kept.get(place.id);
      if (known !== undefined && known.until > now) return known.bar;
      const bar = readBar(store, place, latest, now).catch((error: unknown) => {
        onFailure(error);
        kept.set(place.id, { until: now + FAILED_MS, bar: Promise.resolve(undefined) });
        return undefined;
      });
      kept.delete(place.id);
      kept.set(place.id, { until: now + FRESH_MS, bar });
      const oldest = kept.keys().next().value;
      if (kept.size > MAX_CACHED && oldest !== undefined) kept.delete(oldest);
      return bar;
    },
  };
}
