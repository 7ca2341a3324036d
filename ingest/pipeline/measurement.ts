import type { QuantityName } from '../../devices/index.ts';
import type { PlaceKind } from '../state/schema.ts';
import type { Measurement } from '../store/index.ts';

/** What a device says of itself, wherever it hangs. */
const ofTheDevice: ReadonlySet<QuantityName> = new Set([
  'battery_level',
  'battery_voltage',
  'signal_rssi',
  'signal_snr',
]);

const ofTheSoil: ReadonlySet<QuantityName> = new Set([
  'soil_temperature',
  'soil_moisture',
  'soil_ec',
  'soil_ph',
]);

/** The measurement a reading is kept under (design decision 8). A name here is an API: dashboards query it. */
export function measurementOf(kind: PlaceKind, quantity: QuantityName): Measurement {
  if (ofTheDevice.has(quantity)) return 'device';
  if (kind === 'bin') return 'storage';
  if (kind === 'plot') return ofTheSoil.has(quantity) ? 'soil' : 'weather';
  return 'cold_chain';
}
