/** The village's places, advanced minute by minute; devices read from it. Deterministic for a seed. */
import { DAY, HOUR, type Instant, MINUTE } from '../devices/index.ts';
import {
  type ColdStore,
  type ColdStoreState,
  preCooler,
  reefer,
  stepColdStore,
  warehouse,
} from './physics/cold-store.ts';
import { noiseAt } from './physics/random.ts';
import { contentPercent, loam, type SoilState, soilTemperatureC, stepSoil } from './physics/soil.ts';
import { type Weather, weatherAt } from './physics/weather.ts';

export interface World {
  readonly at: Instant;
  readonly weather: Weather;
  readonly greenhouse: Weather;
  readonly soil: readonly [SoilState, SoilState];
  readonly preCooler: ColdStoreState;
  readonly reefer: ColdStoreState;
  readonly warehouse: ColdStoreState;
  readonly doors: { readonly preCooler: boolean; readonly reefer: boolean; readonly warehouse: boolean };
  readonly warehouseCo2Ppm: number;
  readonly hotSpotC: number;
}

const OFFSET_MS = 8 * HOUR;
const CLIMATE = { meanC: 19, swingC: 7, offsetMs: OFFSET_MS };

/** When the truck's compressor failed, before the village's history ends: for an hour and a half, yesterday. */
const FAULT_FROM_END = { start: 20 * HOUR, end: 18.5 * HOUR } as const;

export function initialWorld(at: Instant, seed: number): World {
  const weather = weatherAt({ ...CLIMATE, seed }, at);
  return {
    at,
    weather,
    greenhouse: warmed(weather),
    soil: [
      { upperMm: 76, lowerMm: 79 },
      { upperMm: 66, lowerMm: 72 },
    ],
    preCooler: { airC: 2, productC: 2.4, isRunning: true },
    reefer: { airC: 3, productC: 3.4, isRunning: true },
    warehouse: { airC: 2.6, productC: 2.8, isRunning: true },
    doors: { preCooler: false, reefer: false, warehouse: false },
    warehouseCo2Ppm: 600,
    hotSpotC: 0,
  };
}

/** Glass adds warmth in the sun and keeps humidity. */
function warmed(weather: Weather): Weather {
  return {
    ...weather,
    airC: weather.airC + weather.radiationWm2 / 90 + 1.5,
    humidityPercent: Math.min(97, weather.humidityPercent + 12),
    radiationWm2: weather.radiationWm2 * 0.7,
    windMs: 0.2,
  };
}

/** Is a door open in this minute? Mostly by day, for a few minutes; the same answer for the same minute. */
function isOpen(seed: number, at: Instant, perHour: number): boolean {
  const minute = Math.floor(at / MINUTE);
  const hour = Math.floor(((((at + OFFSET_MS) % DAY) + DAY) % DAY) / HOUR);
  if (hour < 6 || hour > 20) return false;
  for (let back = 0; back < 4; back++) {
    if (noiseAt(seed, minute - back) < perHour / 60) return true;
  }
  return false;
}

/** Advances by one minute. `end` is when the history ends: the village's story is told relative to it. */
export function nextMinute(world: World, seed: number, end: Instant): World {
  const at = world.at + MINUTE;
  const weather = weatherAt({ ...CLIMATE, seed }, at);
  const greenhouse = warmed(weather);
  const doors = {
    preCooler: isOpen(seed + 11, at, 1.5),
    reefer: isOpen(seed + 12, at, 0.6),
    warehouse: isOpen(seed + 13, at, 0.8),
  };
  const isDefrosting = (period: number): boolean => ((at + OFFSET_MS) % period) / MINUTE < 12;
  const isBroken = at >= end - FAULT_FROM_END.start && at < end - FAULT_FROM_END.end;
  const cold = (
    store: ColdStore,
    state: ColdStoreState,
    isDoorOpen: boolean,
    canRun: boolean,
  ): ColdStoreState => stepColdStore(store, state, { outsideC: weather.airC, isDoorOpen, canRun }, 60).state;
  const minuteOfDay = Math.floor(((((at + OFFSET_MS) % DAY) + DAY) % DAY) / MINUTE);
  // The greenhouse is watered at 6:00 for 20 minutes every second day; the slope waits for rain.
  const isWatering = Math.floor((at + OFFSET_MS) / DAY) % 2 === 0 && minuteOfDay >= 360 && minuteOfDay < 380;
  const demandMm = (air: Weather): number => (air.radiationWm2 / 900) * 0.6 * (1 / 60) + 0.0005;
  const co2In = doors.warehouse
    ? -0.05 * (world.warehouseCo2Ppm - 420)
    : 1.5 - 0.002 * (world.warehouseCo2Ppm - 420);
  return {
    at,
    weather,
    greenhouse,
    soil: [
      stepSoil(loam, world.soil[0], isWatering ? 0.7 : 0, demandMm(greenhouse), 1 / 60).state,
      stepSoil(loam, world.soil[1], 0, demandMm(weather), 1 / 60).state,
    ],
    preCooler: cold(preCooler, world.preCooler, doors.preCooler, !isDefrosting(6 * HOUR)),
    reefer: cold(reefer, world.reefer, doors.reefer, !isBroken),
    warehouse: cold(warehouse, world.warehouse, doors.warehouse, !isDefrosting(8 * HOUR)),
    doors,
    warehouseCo2Ppm: world.warehouseCo2Ppm + co2In,
    // Damp grain warms by its own breath, slowly: 0.02 degC an hour.
    hotSpotC: world.hotSpotC + 0.02 / 60,
  };
}

/** What the soil probes of a plot see, by depth. */
export function soilAt(
  world: World,
  plot: 0 | 1,
): Readonly<Record<'20cm' | '40cm', { moisture: number; temperatureC: number }>> {
  const { upperMm, lowerMm } = world.soil[plot];
  const angle = (2 * Math.PI * ((world.at + OFFSET_MS) % DAY)) / DAY - (2 * Math.PI * 8) / 24;
  const temperatureC = (depthM: number): number =>
    soilTemperatureC(CLIMATE.meanC, CLIMATE.swingC, angle, depthM);
  return {
    '20cm': { moisture: contentPercent(loam, upperMm), temperatureC: temperatureC(0.2) },
    '40cm': { moisture: contentPercent(loam, lowerMm), temperatureC: temperatureC(0.4) },
  };
}
