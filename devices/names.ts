/** What others call the quantities of the catalogue. A temperature or humidity without more said is that of the air. */
import { parseQuantity, type QuantityName } from './quantity.ts';

const aliases: ReadonlyMap<string, QuantityName> = new Map([
  ['t', 'air_temperature'],
  ['temp', 'air_temperature'],
  ['temperature', 'air_temperature'],
  ['h', 'relative_humidity'],
  ['rh', 'relative_humidity'],
  ['humidity', 'relative_humidity'],
  ['pressure', 'air_pressure'],
  ['illuminance', 'light'],
  ['lux', 'light'],
  ['ph', 'soil_ph'],
  ['ec', 'soil_ec'],
  ['battery', 'battery_level'],
  ['voltage', 'battery_voltage'],
  ['rssi', 'signal_rssi'],
  ['snr', 'signal_snr'],
  ['lat', 'latitude'],
  ['lon', 'longitude'],
  ['door', 'door_open'],
]);

/** The quantity a name from outside stands for: one of the catalogue, or a usual word for it. */
export function quantityByName(name: string): QuantityName | undefined {
  const lower = name.toLowerCase();
  return parseQuantity(lower) ?? aliases.get(lower);
}
