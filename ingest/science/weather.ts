import { fieldConstants as f } from './constants-field.ts';

/**
 * The pieces of the reference evapotranspiration equations (FAO-56 chapter 3, ASCE-EWRI 2005): temperatures degC,
 * pressures kPa, radiation MJ m-2 per day or hour, angles radians, wind m/s. Callers check the ranges.
 */

/** FAO-56, or the ASCE standardized equation for a short (grass) or tall (alfalfa) reference. */
export type EtForm = 'FAO-56' | 'ASCE short' | 'ASCE tall';

export const radians = (degrees: number): number => (degrees * Math.PI) / 180;

export function saturationKPa(atC: number): number {
  const { a, b, c } = f.vapour.values;
  return a * Math.exp((b * atC) / (atC + c));
}

/** Slope of the saturation curve, kPa per degC (FAO-56 eq. 13, ASCE eq. 5). */
export function slopeKPa(atC: number, form: EtForm = 'FAO-56'): number {
  const { a, b, c, slope } = f.vapour.values;
  const factor = form === 'FAO-56' ? slope * a : f.asceSlope.values.slope;
  return (factor * Math.exp((b * atC) / (atC + c))) / (atC + c) ** 2;
}

export function pressureKPa(elevationM: number): number {
  const { p0, t0, lapse, exponent } = f.pressure.values;
  return p0 * ((t0 - lapse * elevationM) / t0) ** exponent;
}

export function psychrometricKPa(pressure: number): number {
  return f.psychrometric.values.factor * pressure;
}

/** Actual vapour pressure from a ventilated psychrometer (FAO-56 eq. 15). */
export function vapourFromWetBulb(dryC: number, wetC: number, pressure: number): number {
  return saturationKPa(wetC) - f.wetBulbFactor.values.ventilated * pressure * (dryC - wetC);
}

/** Actual vapour pressure from the day's extremes of humidity (FAO-56 eq. 17 to 19). */
export function vapourFromHumidity(
  tMinC: number,
  tMaxC: number,
  rh: { readonly maxPct?: number; readonly minPct?: number; readonly meanPct?: number },
): number | undefined {
  const low = saturationKPa(tMinC);
  const high = saturationKPa(tMaxC);
  const { maxPct, minPct, meanPct } = rh;
  if (maxPct !== undefined && minPct !== undefined) return (low * maxPct + high * minPct) / 200;
  if (maxPct !== undefined) return (low * maxPct) / 100;
  return meanPct === undefined ? undefined : (meanPct / 100) * ((low + high) / 2);
}

const yearAngle = (dayOfYear: number): number => (2 * Math.PI * dayOfYear) / f.sun.values.yearDays;

export function sunDistance(dayOfYear: number): number {
  return 1 + f.sun.values.distance * Math.cos(yearAngle(dayOfYear));
}

/** Whose sun: FAO-56 and ASCE print one, the program Ref-ET computes with another (0.3 % of ET in winter). */
export type Sun = 'FAO-56' | 'Ref-ET';

export function declination(dayOfYear: number, sun: Sun = 'FAO-56'): number {
  if (sun === 'Ref-ET') {
    const { degrees, shift } = f.sunRefEt.values;
    return radians(degrees) * Math.sin(yearAngle(dayOfYear + shift));
  }
  return f.sun.values.declination * Math.sin(yearAngle(dayOfYear) - f.sun.values.phase);
}

export function sunsetAngle(latitude: number, declinationRad: number): number {
  return Math.acos(Math.min(1, Math.max(-1, -Math.tan(latitude) * Math.tan(declinationRad))));
}

export function daylightHours(latitudeDeg: number, dayOfYear: number): number {
  return (24 / Math.PI) * sunsetAngle(radians(latitudeDeg), declination(dayOfYear));
}

/** Extraterrestrial radiation of a day, MJ m-2 d-1 (FAO-56 eq. 21). */
export function extraterrestrialDay(latitudeDeg: number, dayOfYear: number, sun: Sun = 'FAO-56'): number {
  const latitude = radians(latitudeDeg);
  const delta = declination(dayOfYear, sun);
  const perHour = sun === 'Ref-ET' ? f.sunRefEt.values.hour : 60 * f.sun.values.constant;
  const sunset = sunsetAngle(latitude, delta);
  const theta =
    sunset * Math.sin(latitude) * Math.sin(delta) + Math.cos(latitude) * Math.cos(delta) * Math.sin(sunset);
  return (24 / Math.PI) * perHour * sunDistance(dayOfYear) * theta;
}

/** Sun angle at a UTC hour, -pi to pi, 0 at solar noon (FAO-56 eq. 31). */
export function hourAngle(longitudeDeg: number, dayOfYear: number, utcHour: number): number {
  const { a, c, d, e, f: days } = f.solarTime.values;
  const b = (2 * Math.PI * (dayOfYear - e)) / days;
  const seasonal = a * Math.sin(2 * b) - c * Math.cos(b) - d * Math.sin(b);
  const angle = (Math.PI / 12) * (utcHour + longitudeDeg / 15 + seasonal - 12);
  return angle - 2 * Math.PI * Math.floor((angle + Math.PI) / (2 * Math.PI));
}

/** Sine of the sun's height above the horizon. */
export function sinSunHeight(latitudeDeg: number, dayOfYear: number, angle: number): number {
  const latitude = radians(latitudeDeg);
  const delta = declination(dayOfYear);
  return Math.sin(latitude) * Math.sin(delta) + Math.cos(latitude) * Math.cos(delta) * Math.cos(angle);
}

/** Extraterrestrial radiation of one hour around a sun angle, MJ m-2 h-1 (FAO-56 eq. 28, ASCE eq. 48 and 56). */
export function extraterrestrialHour(latitudeDeg: number, dayOfYear: number, middle: number): number {
  const latitude = radians(latitudeDeg);
  const delta = declination(dayOfYear);
  const sunset = sunsetAngle(latitude, delta);
  const clip = (angle: number): number => Math.min(sunset, Math.max(-sunset, angle));
  const end = clip(middle + Math.PI / 24);
  const start = Math.min(clip(middle - Math.PI / 24), end);
  const theta =
    (end - start) * Math.sin(latitude) * Math.sin(delta) +
    Math.cos(latitude) * Math.cos(delta) * (Math.sin(end) - Math.sin(start));
  return ((12 * 60) / Math.PI) * f.sun.values.constant * sunDistance(dayOfYear) * theta;
}

export function clearSkySimple(extraterrestrial: number, elevationM: number): number {
  return (f.clearSky.values.a + f.clearSky.values.b * elevationM) * extraterrestrial;
}

function clearSkyFull(extraterrestrial: number, ea: number, pressure: number, sinHeight: number): number {
  const k = f.clearSkyFull.values;
  const water = k.waterA * ea * pressure + k.waterB;
  const beam =
    k.beam * Math.exp((-k.beamP * pressure) / sinHeight - k.beamW * (water / sinHeight) ** k.beamN);
  const diffuse = Math.min(k.clearA - k.clearB * beam, k.hazeA + k.hazeB * beam);
  return (beam + diffuse) * extraterrestrial;
}

/** Clear-sky radiation of a day, ASCE appendix D. */
export function clearSkyFullDay(
  extraterrestrial: number,
  ea: number,
  pressure: number,
  latitudeDeg: number,
  dayOfYear: number,
): number {
  const { sunA, sunB, sunC, minDay } = f.clearSkyFull.values;
  const latitude = radians(latitudeDeg);
  const angle =
    sunA + sunB * latitude * Math.sin(yearAngle(dayOfYear) - f.sun.values.phase) - sunC * latitude ** 2;
  return clearSkyFull(extraterrestrial, ea, pressure, Math.max(minDay, Math.sin(angle)));
}

/** Clear-sky radiation of an hour, ASCE appendix D. */
export function clearSkyFullHour(
  extraterrestrial: number,
  ea: number,
  pressure: number,
  sinHeight: number,
): number {
  return clearSkyFull(extraterrestrial, ea, pressure, Math.max(f.clearSkyFull.values.minHour, sinHeight));
}

/** Cloudiness from measured over clear-sky radiation, at least 0.3 as in ASCE: below 0.26 it would turn negative. */
export function cloudiness(rs: number, rso: number): number {
  const { g, h, minRatio } = f.netRadiation.values;
  const ratio = rso > 0 ? Math.min(1, rs / rso) : 1;
  return g * Math.max(minRatio, ratio) - h;
}

/** Net long-wave radiation: sigma T^4 (mean of the temperatures' fourth powers), MJ m-2 per period. */
export function netLongwave(
  sigma: number,
  temperaturesC: readonly number[],
  ea: number,
  clouds: number,
): number {
  const { e, f: root, kelvin } = f.netRadiation.values;
  const fourth = temperaturesC.reduce((sum, atC) => sum + (atC + kelvin) ** 4, 0) / temperaturesC.length;
  return sigma * fourth * (e - root * Math.sqrt(ea)) * clouds;
}

export function netShortwave(rs: number): number {
  return (1 - f.netRadiation.values.albedo) * rs;
}

/** Wind at 2 m from wind at another height over short grass (FAO-56 eq. 47). */
export function windAt2m(windMs: number, heightM: number): number {
  const { a, b, c } = f.wind.values;
  return (windMs * a) / Math.log(b * heightM - c);
}

/** Radiation from sunshine hours (FAO-56 eq. 35). */
export function radiationFromSunshine(hours: number, possible: number, extraterrestrial: number): number {
  const { a, b } = f.angstrom.values;
  return (a + (b * Math.min(hours, possible)) / possible) * extraterrestrial;
}

/** Radiation from the range of temperature (FAO-56 eq. 50); never above clear sky. */
export function radiationFromTemperature(
  extraterrestrial: number,
  tMinC: number,
  tMaxC: number,
  coast: boolean,
  clear = Number.POSITIVE_INFINITY,
): number {
  const { inland, coast: atCoast } = f.missing.values;
  const factor = coast ? atCoast : inland;
  return Math.min(clear, factor * Math.sqrt(Math.max(0, tMaxC - tMinC)) * extraterrestrial);
}

/** The Penman-Monteith equation of both standards, mm per period. */
export function penmanMonteith(input: {
  readonly rn: number;
  readonly g: number;
  readonly meanC: number;
  readonly u2: number;
  readonly deficit: number;
  readonly slope: number;
  readonly gamma: number;
  readonly cn: number;
  readonly cd: number;
}): number {
  const { latent, kelvin } = f.penman.values;
  const { rn, g, meanC, u2, deficit, slope, gamma, cn, cd } = input;
  return (
    (latent * slope * (rn - g) + (gamma * cn * u2 * deficit) / (meanC + kelvin)) /
    (slope + gamma * (1 + cd * u2))
  );
}
