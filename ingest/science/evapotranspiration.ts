import { HOUR, type Instant } from '../../devices/index.ts';
import { fieldConstants as f } from './constants-field.ts';
import { type Answer, type Bounds, type Citation, cite, known, outside, refuse } from './result.ts';
import type { EtForm, Sun } from './weather.ts';
import * as weather from './weather.ts';

export type { EtForm };

/**
 * Reference evapotranspiration of a day or an hour, mm (FAO-56 eq. 6 and 53, ASCE-EWRI 2005 eq. 1). The form is
 * named by the caller: FAO-56 takes the simple clear-sky radiation, ASCE the full one, and mixing them costs up to
 * 0.07 mm a day. Missing inputs are filled by the rules of FAO-56 chapter 3, and each one is listed.
 */
export interface Site {
  readonly latitudeDeg: number;
  readonly elevationM: number;
  /** Within about 20 km of a large water body: radiation from temperature uses the coastal factor. */
  readonly coast?: boolean;
  /** FAO-56 unless given; Ref-ET for figures that must equal those of that program (daily only). */
  readonly sun?: Sun;
}

export interface DayWeather {
  readonly dayOfYear: number;
  readonly tMinC: number;
  readonly tMaxC: number;
  /** Vapour pressure directly, or dew point, or humidity; the first that is given counts. */
  readonly vapourKPa?: number;
  readonly dewPointC?: number;
  readonly rhMaxPct?: number;
  readonly rhMinPct?: number;
  readonly rhMeanPct?: number;
  readonly windMs?: number;
  /** Height of the wind sensor, m; 2 unless given. */
  readonly windHeightM?: number;
  /** Solar radiation, MJ m-2 d-1, or hours of sunshine. */
  readonly radiationMj?: number;
  readonly sunshineHours?: number;
  /** Soil heat flux, MJ m-2 d-1: 0 for a day, monthlySoilHeat for a month. */
  readonly soilHeatMj?: number;
}

export type Estimated = 'vapour' | 'wind' | 'radiation';

export interface ReferenceEt {
  readonly mm: number;
  readonly form: EtForm | 'Hargreaves';
  /** What was missing and was filled by rule. */
  readonly estimated: readonly Estimated[];
}

function dayBounds(site: Site, day: DayWeather): readonly Bounds[] {
  const { minM, maxM } = f.pressure.values;
  const optional = (name: string, value: number | undefined, min: number, max: number): Bounds[] =>
    value === undefined ? [] : [[name, value, min, max]];
  return [
    ['latitudeDeg', site.latitudeDeg, -66, 66],
    ['elevationM', site.elevationM, minM, maxM],
    ['dayOfYear', day.dayOfYear, 1, 366],
    ['tMinC', day.tMinC, -60, 50],
    ['tMaxC', day.tMaxC, day.tMinC, 60],
    ...optional('vapourKPa', day.vapourKPa, 0, 10),
    ...optional('dewPointC', day.dewPointC, -60, 40),
    ...optional('rhMaxPct', day.rhMaxPct, 0, 100),
    ...optional('rhMinPct', day.rhMinPct, 0, 100),
    ...optional('rhMeanPct', day.rhMeanPct, 0, 100),
    ...optional('windMs', day.windMs, 0, 40),
    ...optional('windHeightM', day.windHeightM, f.wind.values.minM, f.wind.values.maxM),
    ...optional('radiationMj', day.radiationMj, 0, 50),
    ...optional('sunshineHours', day.sunshineHours, 0, 24),
    ...optional('soilHeatMj', day.soilHeatMj, -5, 5),
  ];
}

function dayVapour(day: DayWeather): number | undefined {
  if (day.vapourKPa !== undefined) return day.vapourKPa;
  if (day.dewPointC !== undefined) return weather.saturationKPa(day.dewPointC);
  return weather.vapourFromHumidity(day.tMinC, day.tMaxC, {
    ...(day.rhMaxPct === undefined ? {} : { maxPct: day.rhMaxPct }),
    ...(day.rhMinPct === undefined ? {} : { minPct: day.rhMinPct }),
    ...(day.rhMeanPct === undefined ? {} : { meanPct: day.rhMeanPct }),
  });
}

/** Radiation of the day and whether it had to be estimated from temperature. */
function dayRadiation(site: Site, day: DayWeather, ra: number): { rs: number; estimated: boolean } {
  if (day.radiationMj !== undefined) return { rs: day.radiationMj, estimated: false };
  if (day.sunshineHours !== undefined) {
    const possible = weather.daylightHours(site.latitudeDeg, day.dayOfYear);
    return { rs: weather.radiationFromSunshine(day.sunshineHours, possible, ra), estimated: false };
  }
  const clear = weather.clearSkySimple(ra, site.elevationM);
  const rs = weather.radiationFromTemperature(ra, day.tMinC, day.tMaxC, site.coast ?? false, clear);
  return { rs, estimated: true };
}

function dayConstants(form: EtForm): { sigma: number; cn: number; cd: number } {
  const { dayCn, dayCd, tallDayCn, tallDayCd } = f.penman.values;
  const { faoDay, asceDay } = f.stefanBoltzmann.values;
  if (form === 'ASCE tall') return { sigma: asceDay, cn: tallDayCn, cd: tallDayCd };
  return { sigma: form === 'FAO-56' ? faoDay : asceDay, cn: dayCn, cd: dayCd };
}

/** At 2 m the profile factor is 1.0002 by its rounded constants: the wind is taken as it is. */
function windAtReference(windMs: number, heightM = 2): number {
  return heightM === 2 ? windMs : weather.windAt2m(windMs, heightM);
}

const dailyCitations: readonly Citation[] = [
  cite(f.penman),
  cite(f.vapour),
  cite(f.netRadiation),
  cite(f.sun),
  cite(f.wind),
];

/** Reference ET of a day, mm; latitude within 66 degrees, because the sun must rise. */
export function dailyReferenceEt(form: EtForm, site: Site, day: DayWeather): Answer<ReferenceEt> {
  const bad = outside(...dayBounds(site, day));
  if (bad !== undefined) return bad;
  const estimated: Estimated[] = [];
  const measuredVapour = dayVapour(day);
  if (measuredVapour === undefined) estimated.push('vapour');
  const ea = measuredVapour ?? weather.saturationKPa(day.tMinC);
  if (day.windMs === undefined) estimated.push('wind');
  const u2 =
    day.windMs === undefined ? f.missing.values.windMs : windAtReference(day.windMs, day.windHeightM);
  const ra = weather.extraterrestrialDay(site.latitudeDeg, day.dayOfYear, site.sun);
  const { rs, estimated: guessed } = dayRadiation(site, day, ra);
  if (guessed) estimated.push('radiation');
  const pressure = weather.pressureKPa(site.elevationM);
  const rso =
    form === 'FAO-56'
      ? weather.clearSkySimple(ra, site.elevationM)
      : weather.clearSkyFullDay(ra, ea, pressure, site.latitudeDeg, day.dayOfYear);
  const { sigma, cn, cd } = dayConstants(form);
  const clouds = weather.cloudiness(rs, rso);
  const meanC = (day.tMaxC + day.tMinC) / 2;
  const mm = weather.penmanMonteith({
    rn: weather.netShortwave(rs) - weather.netLongwave(sigma, [day.tMaxC, day.tMinC], ea, clouds),
    g: day.soilHeatMj ?? 0,
    meanC,
    u2,
    deficit: (weather.saturationKPa(day.tMaxC) + weather.saturationKPa(day.tMinC)) / 2 - ea,
    slope: weather.slopeKPa(meanC, form),
    gamma: weather.psychrometricKPa(pressure),
    cn,
    cd,
  });
  return known(
    { mm, form, estimated },
    estimated.length > 0 ? [...dailyCitations, cite(f.missing)] : dailyCitations,
  );
}

/** Hargreaves ETo, mm per day: the fallback when only temperatures exist. */
export function hargreavesEt(
  site: Pick<Site, 'latitudeDeg'>,
  day: {
    readonly dayOfYear: number;
    readonly tMinC: number;
    readonly tMaxC: number;
    readonly tMeanC?: number;
  },
): Answer<ReferenceEt> {
  const meanC = day.tMeanC ?? (day.tMinC + day.tMaxC) / 2;
  const bad = outside(...dayBounds({ latitudeDeg: site.latitudeDeg, elevationM: 0 }, day), [
    'tMeanC',
    meanC,
    day.tMinC,
    day.tMaxC,
  ]);
  if (bad !== undefined) return bad;
  const ra = weather.extraterrestrialDay(site.latitudeDeg, day.dayOfYear);
  return known({ mm: hargreavesMm(meanC, day.tMinC, day.tMaxC, ra), form: 'Hargreaves', estimated: [] }, [
    cite(f.hargreaves),
    cite(f.sun),
  ]);
}

/** The Hargreaves equation for a known extraterrestrial radiation, MJ m-2 d-1. */
export function hargreavesMm(
  meanC: number,
  tMinC: number,
  tMaxC: number,
  extraterrestrialMj: number,
): number {
  const { a, b } = f.hargreaves.values;
  const mm = a * (meanC + b) * Math.sqrt(tMaxC - tMinC) * f.penman.values.latent * extraterrestrialMj;
  return Math.max(0, mm);
}

/** Soil heat flux of a month, MJ m-2 d-1, from the neighbouring months' mean temperatures, or the one before. */
export function monthlySoilHeat(
  previousC: number,
  atC: number | undefined,
  nextC: number | undefined,
): Answer<number> {
  const { bothSides, oneSide } = f.soilHeat.values;
  const bad = outside(['previousC', previousC, -60, 60]);
  if (bad !== undefined) return bad;
  if (nextC !== undefined) return known(bothSides * (nextC - previousC), [cite(f.soilHeat)]);
  if (atC === undefined) return refuse('missing_input', 'atC or nextC: one of them is needed');
  return known(oneSide * (atC - previousC), [cite(f.soilHeat)]);
}

export interface HourWeather {
  /** End of the hour (loggers stamp the end). */
  readonly endAt: Instant;
  readonly meanC: number;
  readonly vapourKPa: number;
  readonly windMs: number;
  readonly windHeightM?: number;
  /** MJ m-2 h-1. */
  readonly radiationMj: number;
  /** Cloudiness of the last hour with the sun well up, carried through the night; ASCE starts at 1. */
  readonly previousClouds?: number;
}

export interface HourlyEt {
  readonly mm: number;
  readonly form: EtForm;
  /** To be passed on as `previousClouds` of the next hour. */
  readonly clouds: number;
}

/** Local solar day of the year: near midnight UTC and local days differ. */
function solarDay(at: Instant, longitudeDeg: number): { dayOfYear: number; utcHour: number } {
  const local = new Date(at + (longitudeDeg / 15) * HOUR);
  const yearStart = Date.UTC(local.getUTCFullYear(), 0, 1);
  const utc = new Date(at);
  return {
    dayOfYear: Math.floor((local.getTime() - yearStart) / (24 * HOUR)) + 1,
    utcHour: utc.getUTCHours() + (at % HOUR) / HOUR,
  };
}

function hourSurface(form: EtForm, day: boolean): { cn: number; cd: number; g: number } {
  const s = f.hourlySurface.values;
  const { hourCn, tallHourCn, dayCd } = f.penman.values;
  if (form === 'ASCE tall') {
    return day
      ? { cn: tallHourCn, cd: s.tallDay, g: s.tallGDay }
      : { cn: tallHourCn, cd: s.tallNight, g: s.tallGNight };
  }
  const g = day ? s.gDay : s.gNight;
  if (form === 'FAO-56') return { cn: hourCn, cd: dayCd, g };
  return { cn: hourCn, cd: day ? s.shortDay : s.shortNight, g };
}

/**
 * Reference ET of one hour, mm; negative at night in the ASCE form (dew).
 * @param site with the longitude, degrees east
 */
export function hourlyReferenceEt(
  form: EtForm,
  site: Site & { readonly longitudeDeg: number },
  hour: HourWeather,
): Answer<HourlyEt> {
  const { minM, maxM } = f.pressure.values;
  const bad = outside(
    ['latitudeDeg', site.latitudeDeg, -66, 66],
    ['longitudeDeg', site.longitudeDeg, -180, 180],
    ['elevationM', site.elevationM, minM, maxM],
    ['meanC', hour.meanC, -60, 60],
    ['vapourKPa', hour.vapourKPa, 0, 10],
    ['windMs', hour.windMs, 0, 40],
    ['windHeightM', hour.windHeightM ?? 2, f.wind.values.minM, f.wind.values.maxM],
    ['radiationMj', hour.radiationMj, 0, 6],
    ['previousClouds', hour.previousClouds ?? 1, 0, 1],
  );
  if (bad !== undefined) return bad;
  const { dayOfYear, utcHour } = solarDay(hour.endAt - HOUR / 2, site.longitudeDeg);
  const middle = weather.hourAngle(site.longitudeDeg, dayOfYear, utcHour);
  const start = weather.hourAngle(site.longitudeDeg, dayOfYear, utcHour - 1 / 2);
  const ra = weather.extraterrestrialHour(site.latitudeDeg, dayOfYear, middle);
  const pressure = weather.pressureKPa(site.elevationM);
  const rso =
    form === 'FAO-56'
      ? weather.clearSkySimple(ra, site.elevationM)
      : weather.clearSkyFullHour(
          ra,
          hour.vapourKPa,
          pressure,
          weather.sinSunHeight(site.latitudeDeg, dayOfYear, middle),
        );
  // The sun-height test is taken at the start of the hour, as Ref-ET does; low sun keeps the last cloudiness.
  const height = Math.asin(weather.sinSunHeight(site.latitudeDeg, dayOfYear, start));
  const lowSun = height < f.hourlySurface.values.lowSunRad || rso <= 0;
  const clouds = lowSun ? (hour.previousClouds ?? 1) : weather.cloudiness(hour.radiationMj, rso);
  const { faoHour, asceHour } = f.stefanBoltzmann.values;
  const longwave = weather.netLongwave(
    form === 'FAO-56' ? faoHour : asceHour,
    [hour.meanC],
    hour.vapourKPa,
    clouds,
  );
  const rn = weather.netShortwave(hour.radiationMj) - longwave;
  const { cn, cd, g } = hourSurface(form, form === 'FAO-56' ? hour.radiationMj > 0 : rn >= 0);
  const mm = weather.penmanMonteith({
    rn,
    g: g * rn,
    meanC: hour.meanC,
    u2: windAtReference(hour.windMs, hour.windHeightM),
    deficit: weather.saturationKPa(hour.meanC) - hour.vapourKPa,
    slope: weather.slopeKPa(hour.meanC, form),
    gamma: weather.psychrometricKPa(pressure),
    cn,
    cd,
  });
  return known({ mm, form, clouds }, [...dailyCitations, cite(f.hourlySurface), cite(f.solarTime)]);
}
