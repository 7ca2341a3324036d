import { expect, it } from 'vitest';
import { parseQuantity, quantities, quantityNames } from './quantity.ts';
import { isUnitOf, toCanonical } from './units.ts';

it.each([
  ['air_temperature', 39.2, '[degF]', 4],
  ['air_temperature', -40, '°F', -40],
  ['air_temperature', 296.15, 'K', 23],
  ['soil_ec', 240, 'uS/cm', 0.24],
  ['soil_ec', 0.1, 'S/m', 1],
  ['soil_moisture', 0.215, '/', 21.5],
  ['co2', 0.0612, '%', 612],
  ['air_pressure', 1013.25, 'hPa', 101.325],
  ['air_pressure', 29.92, 'inHg', 101.32075888],
  ['wind_speed', 36, 'km/h', 10],
  ['wind_speed', 1, 'kn', 0.514444444],
  ['rainfall', 1, 'in', 25.4],
  ['battery_voltage', 2989, 'mV', 2.989],
  ['relative_humidity', 50, '%RH', 50],
] as const)('%s: %d %s is %d in the catalogue', (quantity, value, unit, expected) => {
  expect(toCanonical(quantity, value, unit)).toBe(expected);
});

it('a unit of another quantity, an ambiguous one and a name from Object are not converted', () => {
  for (const unit of ['%RH', 'C', 'F', 'constructor', '__proto__', '', 'cel']) {
    expect(toCanonical('air_temperature', 4, unit)).toBeUndefined();
  }
  expect(isUnitOf('soil_moisture', '%RH')).toBe(false);
  expect(isUnitOf('battery_level', '%EL')).toBe(true);
});

it('every quantity takes its own unit as it is, and has a range and a name in two languages', () => {
  for (const name of quantityNames) {
    const { unit, min, max, en, zh } = quantities[name];
    expect(toCanonical(name, 0.1 + 0.2, unit)).toBe(0.1 + 0.2);
    expect(min).toBeLessThan(max);
    expect(en && zh).toBeTruthy();
    expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
  }
  expect(parseQuantity('__proto__')).toBeUndefined();
});
