import { type QuantityName, quantities } from './quantity.ts';

/** Multiply by `scale`, then add `offset`, to come from the unit to the canonical one. */
interface Conversion {
  readonly scale: number;
  readonly offset: number;
}

const by = (scale: number, offset = 0): Conversion => ({ scale, offset });
const same = by(1);
const percent = { '%': same, '/100': same, '/': by(100), '[ppth]': by(0.1) };
const millionth = { '[ppm]': same, ppm: same, '[ppb]': by(0.001), ppb: by(0.001) };

/**
 * Units understood from outside, by the canonical unit they convert to: UCUM codes, the SenML names of RFC 8428
 * section 12.1 and RFC 8798, and the spellings of Home Assistant. Factors are exact by definition (SI brochure 2019;
 * international mile, inch and pound; conventional inch of mercury, 3.386389 kPa). Bare `C` and `F` are left out:
 * to UCUM they are coulomb and farad; the formats that mean degrees by them say so themselves.
 */
const conversions: Readonly<Record<string, Readonly<Record<string, Conversion>>>> = {
  Cel: {
    Cel: same,
    '°C': same,
    '℃': same,
    K: by(1, -273.15),
    '[degF]': by(5 / 9, -160 / 9),
    '°F': by(5 / 9, -160 / 9),
  },
  '%': percent,
  'dS/m': {
    'dS/m': same,
    'mS/cm': same,
    'S/m': by(10),
    'uS/cm': by(0.001),
    'µS/cm': by(0.001),
    'μS/cm': by(0.001),
    'mS/m': by(0.01),
  },
  '[pH]': { '[pH]': same, pH: same },
  '[ppm]': { ...millionth, '%': by(10_000), '/100': by(10_000), '/': by(1_000_000) },
  '1': { '1': same, '/': same },
  lx: { lx: same, klx: by(1_000) },
  mm: { mm: same, cm: by(10), m: by(1_000), in: by(25.4), '[in_i]': by(25.4) },
  'm/s': {
    'm/s': same,
    'km/h': by(1 / 3.6),
    kn: by(1_852 / 3_600),
    '[kn_i]': by(1_852 / 3_600),
    mph: by(0.44704),
    '[mi_i]/h': by(0.44704),
  },
  deg: { deg: same, '°': same, lat: same, lon: same, rad: by(180 / Math.PI) },
  'W/m2': { 'W/m2': same, 'W/m²': same },
  kPa: {
    kPa: same,
    hPa: by(0.1),
    mbar: by(0.1),
    Pa: by(0.001),
    bar: by(100),
    inHg: by(3.386389),
    mmHg: by(0.133322387415),
  },
  V: { V: same, mV: by(0.001) },
  dBm: { dBm: same, dBW: by(1, 30) },
  dB: { dB: same },
};

/** Units that only some of the quantities with the same canonical unit may come in. */
const special: Readonly<Record<string, Partial<Record<QuantityName, Conversion>>>> = {
  '%RH': { relative_humidity: same },
  '%EL': { battery_level: same },
};

/** True when a value in `unit` can be a value of the quantity. */
export function isUnitOf(name: QuantityName, unit: string): boolean {
  return conversionOf(name, unit) !== undefined;
}

/**
 * Converts to the unit the catalogue keeps the quantity in.
 * @returns undefined when the unit is unknown or not one of the quantity
 */
export function toCanonical(name: QuantityName, value: number, unit: string): number | undefined {
  const conversion = conversionOf(name, unit);
  if (conversion === undefined) return undefined;
  if (conversion === same) return value;
  return tidy(value * conversion.scale + conversion.offset);
}

function conversionOf(name: QuantityName, unit: string): Conversion | undefined {
  const own = Object.hasOwn(special, unit) ? special[unit] : undefined;
  if (own !== undefined) return own[name];
  const table = conversions[quantities[name].unit];
  return table !== undefined && Object.hasOwn(table, unit) ? table[unit] : undefined;
}

/**
 * Drops what binary arithmetic left behind the ninth decimal: 296.15 K is 23 degC, not 22.999999999999943. No sensor
 * resolves anything near that.
 */
export function tidy(value: number): number {
  const rounded = Math.round(value * 1e9) / 1e9;
  return Number.isFinite(rounded) ? rounded : value;
}
