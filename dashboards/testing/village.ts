import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Instant, QuantityName, RefusalReason } from '../../devices/index.ts';
import { DAY, HOUR, MINUTE } from '../../devices/index.ts';
import {
  addDevice,
  addPlace,
  addSite,
  addToken,
  createSeriesCatalogue,
  type Measurement,
  openSqliteStore,
  openState,
  type PlaceKind,
  type Series,
  STATE_FILE,
  type State,
  type Store,
} from '../../ingest/index.ts';

import {
  coldRoom,
  failing,
  humidity,
  outside,
  product,
  type Shape,
  seeded,
  silent,
  soil,
} from './physics.ts';

/** A village with a month behind it, in a real state database and a real store, for tests of the dashboards. */

export const SITE = 'liangjiawo';

interface Probe {
  readonly device: string;
  readonly channel?: string;
  readonly quantity: QuantityName;
  readonly shape: Shape;
  readonly everyMs?: number;
}

interface TestPlace {
  readonly id: string;
  readonly name: string;
  readonly kind: PlaceKind;
  readonly probes: readonly Probe[];
}

/** Readings of the last two days come at the probe's own pace, older ones every ten minutes. */
const FINE_MS = 2 * DAY;
const COARSE_MS = 10 * MINUTE;

function placesAt(now: Instant): readonly TestPlace[] {
  const cold = coldRoom(1.8, 1.2);
  const gap = silent(cold, now - 21 * HOUR, now - 20 * HOUR - 10 * MINUTE);
  const truck = failing(coldRoom(3.2, 1), now - 100 * MINUTE, 4.2, 6.4);
  const layers = [1, 2, 3, 4].map((layer) => ({
    device: 'grain-cable-2',
    channel: `layer-${layer}`,
    quantity: 'grain_temperature' as const,
    shape: layer === 3 ? silent(product(14.1), now - 6 * HOUR, now + DAY) : product(13.2 + layer * 0.3),
    everyMs: 30 * MINUTE,
  }));
  return [
    {
      id: 'precool-1',
      name: '一号预冷库',
      kind: 'room',
      probes: [
        { device: 'pc1-air', quantity: 'air_temperature', shape: gap },
        {
          device: 'pc1-air',
          quantity: 'relative_humidity',
          shape: silent(humidity(94), now - 21 * HOUR, now - 20 * HOUR),
        },
        { device: 'pc1-pulp', quantity: 'product_temperature', shape: product(2.1), everyMs: 5 * MINUTE },
        { device: 'pc1-air', quantity: 'battery_level', shape: () => 87, everyMs: HOUR },
      ],
    },
    {
      id: 'truck-3721',
      name: '冷藏车 辽A·3721',
      kind: 'vehicle',
      probes: [
        { device: 'truck-logger', quantity: 'air_temperature', shape: truck },
        { device: 'truck-logger', quantity: 'relative_humidity', shape: humidity(89) },
      ],
    },
    {
      id: 'greenhouse-3',
      name: '三号棚 生菜',
      kind: 'plot',
      probes: [
        {
          device: 'soil-3',
          channel: '10cm',
          quantity: 'soil_moisture',
          shape: soil(29, 1.6, 9, now - 6.2 * DAY),
          everyMs: 10 * MINUTE,
        },
        {
          device: 'soil-3',
          channel: '30cm',
          quantity: 'soil_moisture',
          shape: soil(30, 0.8, 9, now - 6.2 * DAY),
          everyMs: 10 * MINUTE,
        },
        {
          device: 'soil-3',
          channel: '10cm',
          quantity: 'soil_temperature',
          shape: product(17.5),
          everyMs: 10 * MINUTE,
        },
        { device: 'mast-3', quantity: 'air_temperature', shape: outside(19), everyMs: 5 * MINUTE },
      ],
    },
    {
      id: 'plot-1',
      name: '一号地 玉米',
      kind: 'plot',
      probes: [
        {
          device: 'soil-1',
          channel: '20cm',
          quantity: 'soil_moisture',
          shape: soil(31, 0.9, 6, now - 3 * DAY),
          everyMs: 10 * MINUTE,
        },
        {
          device: 'soil-1',
          channel: '20cm',
          quantity: 'soil_temperature',
          shape: product(16.2),
          everyMs: 10 * MINUTE,
        },
      ],
    },
    { id: 'bin-2', name: '二号粮仓 玉米', kind: 'bin', probes: layers },
    {
      id: 'warehouse-2',
      name: '哈尔滨二仓 <b>A</b> & 3 °C Zone',
      kind: 'room',
      probes: [
        { device: 'wh2-air', quantity: 'air_temperature', shape: coldRoom(3.4, 1.4) },
        { device: 'wh2-air', quantity: 'relative_humidity', shape: humidity(88) },
        { device: 'wh2-air', quantity: 'co2', shape: (_at, random) => 620 + 40 * random() },
      ],
    },
  ];
}

export interface Village {
  readonly dir: string;
  readonly state: State;
  readonly store: Store;
  readonly now: Instant;
  readonly token: string;
  /** Writes one value as ingest would: the point, and the newest value of its channel. */
  readonly report: (value: Reported) => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface Reported {
  readonly place: string;
  readonly device: string;
  readonly channel?: string;
  readonly quantity: QuantityName;
  readonly value: number;
  readonly measuredAt: Instant;
  readonly suspect?: RefusalReason;
}

/** Where readings of these probes are kept (design decision 8). */
function measurementOf(kind: PlaceKind, quantity: QuantityName): Measurement {
  if (quantity === 'battery_level') return 'device';
  if (kind === 'plot') return quantity.startsWith('soil_') ? 'soil' : 'weather';
  return kind === 'bin' ? 'storage' : 'cold_chain';
}

/** @param days of history before `now` */
export async function openVillage(now: Instant, days: number): Promise<Village> {
  const dir = mkdtempSync(join(tmpdir(), 'greenlane-dashboards-'));
  const state = await openState(join(dir, STATE_FILE));
  const store = openSqliteStore({ path: join(dir, 'readings.db') });
  const catalogue = createSeriesCatalogue();
  const seriesOf = (place: TestPlace, probe: Probe): Series => {
    const { device, channel = 'main', quantity } = probe;
    const series = catalogue.intern(
      measurementOf(place.kind, quantity),
      SITE,
      place.id,
      device,
      channel,
      quantity,
    );
    if (series === undefined) throw new Error('too many series');
    return series;
  };
  const places = placesAt(now);
  await must(addSite(state, { id: SITE, name: '亮甲窝屯基地', timeZone: 'Asia/Shanghai' }, now));
  for (const { id, name, kind, probes } of places) {
    await must(addPlace(state, { id, site: SITE, name, kind }, now));
    for (const device of new Set(probes.map((probe) => probe.device))) {
      await must(addDevice(state, { id: device, site: SITE, place: id, name: device }, now));
    }
  }
  const latest = latestWriter(state);
  const random = seeded(20_260_612);
  for (const place of places) {
    for (const probe of place.probes) {
      const points = history(probe, now, days, random);
      await writePoints(store, seriesOf(place, probe), points);
      const last = points.at(-1);
      if (last !== undefined)
        await latest({ place: place.id, ...probe, value: last[1], measuredAt: last[0] });
    }
  }
  await rollUp(store, now, days);
  await insertRefusals(state, now);
  const made = await must(addToken(state, 'test', now));
  return {
    dir,
    state,
    store,
    now,
    token: made.token,
    report: async (value) => {
      const place = places.find(({ id }) => id === value.place);
      if (place === undefined) throw new Error(`no place ${value.place}`);
      const series = seriesOf(place, { ...value, shape: () => value.value });
      await writePoints(store, series, [[value.measuredAt, value.value]]);
      await latest(value);
    },
    close: async () => {
      await store.close();
      await state.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function must<T>(outcome: Promise<{ ok: true; value: T } | { ok: false }>): Promise<T> {
  const result = await outcome;
  if (!result.ok) throw new Error(JSON.stringify(result));
  return result.value;
}

function history(probe: Probe, now: Instant, days: number, random: () => number): [Instant, number][] {
  const points: [Instant, number][] = [];
  const pace = probe.everyMs ?? MINUTE;
  // Newest first in time is what counts: the last point lies some seconds before now, as in real life.
  const end = now - 40_000;
  for (let at = end - days * DAY; at <= end; at += end - at > FINE_MS ? Math.max(pace, COARSE_MS) : pace) {
    const value = probe.shape(at, random);
    if (value !== undefined) points.push([at, Math.round(value * 100) / 100]);
  }
  return points;
}

async function writePoints(
  store: Store,
  series: Series,
  points: readonly [Instant, number][],
): Promise<void> {
  const outcome = await store.write({
    series: points.map(() => series),
    at: points.map(([at]) => at),
    value: points.map(([, value]) => value),
  });
  if (outcome.kind !== 'stored' || outcome.rejected.length > 0) throw new Error(JSON.stringify(outcome));
}

async function rollUp(store: Store, now: Instant, days: number): Promise<void> {
  const kinds: readonly Measurement[] = ['soil', 'weather', 'cold_chain', 'storage', 'device'];
  for (const measurement of kinds) {
    for (let hour = now - days * DAY - HOUR; hour < now; hour += HOUR) await store.rollup(measurement, hour);
  }
}

function latestWriter(state: State): (value: Reported) => Promise<void> {
  return ({ device, channel = 'main', quantity, place, value, measuredAt, suspect }) =>
    state.write((raw) => {
      raw
        .prepare(
          `insert or replace into latest
           (device, channel, quantity, site, place, value, measured_at, received_at, clock, suspect, seq)
           values (?, ?, ?, ?, ?, ?, ?, ?, 'device', ?, (select coalesce(max(seq), 0) + 1 from latest))`,
        )
        .run(device, channel, quantity, SITE, place, value, measuredAt, measuredAt + 2_000, suspect ?? null);
    });
}

async function insertRefusals(state: State, now: Instant): Promise<void> {
  const up = (device: string) => `greenlane/${SITE}/${device}/up`;
  const rows: readonly [string | null, string, RefusalReason, object, Uint8Array, number][] = [
    [
      'truck-logger',
      up('truck-logger'),
      'out_of_range',
      { field: 'air_temperature', expected: '-90 to 70 Cel', received: '327.67' },
      Buffer.from('{"ts":1781234100000,"air_temperature":327.67,"relative_humidity":89}'),
      3,
    ],
    [
      'truck-logger',
      up('truck-logger'),
      'malformed',
      { expected: 'JSON', received: '' },
      Buffer.from([0x01, 0x67, 0xff, 0x03, 0x68]),
      1,
    ],
    [
      null,
      up('<script>alert(1)</script>'),
      'unknown_device',
      {},
      Buffer.from('<img src=x onerror=alert(1)>'),
      12,
    ],
  ];
  await state.write((raw) => {
    const refusal = raw.prepare(
      'insert into refusal (at, site, device, topic, reason, detail, raw, raw_bytes, times) values (?,?,?,?,?,?,?,?,?)',
    );
    const count = raw.prepare('insert into refusal_count (device, reason, times) values (?, ?, ?)');
    for (const [index, [device, topic, reason, detail, bytes, times]] of rows.entries()) {
      const at = now - (rows.length - index) * 25 * MINUTE;
      refusal.run(at, SITE, device, topic, reason, JSON.stringify(detail), bytes, bytes.length, times);
      count.run(device ?? '', reason, times);
    }
  });
}
