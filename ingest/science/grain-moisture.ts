import { grainConstants } from './constants-grain.ts';
import { type EmcSet, emcTable, moistureLimits } from './grain-tables.ts';
import { type Answer, cite, known, outside, refuse } from './result.ts';

/**
 * Equilibrium of grain and air (ASAE/ASABE D245): modified Henderson, Chung-Pfost, Halsey and Oswin. Moisture is
 * % dry basis inside and % wet basis outside. Sets of one grain differ by up to 1.6 points at 80 % RH, and variety
 * and sorption history add 0.5 to 1: the set is part of every answer.
 */

export function wetBasis(dryBasisPct: number): number {
  return (100 * dryBasisPct) / (100 + dryBasisPct);
}

export function dryBasis(wetBasisPct: number): number {
  return (100 * wetBasisPct) / (100 - wetBasisPct);
}

/** Moisture, % dry basis, at a relative humidity between 0 and 1. */
function moisture({ model, a, b, c }: EmcSet, atC: number, rh: number): number {
  if (model === 'henderson') return (-Math.log(1 - rh) / (a * (atC + c))) ** (1 / b);
  if (model === 'chung_pfost') return -Math.log((-(atC + c) * Math.log(rh)) / a) / b;
  if (model === 'halsey') return (-Math.log(rh) / Math.exp(a + b * atC)) ** (-1 / c);
  return (a + b * atC) * (rh / (1 - rh)) ** (1 / c);
}

/** Relative humidity between 0 and 1 at a moisture, % dry basis. */
function humidity({ model, a, b, c }: EmcSet, atC: number, dryPct: number): number {
  if (model === 'henderson') return 1 - Math.exp(-a * (atC + c) * dryPct ** b);
  if (model === 'chung_pfost') return Math.exp((-a / (atC + c)) * Math.exp(-b * dryPct));
  if (model === 'halsey') return Math.exp(-Math.exp(a + b * atC) * dryPct ** -c);
  const x = (dryPct / (a + b * atC)) ** c;
  return x / (1 + x);
}

/** The set by its id, or the default set of a grain. */
export function emcSet(idOrGrain: string): Answer<EmcSet> {
  const rows = emcTable.rows;
  const row =
    rows.find((set) => set.id === idOrGrain) ?? rows.find((set) => set.grain === idOrGrain && set.default);
  if (row !== undefined) return known(row, [cite(row)]);
  const grains = [...new Set(rows.map((set) => set.grain))].join(', ');
  return refuse('unknown_set', `no equilibrium constants for "${idOrGrain}"; there are ${grains}`);
}

export interface Equilibrium {
  readonly moistureWbPct: number;
  readonly rhPct: number;
  readonly set: string;
  /** True where printed cells confirm the set; elsewhere it is the equation alone. */
  readonly checked: boolean;
}

function inChecked(set: EmcSet, atC: number, rhPct: number): boolean {
  const range = set.checked;
  return (
    range !== undefined &&
    atC >= range.minC &&
    atC <= range.maxC &&
    rhPct >= range.minRhPct &&
    rhPct <= range.maxRhPct
  );
}

/**
 * Equilibrium moisture of grain in air, % wet basis.
 * @param idOrGrain a grain (its default set) or the id of a set, see data/emc.json for the ranges
 */
export function equilibriumMoisture(idOrGrain: string, atC: number, rhPct: number): Answer<Equilibrium> {
  const set = emcSet(idOrGrain);
  if (!set.ok) return set;
  const { minC, maxC, minRhPct, maxRhPct } = set.value;
  const bad = outside(['atC', atC, minC, maxC], ['rhPct', rhPct, minRhPct, maxRhPct]);
  if (bad !== undefined) return bad;
  const moistureWbPct = wetBasis(moisture(set.value, atC, rhPct / 100));
  const value = { moistureWbPct, rhPct, set: set.value.id, checked: inChecked(set.value, atC, rhPct) };
  return known(value, set.citations);
}

/** Relative humidity of the air between the kernels, %, at a grain temperature and moisture (% wet basis). */
export function equilibriumHumidity(
  idOrGrain: string,
  atC: number,
  moistureWbPct: number,
): Answer<Equilibrium> {
  const set = emcSet(idOrGrain);
  if (!set.ok) return set;
  const { minC, maxC, minRhPct, maxRhPct } = set.value;
  const bad = outside(['atC', atC, minC, maxC], ['moistureWbPct', moistureWbPct, 1, 50]);
  if (bad !== undefined) return bad;
  const rhPct = 100 * humidity(set.value, atC, dryBasis(moistureWbPct));
  const beyond = outside([`rhPct in equilibrium with ${moistureWbPct} % wb`, rhPct, minRhPct, maxRhPct]);
  if (beyond !== undefined) return beyond;
  const value = { moistureWbPct, rhPct, set: set.value.id, checked: inChecked(set.value, atC, rhPct) };
  return known(value, set.citations);
}

/**
 * Equilibrium moisture of a seed from its oil content (sunflower, sesame: no D245 constants), % wet basis;
 * 0 to 40 degC, 10 to 70 % RH.
 */
export function seedEquilibriumMoisture(oilFraction: number, atC: number, rhPct: number): Answer<number> {
  const set = grainConstants.cromarty;
  const { a, b, c, minC, maxC, minRhPct, maxRhPct, maxOil } = set.values;
  const bad = outside(
    ['oilFraction', oilFraction, 0, maxOil],
    ['atC', atC, minC, maxC],
    ['rhPct', rhPct, minRhPct, maxRhPct],
  );
  if (bad !== undefined) return bad;
  const dryPct = (Math.sqrt(-c * Math.log(1 - rhPct / 100)) * (1 - oilFraction)) / (a + atC / b);
  return known(wetBasis(dryPct), [cite(set)]);
}

export interface MoistureVerdict {
  readonly rhPct: number;
  readonly state: 'safe' | 'watch' | 'mould';
  readonly set: string;
}

/** Whether grain keeps at its moisture and temperature: safe to 65 % equilibrium humidity, mould from 70 %. */
export function moistureVerdict(
  idOrGrain: string,
  atC: number,
  moistureWbPct: number,
): Answer<MoistureVerdict> {
  const equilibrium = equilibriumHumidity(idOrGrain, atC, moistureWbPct);
  if (!equilibrium.ok) return equilibrium;
  const { rhPct, set } = equilibrium.value;
  const { safePct } = grainConstants.safeHumidity.values;
  const { limitPct } = grainConstants.mouldHumidity.values;
  const state = rhPct <= safePct ? 'safe' : rhPct < limitPct ? 'watch' : 'mould';
  const citations = [...equilibrium.citations, cite(grainConstants.safeHumidity)];
  if (state !== 'safe') citations.push(cite(grainConstants.mouldHumidity));
  return known({ rhPct, state, set }, citations);
}

/** The moisture limit of the national standard, % wet basis: wheat, rice_indica, rice_japonica, maize, soybean. */
export function standardMoistureLimit(grain: string): Answer<number> {
  const row = moistureLimits.rows.find((candidate) => candidate.grain === grain);
  if (row === undefined) return refuse('no_figure', `no national moisture limit for ${grain}`);
  return known(row.maxWbPct, [{ source: `${row.standard}: ${row.source}`, mark: row.mark }]);
}
