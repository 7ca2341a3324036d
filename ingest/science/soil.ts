import { fieldConstants as f } from './constants-field.ts';
import { rootZones, rowsOf } from './field-tables.ts';
import { type Answer, cite, known, outside, refuse } from './result.ts';

/**
 * Soil water: from texture (Saxton & Rawls 2006), total and readily available water (FAO-56 eq. 82 and 83), and
 * the depletion of the root zone from probes, from site-calibrated relative probes, or from a water balance
 * (eq. 84 to 88). Water contents are % by volume, depths m, amounts of water mm.
 */
export interface SoilWater {
  readonly wiltingPct: number;
  readonly fieldCapacityPct: number;
  readonly saturationPct: number;
  readonly conductivityMmH: number;
}

interface Regression {
  readonly s: number;
  readonly c: number;
  readonly o: number;
  readonly so: number;
  readonly co: number;
  readonly sc: number;
  readonly k: number;
}

function regress(
  { s, c, o, so, co, sc, k }: Regression,
  sand: number,
  clay: number,
  organic: number,
): number {
  return s * sand + c * clay + o * organic + so * sand * organic + co * clay * organic + sc * sand * clay + k;
}

/**
 * Soil water from texture.
 * @param organicPct organic matter, % by weight; 2.5 unless given
 * @returns refused above 60 % clay or 8 % organic matter, and where sand and clay exceed 100 %
 */
export function soilFromTexture(
  sandPct: number,
  clayPct: number,
  organicPct: number = f.textureRange.values.organicPct,
): Answer<SoilWater> {
  const { maxClayPct, maxOrganicPct } = f.textureRange.values;
  const bad = outside(
    ['sandPct', sandPct, 0, 100],
    ['clayPct', clayPct, 0, maxClayPct],
    ['organicPct', organicPct, 0, maxOrganicPct],
  );
  if (bad !== undefined) return bad;
  if (sandPct + clayPct > 100)
    return refuse('inconsistent', `sandPct + clayPct is ${sandPct + clayPct}, above 100`);
  const sand = sandPct / 100;
  const clay = clayPct / 100;
  const dry = f.texture.values;
  const wet = f.textureField.values;
  const full = f.textureSaturation.values;
  const dry0 = regress(dry, sand, clay, organicPct);
  const wilting = dry0 + dry.gain * dry0 - dry.shift;
  const wet0 = regress(wet, sand, clay, organicPct);
  const field = wet0 + wet.square * wet0 ** 2 - wet.linear * wet0 - wet.shift;
  const between0 = regress(full, sand, clay, organicPct);
  const between = between0 + full.gain * between0 - full.shift;
  const saturation = field + between + full.sand * sand + full.add;
  const lambda = Math.log(field / wilting) / Math.log(full.dryKPa / full.wetKPa);
  const conductivityMmH = full.conductivity * (saturation - field) ** (full.exponent - lambda);
  return known(
    {
      wiltingPct: 100 * wilting,
      fieldCapacityPct: 100 * field,
      saturationPct: 100 * saturation,
      conductivityMmH,
    },
    [cite(f.texture), cite(f.textureField), cite(f.textureSaturation), cite(f.textureRange)],
  );
}

export interface AvailableWater {
  readonly totalMm: number;
  readonly readilyMm: number;
  /** The depletion fraction that was used. */
  readonly p: number;
}

/** Depletion fraction of a crop for 5 mm per day, and its deepest roots, from FAO-56 table 22. */
export function rootZone(
  crop: string,
): Answer<{ readonly minRootM: number; readonly maxRootM: number; readonly p: number }> {
  const row = rowsOf(rootZones.rows, crop)[0];
  if (row === undefined) return refuse('no_figure', `FAO-56 table 22 has no crop "${crop}"`);
  return known({ minRootM: row.minRootM ?? row.maxRootM, maxRootM: row.maxRootM, p: row.p }, [cite(row)]);
}

/**
 * Total and readily available water of a root zone, mm.
 * @param p22 depletion fraction at 5 mm per day, adjusted to the day's crop evapotranspiration
 */
export function availableWater(
  soil: { readonly wiltingPct: number; readonly fieldCapacityPct: number },
  rootM: number,
  p22: number,
  etcMm: number,
): Answer<AvailableWater> {
  const bad = outside(
    ['fieldCapacityPct', soil.fieldCapacityPct, 0, 60],
    ['wiltingPct', soil.wiltingPct, 0, soil.fieldCapacityPct],
    ['rootM', rootM, 0.05, 4],
    ['p22', p22, 0.05, 0.95],
    ['etcMm', etcMm, 0, 20],
  );
  if (bad !== undefined) return bad;
  const { a, reference, min, max } = f.depletion.values;
  const p = Math.min(max, Math.max(min, p22 + a * (reference - etcMm)));
  const totalMm = 10 * (soil.fieldCapacityPct - soil.wiltingPct) * rootM;
  return known({ totalMm, readilyMm: p * totalMm, p }, [cite(f.depletion)]);
}

/** Water stress coefficient, 1 without stress, 0 at the wilting point (FAO-56 eq. 84). */
export function stressCoefficient(depletionMm: number, water: AvailableWater): number {
  if (depletionMm <= water.readilyMm) return 1;
  return Math.max(0, (water.totalMm - depletionMm) / (water.totalMm - water.readilyMm));
}

export interface ProbeReading {
  readonly depthM: number;
  readonly moisturePct: number;
}

export interface Depletion {
  readonly depletionMm: number;
  /** Where it comes from: a balance and probes may disagree, and the reader must know which one this is. */
  readonly method: 'probes' | 'site-calibrated' | 'balance';
  /** Share of the root zone that lies below the deepest probe and was taken to be like it. */
  readonly assumedShare: number;
}

/** Each probe stands for the soil half-way to its neighbours; the deepest for all the roots below it. */
function layers(depthsM: readonly number[], rootM: number): readonly number[] {
  return depthsM.map((depth, i) => {
    const above = depthsM[i - 1];
    const below = depthsM[i + 1];
    const top = above === undefined ? 0 : (above + depth) / 2;
    const bottom = below === undefined ? rootM : (depth + below) / 2;
    return Math.max(0, Math.min(bottom, rootM) - Math.min(top, rootM));
  });
}

function sortedProbes(readings: readonly ProbeReading[], rootM: number): Answer<readonly ProbeReading[]> {
  if (readings.length === 0) return refuse('missing_input', 'readings: at least one probe is needed');
  const bad = outside(
    ['rootM', rootM, 0.05, 4],
    ...readings.flatMap(({ depthM, moisturePct }) => [
      ['depthM', depthM, 0.01, 4] as const,
      ['moisturePct', moisturePct, 0, 100] as const,
    ]),
  );
  return (
    bad ??
    known(
      readings.toSorted((a, b) => a.depthM - b.depthM),
      [],
    )
  );
}

function below(readings: readonly ProbeReading[], rootM: number): number {
  const deepest = readings.at(-1)?.depthM ?? 0;
  return Math.max(0, rootM - deepest) / rootM;
}

/**
 * Depletion of the root zone from calibrated probes at one or several depths, mm. A layer wetter than field
 * capacity drains and does not make up for a dry one.
 */
export function depletionFromProbes(
  readings: readonly ProbeReading[],
  fieldCapacityPct: number,
  rootM: number,
): Answer<Depletion> {
  const sorted = sortedProbes(readings, rootM);
  if (!sorted.ok) return sorted;
  const bad = outside(['fieldCapacityPct', fieldCapacityPct, 1, 60]);
  if (bad !== undefined) return bad;
  const thickness = layers(
    sorted.value.map((reading) => reading.depthM),
    rootM,
  );
  const depletionMm = sorted.value.reduce(
    (sum, { moisturePct }, i) => sum + 10 * Math.max(0, fieldCapacityPct - moisturePct) * (thickness[i] ?? 0),
    0,
  );
  return known({ depletionMm, method: 'probes', assumedShare: below(sorted.value, rootM) }, [
    cite(f.depletion),
  ]);
}

export interface SiteCalibration {
  /** Highest reading after drainage and lowest reading seen on this site, %. */
  readonly drainedPct: number;
  readonly driestPct: number;
}

/**
 * Relative depletion from an uncalibrated probe: 0 at the drained reading of this site, 1 at its driest. It is
 * site-calibrated and not an FAO figure.
 */
export function relativeDepletion(moisturePct: number, site: SiteCalibration): Answer<number> {
  const bad = outside(
    ['moisturePct', moisturePct, 0, 100],
    ['drainedPct', site.drainedPct, 0, 100],
    ['driestPct', site.driestPct, 0, 100],
  );
  if (bad !== undefined) return bad;
  const span = site.drainedPct - site.driestPct;
  if (span < f.probe.values.minSpanPct) {
    return refuse(
      'inconsistent',
      `the probe has only moved by ${span} %: let the soil drain and dry once first`,
    );
  }
  return known(Math.min(1, Math.max(0, (site.drainedPct - moisturePct) / span)), [cite(f.probe)]);
}

/** Depletion of the root zone from relative probes, mm: the mean relative depletion times the total water. */
export function depletionFromRelative(
  probes: readonly (ProbeReading & { readonly site: SiteCalibration })[],
  totalMm: number,
  rootM: number,
): Answer<Depletion> {
  const sorted = sortedProbes(probes, rootM);
  if (!sorted.ok) return sorted;
  const bad = outside(['totalMm', totalMm, 1, 1000]);
  if (bad !== undefined) return bad;
  const ordered = probes.toSorted((a, b) => a.depthM - b.depthM);
  const thickness = layers(
    ordered.map((probe) => probe.depthM),
    rootM,
  );
  let sum = 0;
  for (const [i, probe] of ordered.entries()) {
    const relative = relativeDepletion(probe.moisturePct, probe.site);
    if (!relative.ok) return relative;
    sum += relative.value * (thickness[i] ?? 0);
  }
  return known(
    { depletionMm: (sum / rootM) * totalMm, method: 'site-calibrated', assumedShare: below(ordered, rootM) },
    [cite(f.probe)],
  );
}

export interface BalanceDay {
  readonly rainMm: number;
  readonly runoffMm?: number;
  /** Irrigation that reached the soil. */
  readonly irrigationMm: number;
  /** Crop evapotranspiration without stress. */
  readonly etcMm: number;
}

export interface BalanceResult {
  readonly depletionMm: number;
  readonly drainageMm: number;
  readonly stress: number;
  readonly etActualMm: number;
}

/** One day of the water balance of the root zone (FAO-56 eq. 85 to 88): 0 to TAW, drainage when it overflows. */
export function waterBalance(
  depletionMm: number,
  day: BalanceDay,
  water: AvailableWater,
): Answer<BalanceResult> {
  const bad = outside(
    ['totalMm', water.totalMm, 1, 1000],
    ['depletionMm', depletionMm, 0, water.totalMm],
    ['rainMm', day.rainMm, 0, 1000],
    ['runoffMm', day.runoffMm ?? 0, 0, day.rainMm],
    ['irrigationMm', day.irrigationMm, 0, 1000],
    ['etcMm', day.etcMm, 0, 20],
  );
  if (bad !== undefined) return bad;
  const stress = stressCoefficient(depletionMm, water);
  const etActualMm = stress * day.etcMm;
  const gain = day.rainMm - (day.runoffMm ?? 0) + day.irrigationMm - etActualMm;
  const drainageMm = Math.max(0, gain - depletionMm);
  const after = Math.min(water.totalMm, Math.max(0, depletionMm - gain + drainageMm));
  return known({ depletionMm: after, drainageMm, stress, etActualMm }, [cite(f.depletion)]);
}
