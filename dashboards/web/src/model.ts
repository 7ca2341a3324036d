import type { ApiReading, LiveLatest, Overview, OverviewPlace, PlaceState } from '../../api/schemas.ts';

/** The page's copy of the overview, kept current by live events. Pure. */

const severity: Readonly<Record<PlaceState, number>> = { act: 0, watch: 1, no_data: 2, fine: 3 };

/** Worst first, then by name: what needs somebody is at the top of a phone's screen. */
export function inOrder(places: readonly OverviewPlace[], language: string): readonly OverviewPlace[] {
  return [...places].sort(
    (a, b) =>
      severity[a.state] - severity[b.state] || a.name.localeCompare(b.name, language, { numeric: true }),
  );
}

/** The overview after an event; places and readings that did not change keep their identity. */
export function applyLatest(overview: Overview, latest: LiveLatest): Overview {
  const readingsOf = groupBy(latest.readings, (reading) => reading.place);
  const verdictOf = new Map(latest.places.map((place) => [place.id, place]));
  const places = overview.places.map((place) => {
    const readings = readingsOf.get(place.id);
    const verdict = verdictOf.get(place.id);
    if (readings === undefined && verdict === undefined) return place;
    const next = { ...place, readings: mergeReadings(place.readings, readings ?? []) };
    if (verdict === undefined) return next;
    const { main: _old, ...rest } = next;
    return {
      ...rest,
      state: verdict.state,
      because: verdict.because,
      ...(verdict.main === undefined ? {} : { main: verdict.main }),
    };
  });
  return { ...overview, at: latest.at, places };
}

/** Map.groupBy, which phones of 2022 do not have. */
function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

const keyOf = ({ device, channel, quantity }: ApiReading) => `${device} ${channel} ${quantity}`;

function mergeReadings(old: readonly ApiReading[], changed: readonly ApiReading[]): ApiReading[] {
  const newer = new Map(changed.map((reading) => [keyOf(reading), reading]));
  const merged = old.map((reading) => newer.get(keyOf(reading)) ?? reading);
  const known = new Set(old.map(keyOf));
  return [...merged, ...changed.filter((reading) => !known.has(keyOf(reading)))];
}

export interface QuantityGroup {
  readonly quantity: string;
  readonly readings: readonly ApiReading[];
}

/** What a sensor says about itself is not a state of the place. */
const aboutTheDevice: ReadonlySet<string> = new Set([
  'battery_level',
  'battery_voltage',
  'signal_rssi',
  'signal_snr',
  'latitude',
  'longitude',
]);

/** Readings by quantity in the order the server gave them; what is about the devices is left out. */
export function byQuantity(readings: readonly ApiReading[]): readonly QuantityGroup[] {
  const groups = groupBy(
    readings.filter((reading) => !aboutTheDevice.has(reading.quantity)),
    (reading) => reading.quantity,
  );
  return [...groups].map(([quantity, group]) => ({ quantity, readings: group }));
}

export type Cell = NonNullable<OverviewPlace['bar']>['cells'][number];

/** The bar's cells, the last one joined with the state of this moment: history is some minutes old. */
export function cellsNow({ bar, state }: Pick<OverviewPlace, 'bar' | 'state'>): readonly Cell[] | undefined {
  if (bar === undefined || state === 'fine') return bar?.cells;
  const last = bar.cells.at(-1);
  // "Fine so far" gives way to silence, a warning does not.
  if (state === 'no_data') return last === 'fine' ? [...bar.cells.slice(0, -1), 'none'] : bar.cells;
  return last === 'act' ? bar.cells : [...bar.cells.slice(0, -1), state];
}

/** How many places are in each state. */
export function countStates(places: readonly OverviewPlace[]): Readonly<Record<PlaceState, number>> {
  const counts = { act: 0, watch: 0, no_data: 0, fine: 0 };
  for (const { state } of places) counts[state]++;
  return counts;
}
