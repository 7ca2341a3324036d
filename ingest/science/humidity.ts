import { produceConstants } from './constants-produce.ts';
import { type Answer, cite, known, outside, refuse } from './result.ts';

/**
 * Moist air: saturation over water and, at and below the triple point, over ice (Hyland & Wexler 1983 as in
 * ASHRAE Fundamentals 2017, ch. 1). The often used formulas over water read 5 % too much at -5 degC and 22 % at
 * -20 degC. Temperatures degC, relative humidity %, pressures Pa, humidity ratio kg per kg of dry air.
 */
const k = produceConstants;
const citations = [cite(k.saturationWater), cite(k.saturationIce)];
const minC = k.saturationIce.values.minC;
const maxC = k.saturationWater.values.maxC;
/** Bisection steps: 2^-60 of the range is far below any sensor. */
const STEPS = 60;

/** Saturation pressure, Pa; the caller has checked -100 to 200 degC. */
export function saturationPa(atC: number): number {
  const t = atC + k.kelvin.values.offset;
  if (atC <= k.saturationIce.values.tripleC) {
    const { a, b, c, d, e, g, f } = k.saturationIce.values;
    return Math.exp(a / t + b + t * (c + t * (d + t * (e + t * g))) + f * Math.log(t));
  }
  const { a, b, c, d, e, f } = k.saturationWater.values;
  return Math.exp(a / t + b + t * (c + t * (d + t * e)) + f * Math.log(t));
}

/** Saturation vapour pressure over water above 0.01 degC, over ice at and below it, Pa; -100 to 200 degC. */
export function saturationPressure(atC: number): Answer<number> {
  return outside(['atC', atC, minC, maxC]) ?? known(saturationPa(atC), citations);
}

/** The temperature in a range at which a rising function reaches a target. */
function solve(target: number, low: number, high: number, rising: (atC: number) => number): number {
  let a = low;
  let b = high;
  for (let i = 0; i < STEPS; i++) {
    const middle = (a + b) / 2;
    if (rising(middle) < target) a = middle;
    else b = middle;
  }
  return (a + b) / 2;
}

/** Dew point, and below 0 degC frost point, degC. Relative humidity above 0 to 100 %. */
export function dewPoint(airC: number, rhPct: number): Answer<number> {
  const bad = outside(['airC', airC, minC, maxC], ['rhPct', rhPct, 0, 100]);
  if (bad !== undefined) return bad;
  const vapour = (rhPct / 100) * saturationPa(airC);
  if (vapour < saturationPa(minC)) {
    return refuse('out_of_range', `rhPct ${rhPct} at ${airC} degC has no dew point above ${minC} degC`);
  }
  return known(solve(vapour, minC, airC, saturationPa), citations);
}

function ratioAt(vapourPa: number, pressurePa: number): number {
  return (k.humidAir.values.ratio * vapourPa) / (pressurePa - vapourPa);
}

/** Humidity ratio, kg water per kg dry air. */
export function humidityRatio(
  airC: number,
  rhPct: number,
  pressurePa: number = k.airPressure.values.standardPa,
): Answer<number> {
  const { minPa, maxPa } = k.airPressure.values;
  const bad = outside(
    ['airC', airC, minC, maxC],
    ['rhPct', rhPct, 0, 100],
    ['pressurePa', pressurePa, minPa, maxPa],
  );
  if (bad !== undefined) return bad;
  const vapour = (rhPct / 100) * saturationPa(airC);
  if (vapour >= pressurePa) return refuse('out_of_range', `airC ${airC} boils at ${pressurePa} Pa`);
  return known(ratioAt(vapour, pressurePa), [...citations, cite(k.humidAir)]);
}

/** Enthalpy of moist air, kJ per kg dry air. */
export function enthalpy(airC: number, rhPct: number, pressurePa?: number): Answer<number> {
  const ratio = humidityRatio(airC, rhPct, pressurePa);
  if (!ratio.ok) return ratio;
  const { a, b, c } = k.enthalpy.values;
  return known(a * airC + ratio.value * (b + c * airC), [...ratio.citations, cite(k.enthalpy)]);
}

function ratioFromBulbs(airC: number, wetC: number, pressurePa: number): number {
  const { waterA, waterB, waterF, iceA, iceB, iceF, c, e } = k.wetBulb.values;
  const saturated = ratioAt(saturationPa(wetC), pressurePa);
  const dry = c * (airC - wetC);
  return wetC >= 0
    ? ((waterA - waterB * wetC) * saturated - dry) / (waterA + e * airC - waterF * wetC)
    : ((iceA - iceB * wetC) * saturated - dry) / (iceA + e * airC - iceF * wetC);
}

/** Humidity ratio from dry and wet bulb, kg per kg; the wet bulb is frozen below 0 degC. */
export function humidityRatioFromWetBulb(airC: number, wetC: number, pressurePa: number): Answer<number> {
  const { minPa, maxPa } = k.airPressure.values;
  const bad = outside(
    ['airC', airC, minC, maxC],
    ['wetC', wetC, minC, airC],
    ['pressurePa', pressurePa, minPa, maxPa],
  );
  if (bad !== undefined) return bad;
  const ratio = ratioFromBulbs(airC, wetC, pressurePa);
  if (ratio < 0) return refuse('inconsistent', `wetC ${wetC} is too low for airC ${airC}: negative humidity`);
  return known(ratio, [...citations, cite(k.humidAir), cite(k.wetBulb)]);
}

/** Relative humidity %, from dry and wet bulb. */
export function relativeHumidityFromWetBulb(airC: number, wetC: number, pressurePa: number): Answer<number> {
  const ratio = humidityRatioFromWetBulb(airC, wetC, pressurePa);
  if (!ratio.ok) return ratio;
  const vapour = (pressurePa * ratio.value) / (k.humidAir.values.ratio + ratio.value);
  return known((100 * vapour) / saturationPa(airC), ratio.citations);
}

/** Wet-bulb temperature, degC: what evaporative cooling and sprinkling against frost can reach. */
export function wetBulb(airC: number, rhPct: number, pressurePa?: number): Answer<number> {
  const pressure = pressurePa ?? k.airPressure.values.standardPa;
  const ratio = humidityRatio(airC, rhPct, pressure);
  if (!ratio.ok) return ratio;
  const dew = dewPoint(airC, rhPct);
  const low = dew.ok ? dew.value : minC;
  const wet = solve(ratio.value, low, airC, (atC) => ratioFromBulbs(airC, atC, pressure));
  return known(wet, [...ratio.citations, cite(k.wetBulb)]);
}

/** Water vapour in air, g per m3. */
export function absoluteHumidity(airC: number, rhPct: number): Answer<number> {
  const bad = outside(['airC', airC, minC, maxC], ['rhPct', rhPct, 0, 100]);
  if (bad !== undefined) return bad;
  const kgPerM3 =
    ((rhPct / 100) * saturationPa(airC)) / (k.vapourGas.values.r * (airC + k.kelvin.values.offset));
  return known(1000 * kgPerM3, [...citations, cite(k.vapourGas)]);
}

/** Air pressure of the standard atmosphere, Pa; -500 to 9000 m. FAO-56 uses another formula (evapotranspiration). */
export function standardPressure(elevationM: number): Answer<number> {
  const bad = outside(['elevationM', elevationM, -500, 9000]);
  if (bad !== undefined) return bad;
  const { standardPa, lapse, exponent } = k.airPressure.values;
  return known(standardPa * (1 - lapse * elevationM) ** exponent, [cite(k.airPressure)]);
}

/**
 * Vapour pressure deficit between a wet surface (produce, leaf) and the air around it, Pa: es(surface) - ea(air).
 * Negative when the surface is colder than the dew point: water condenses on it.
 */
export function vapourPressureDeficit(surfaceC: number, airC: number, rhPct: number): Answer<number> {
  const bad = outside(
    ['surfaceC', surfaceC, minC, maxC],
    ['airC', airC, minC, maxC],
    ['rhPct', rhPct, 0, 100],
  );
  if (bad !== undefined) return bad;
  return known(saturationPa(surfaceC) - (rhPct / 100) * saturationPa(airC), citations);
}

export interface Condensation {
  readonly dewPointC: number;
  /** Surface minus dew point: 0 or less means water on the surface. */
  readonly distanceC: number;
  readonly state: 'wet' | 'near' | 'dry';
}

/**
 * Whether water condenses on a surface: `wet` at or below the dew point, `near` within the margin.
 * @param marginC for the error of the sensors, 1 degC unless given
 */
export function condensation(
  surfaceC: number,
  airC: number,
  rhPct: number,
  marginC: number = k.condensation.values.marginC,
): Answer<Condensation> {
  const bad = outside(['surfaceC', surfaceC, minC, maxC], ['marginC', marginC, 0, 10]);
  if (bad !== undefined) return bad;
  const dew = dewPoint(airC, rhPct);
  if (!dew.ok) return dew;
  const distanceC = surfaceC - dew.value;
  const state = distanceC <= 0 ? 'wet' : distanceC <= marginC ? 'near' : 'dry';
  return known({ dewPointC: dew.value, distanceC, state }, [...dew.citations, cite(k.condensation)]);
}
