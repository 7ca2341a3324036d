/** What each simulated device says of the world: its channels, noise and resolution. */
import { HOUR, type Instant, type QuantityName } from '../devices/index.ts';
import { gaussAt } from './physics/random.ts';
import type { DeviceModel } from './village.ts';
import { soilAt, type World } from './world.ts';

type Values = Readonly<Partial<Record<QuantityName, number>>>;

/** One native record: values of the main channel beside values by channel. */
export interface NativeRecord {
  readonly ts: Instant;
  readonly seq: number;
  readonly channel?: Readonly<Record<string, Values>>;
  readonly [quantity: string]: unknown;
}

interface Sensor {
  /** Where it hangs. */
  readonly place: string;
  readonly model: DeviceModel;
  readonly seed: number;
}

type Spoken = { readonly main?: Values; readonly channel?: Readonly<Record<string, Values>> };

/** Rounds to what the sensor resolves, after its own noise. */
function sensed(
  sensor: Sensor,
  world: World,
  salt: number,
  value: number,
  noise: number,
  step: number,
): number {
  const noisy = value + noise * gaussAt(sensor.seed + salt, Math.floor(world.at / 1000));
  return Number((Math.round(noisy / step) * step).toFixed(4));
}

const CELL_V = 3.6;

/** A cell that loses 0.02 V a month, and a radio that fades by the weather. */
function health(sensor: Sensor, world: World): Values {
  const months = (world.at % (30 * 24 * HOUR)) / (30 * 24 * HOUR);
  return {
    battery_voltage: sensed(
      sensor,
      world,
      90,
      CELL_V - 0.02 * months - (sensor.seed % 5) * 0.03,
      0.004,
      0.01,
    ),
    signal_rssi: sensed(sensor, world, 91, -78 - (sensor.seed % 9) * 3, 2, 1),
  };
}

const speak: Readonly<Record<DeviceModel, (sensor: Sensor, world: World) => Spoken>> = {
  soil: (sensor, world) => {
    const depths = soilAt(world, sensor.place === 'plot-1' ? 0 : 1);
    const channel = (depth: '20cm' | '40cm', salt: number): Values => ({
      soil_moisture: sensed(sensor, world, salt, depths[depth].moisture, 0.08, 0.1),
      soil_temperature: sensed(sensor, world, salt + 1, depths[depth].temperatureC, 0.05, 0.1),
    });
    return {
      main: health(sensor, world),
      channel: { '20cm': channel('20cm', 1), '40cm': channel('40cm', 3) },
    };
  },
  greenhouse: (sensor, world) => ({
    main: {
      air_temperature: sensed(sensor, world, 1, world.greenhouse.airC, 0.1, 0.1),
      relative_humidity: sensed(sensor, world, 2, world.greenhouse.humidityPercent, 0.5, 0.5),
      light: Math.round(world.greenhouse.radiationWm2 * 110),
    },
  }),
  weather: (sensor, world) => ({
    main: {
      air_temperature: sensed(sensor, world, 1, world.weather.airC, 0.1, 0.1),
      relative_humidity: sensed(sensor, world, 2, world.weather.humidityPercent, 0.7, 1),
      solar_radiation: Math.round(world.weather.radiationWm2),
      wind_speed: Math.max(0, sensed(sensor, world, 3, world.weather.windMs, 0.3, 0.1)),
    },
  }),
  'room-air': (sensor, world) => {
    const { airC } = sensor.place === 'cold-room-1' ? world.preCooler : world.warehouse;
    return {
      main: {
        air_temperature: sensed(sensor, world, 1, airC, 0.06, 0.1),
        relative_humidity: Math.min(
          100,
          sensed(sensor, world, 2, 96 - 1.4 * Math.max(0, airC - 1), 0.6, 0.5),
        ),
        ...health(sensor, world),
      },
    };
  },
  'room-pulp': (sensor, world) => ({
    channel: { pulp: { product_temperature: sensed(sensor, world, 1, world.preCooler.productC, 0.03, 0.1) } },
  }),
  'room-door': (_sensor, world) => ({ main: { door_open: world.doors.preCooler ? 1 : 0 } }),
  'room-gas': (sensor, world) => ({
    main: {
      co2: sensed(sensor, world, 1, world.warehouseCo2Ppm, 6, 1),
      ethylene: Math.max(0, sensed(sensor, world, 2, 0.04, 0.006, 0.01)),
    },
  }),
  truck: (sensor, world) => ({
    main: { door_open: world.doors.reefer ? 1 : 0 },
    channel: {
      return: { air_temperature: sensed(sensor, world, 1, world.reefer.airC, 0.08, 0.1) },
      supply: {
        air_temperature: sensed(
          sensor,
          world,
          2,
          world.reefer.airC - (world.reefer.isRunning ? 1.6 : 0.1),
          0.08,
          0.1,
        ),
      },
      pulp: { product_temperature: sensed(sensor, world, 3, world.reefer.productC, 0.03, 0.1) },
    },
  }),
  'grain-cable': (sensor, world) => ({
    channel: {
      'layer-1': {
        grain_temperature: sensed(sensor, world, 1, 14.2 + 0.05 * (world.weather.airC - 19), 0.04, 0.1),
      },
      'layer-2': { grain_temperature: sensed(sensor, world, 2, 13.1, 0.04, 0.1) },
      'layer-3': { grain_temperature: sensed(sensor, world, 3, 13.6 + world.hotSpotC, 0.04, 0.1) },
    },
  }),
  'grain-gas': (sensor, world) => ({
    main: {
      co2: sensed(sensor, world, 1, 520 + 90 * world.hotSpotC, 8, 1),
      grain_moisture: sensed(sensor, world, 2, 14.1, 0.05, 0.1),
    },
  }),
};

/** The record a device would send now. */
export function recordOf(sensor: Sensor, world: World, seq: number): NativeRecord {
  const { main, channel } = speak[sensor.model](sensor, world);
  return { ts: world.at, seq, ...main, ...(channel === undefined ? {} : { channel }) };
}
