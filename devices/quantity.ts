/**
 * The catalogue of what can be measured. Field names in the store, the API's schemas, axis units and physical
 * limits all come from here: a quantity is described once.
 */

export interface Quantity {
  /** UCUM code of the one unit values are kept in. */
  readonly unit: string;
  /** Physically possible range in that unit, both ends included; outside it a value is a fault, not a reading. */
  readonly min: number;
  readonly max: number;
  /** Decimals worth showing to a person. */
  readonly decimals: number;
  readonly en: string;
  readonly zh: string;
}

/**
 * Ranges are what the air, soil, product or sensor class can be on a farm or in a cold chain, with margin, not what
 * is good: -90 to 70 degC spans the coldest and hottest air ever measured (WMO: -89.2, 56.7), soil moisture is
 * volumetric, a grain moisture is % wet basis, and so on.
 */
const catalogue = {
  air_temperature: { unit: 'Cel', min: -90, max: 70, decimals: 1, en: 'Air temperature', zh: '空气温度' },
  product_temperature: { unit: 'Cel', min: -90, max: 90, decimals: 1, en: 'Product temperature', zh: '品温' },
  soil_temperature: { unit: 'Cel', min: -50, max: 80, decimals: 1, en: 'Soil temperature', zh: '土壤温度' },
  grain_temperature: { unit: 'Cel', min: -50, max: 90, decimals: 1, en: 'Grain temperature', zh: '粮温' },
  relative_humidity: { unit: '%', min: 0, max: 100, decimals: 0, en: 'Relative humidity', zh: '相对湿度' },
  soil_moisture: { unit: '%', min: 0, max: 100, decimals: 1, en: 'Soil moisture', zh: '土壤含水量' },
  soil_ec: { unit: 'dS/m', min: 0, max: 50, decimals: 2, en: 'Soil salinity (EC)', zh: '土壤电导率' },
  soil_ph: { unit: '[pH]', min: 0, max: 14, decimals: 1, en: 'Soil pH', zh: '土壤 pH' },
  co2: { unit: '[ppm]', min: 0, max: 1_000_000, decimals: 0, en: 'Carbon dioxide', zh: '二氧化碳' },
  o2: { unit: '%', min: 0, max: 100, decimals: 1, en: 'Oxygen', zh: '氧气' },
  ethylene: { unit: '[ppm]', min: 0, max: 10_000, decimals: 2, en: 'Ethylene', zh: '乙烯' },
  grain_moisture: { unit: '%', min: 0, max: 60, decimals: 1, en: 'Grain moisture', zh: '粮食水分' },
  door_open: { unit: '1', min: 0, max: 1, decimals: 0, en: 'Door open', zh: '门开' },
  light: { unit: 'lx', min: 0, max: 200_000, decimals: 0, en: 'Light', zh: '光照' },
  rainfall: { unit: 'mm', min: 0, max: 2_000, decimals: 1, en: 'Rainfall', zh: '降雨' },
  wind_speed: { unit: 'm/s', min: 0, max: 115, decimals: 1, en: 'Wind speed', zh: '风速' },
  wind_direction: { unit: 'deg', min: 0, max: 360, decimals: 0, en: 'Wind direction', zh: '风向' },
  solar_radiation: { unit: 'W/m2', min: 0, max: 2_000, decimals: 0, en: 'Solar radiation', zh: '太阳辐射' },
  air_pressure: { unit: 'kPa', min: 30, max: 115, decimals: 1, en: 'Air pressure', zh: '气压' },
  battery_level: { unit: '%', min: 0, max: 100, decimals: 0, en: 'Battery', zh: '电量' },
  battery_voltage: { unit: 'V', min: 0, max: 60, decimals: 2, en: 'Battery voltage', zh: '电池电压' },
  signal_rssi: { unit: 'dBm', min: -200, max: 20, decimals: 0, en: 'Signal strength', zh: '信号强度' },
  signal_snr: { unit: 'dB', min: -50, max: 60, decimals: 1, en: 'Signal to noise', zh: '信噪比' },
  latitude: { unit: 'deg', min: -90, max: 90, decimals: 5, en: 'Latitude', zh: '纬度' },
  longitude: { unit: 'deg', min: -180, max: 180, decimals: 5, en: 'Longitude', zh: '经度' },
} as const satisfies Readonly<Record<string, Quantity>>;

export type QuantityName = keyof typeof catalogue;

export const quantities: Readonly<Record<QuantityName, Quantity>> = catalogue;

const byName: ReadonlyMap<string, QuantityName> = new Map(
  (Object.keys(catalogue) as QuantityName[]).map((name) => [name, name]),
);

export const quantityNames: readonly QuantityName[] = [...byName.values()];

/** The catalogue's own name for a text from outside, or undefined: `__proto__` and `toString` are not quantities. */
export function parseQuantity(text: string): QuantityName | undefined {
  return byName.get(text);
}

/** True when `value` is finite and physically possible for the quantity. */
export function isPossible(name: QuantityName, value: number): boolean {
  const { min, max } = quantities[name];
  return value >= min && value <= max;
}
