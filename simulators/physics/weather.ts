import { DAY, HOUR, type Instant } from '../../devices/index.ts';
import { gaussAt } from './random.ts';

/** Weather at one instant. Instants are UTC; `offsetMs` moves the sun to the place. */
export interface Weather {
  readonly airC: number;
  readonly humidityPercent: number;
  readonly radiationWm2: number;
  readonly windMs: number;
}

export interface Climate {
  readonly meanC: number;
  /** Half the difference between the day's highest and lowest temperature. */
  readonly swingC: number;
  readonly offsetMs: number;
  readonly seed: number;
}

/** Slow changes from front to front: interpolated between one draw every 12 hours. */
function front(seed: number, at: Instant): number {
  const position = at / (12 * HOUR);
  const before = Math.floor(position);
  const part = position - before;
  return gaussAt(seed, before) * (1 - part) + gaussAt(seed, before + 1) * part;
}

/**
 * Air temperature as a sine with its peak two hours after noon (Campbell & Norman 1998, An Introduction to
 * Environmental Biophysics, eq. 2.2 in simplified form), radiation as the positive part of a sine over the day, and the
 * humidity of air whose vapour pressure stays while it warms and cools (saturation after Tetens 1930, FAO-56 eq. 11).
 */
export function weatherAt(climate: Climate, at: Instant): Weather {
  const { meanC, swingC, offsetMs, seed } = climate;
  const hourOfDay = (((at + offsetMs) % DAY) + DAY) % DAY;
  const angle = (2 * Math.PI * (hourOfDay - 8 * HOUR)) / DAY;
  const cloud = Math.min(1, Math.max(0, 0.4 + 0.35 * front(seed + 1, at)));
  const airC = meanC + 3 * front(seed, at) + swingC * (1 - 0.5 * cloud) * Math.sin(angle);
  const dewPointC = meanC - swingC + 1.5 * front(seed + 2, at);
  const sun = Math.sin((2 * Math.PI * (hourOfDay - 6 * HOUR)) / DAY);
  return {
    airC,
    humidityPercent: Math.min(98, Math.max(20, (100 * saturationKpa(dewPointC)) / saturationKpa(airC))),
    radiationWm2: Math.max(0, 900 * sun * (1 - 0.75 * cloud)),
    windMs: Math.max(0.2, 2.2 + 1.2 * front(seed + 3, at) + Math.max(0, sun)),
  };
}

/** Saturation vapour pressure in kPa over water at `airC` (Tetens; FAO-56, Allen et al. 1998, eq. 11). */
export function saturationKpa(airC: number): number {
  return 0.6108 * Math.exp((17.27 * airC) / (airC + 237.3));
}
