import { DAY, type Duration } from '../../devices/index.ts';
import { grainConstants } from './constants-grain.ts';
import { dryBasis } from './grain-moisture.ts';
import { grainCo2, maizeDays } from './grain-tables.ts';
import { meanWithKinks } from './quadrature.ts';
import { type Answer, type Citation, cite, known, outside, refuse } from './result.ts';
import type { Integrand } from './series.ts';

/**
 * How long grain keeps. Maize: Steele/Saul/Thompson to 0.5 % dry-matter loss, 16 to 28 % wb, 40 to 80 degF; 13 to
 * 15 % from the printed table, which does not follow the equation. Wheat: Fraser & Muir 1981 (recalled), with the
 * published observations as reason for a divisor. At changing temperature the time used adds up (rate sum).
 */
const { maize, maizeLoss, wheat, wheatFactor, fahrenheit } = grainConstants;

function toF(atC: number): number {
  return fahrenheit.values.scale * atC + fahrenheit.values.offset;
}

function toC(atF: number): number {
  return (atF - fahrenheit.values.offset) / fahrenheit.values.scale;
}

/** Effect of temperature on maize; never longer above the knee than at it, which the wet term alone would give. */
function maizeTemperature(atF: number, moistureWbPct: number): number {
  const { coldA, coldB, kneeF, warmA, warmB, wetB, wetFromPct, wetToPct, wetMax } = maize.values;
  if (atF <= kneeF) return coldA * Math.exp(-coldB * atF);
  const wet = moistureWbPct > wetToPct ? wetMax : Math.max(0, (moistureWbPct - wetFromPct) / 100);
  const warm = warmA * Math.exp(-warmB * atF) + wet * Math.exp(wetB * (atF - kneeF));
  return Math.min(warm, coldA * Math.exp(-coldB * kneeF));
}

/** degF at which the wet term no longer lengthens the time: a kink of maizeTemperature. */
function flatUntilF(moistureWbPct: number): number {
  const { kneeF, maxF } = maize.values;
  const atKnee = maizeTemperature(kneeF, moistureWbPct);
  let low: number = kneeF;
  let high: number = maxF;
  while (high - low > KINK_F) {
    const middle = (low + high) / 2;
    if (maizeTemperature(middle, moistureWbPct) >= atKnee) low = middle;
    else high = middle;
  }
  return high;
}
/** How well the kink is located: its square times the slope is far below 1e-9 of a day's use. */
const KINK_F = 1e-9;

function maizeEquationDays(atF: number, moistureWbPct: number, damagePct: number): number {
  const { hours, damageA, damageB, moistA, moistB, moistC, moistD, moistE } = maize.values;
  const dry = dryBasis(moistureWbPct);
  const moist = moistA * (Math.exp(moistB / dry ** moistC) - moistD * dry + moistE);
  const damage = damageA * Math.exp(-damageB * damagePct);
  return (hours * maizeTemperature(atF, moistureWbPct) * moist * damage) / 24;
}

/** ln(days) of one printed row, log-linear between its temperatures. */
function rowLnDays(row: (typeof maizeDays.rows)[number], atF: number): number {
  const cells = Object.entries(row.daysAtF)
    .map(([f, days]) => [Number(f), Math.log(days)] as const)
    .toSorted((a, b) => a[0] - b[0]);
  for (let i = 1; i < cells.length; i++) {
    const a = cells[i - 1];
    const b = cells[i];
    if (a !== undefined && b !== undefined && atF <= b[0]) {
      return a[1] + ((atF - a[0]) / (b[0] - a[0])) * (b[1] - a[1]);
    }
  }
  return cells.at(-1)?.[1] ?? Number.NaN;
}

function maizeDryDays(atF: number, moistureWbPct: number): number {
  const minPct = maize.values.minPct;
  const rows = maizeDays.rows.filter((row) => row.moistureWbPct < minPct);
  const anchors = rows.map((row) => [row.moistureWbPct, rowLnDays(row, atF)] as const);
  const table = [
    ...anchors,
    [minPct, Math.log(maizeEquationDays(atF, minPct, maize.values.damagePct))] as const,
  ];
  for (let i = 1; i < table.length; i++) {
    const a = table[i - 1];
    const b = table[i];
    if (a !== undefined && b !== undefined && moistureWbPct <= b[0]) {
      const share = (moistureWbPct - a[0]) / (b[0] - a[0]);
      // The printed 15 % row is shorter than the equation at 16 % in places: the drier grain is never shorter.
      return Math.exp(Math.max(a[1] + share * (b[1] - a[1]), b[1]));
    }
  }
  return Number.NaN;
}

function wheatDays(atC: number, moistureWbPct: number): number {
  const { dryA, dryB, dryC, wetA, wetB, wetC, kneePct } = wheat.values;
  return moistureWbPct <= kneePct
    ? 10 ** (dryA - dryB * moistureWbPct - dryC * atC)
    : 10 ** (wetA - wetB * moistureWbPct - wetC * atC);
}

export interface StorageTime {
  /** As the equation gives it. */
  readonly days: number;
  /** The figure to plan with: 0.35 % dry-matter loss for maize, the divisor for wheat. */
  readonly cautiousDays: number;
  readonly criterion: string;
}

/** Dry-matter loss of maize after equivalent hours, %; 0 to 600 h. */
export function maizeDryMatterLoss(equivalentHours: number): Answer<number> {
  const bad = outside(['equivalentHours', equivalentHours, 0, 600]);
  if (bad !== undefined) return bad;
  const { a, b, c } = maizeLoss.values;
  return known(a * Math.expm1(b * equivalentHours) + c * equivalentHours, [cite(maizeLoss)]);
}

/** Share of the time to 0.5 % loss after which 0.35 % is reached. */
const strictShare = (() => {
  const { a, b, c, usualPct, strictPct } = maizeLoss.values;
  const hoursTo = (pct: number): number => {
    let low = 0;
    let high = 1000;
    while (high - low > 1e-9) {
      const middle = (low + high) / 2;
      if (a * Math.expm1(b * middle) + c * middle < pct) low = middle;
      else high = middle;
    }
    return low;
  };
  return hoursTo(strictPct) / hoursTo(usualPct);
})();

type StoredGrain = 'maize' | 'wheat';

interface Model {
  readonly days: (atC: number) => number;
  readonly cautious: number;
  readonly criterion: string;
  readonly minC: number;
  readonly maxC: number;
  readonly kinksC: readonly number[];
  readonly citations: readonly Citation[];
}

const MIN_TABLE_PCT = Math.min(...maizeDays.rows.map((row) => row.moistureWbPct));

function maizeModel(moistureWbPct: number, damagePct: number): Answer<Model> {
  const { minPct, maxPct, minF, maxF, kneeF } = maize.values;
  const bad = outside(
    ['moistureWbPct', moistureWbPct, MIN_TABLE_PCT, maxPct],
    ['damagePct', damagePct, 0, 100],
  );
  if (bad !== undefined) return bad;
  const dry = moistureWbPct < minPct;
  if (dry && damagePct !== maize.values.damagePct) {
    return refuse('no_figure', `below ${minPct} % wb only the printed table for 30 % damage exists`);
  }
  const source = dry ? maizeDays.rows[0] : maize;
  const tableF = Object.keys(maizeDays.rows[0]?.daysAtF ?? {}).map(Number);
  return known(
    {
      days: (atC) =>
        dry ? maizeDryDays(toF(atC), moistureWbPct) : maizeEquationDays(toF(atC), moistureWbPct, damagePct),
      cautious: strictShare,
      criterion: '0.5 % loss of dry matter; cautious 0.35 %',
      minC: toC(minF),
      maxC: toC(maxF),
      kinksC: dry ? tableF.map(toC).toSorted((a, b) => a - b) : [toC(kneeF), toC(flatUntilF(moistureWbPct))],
      citations: source === undefined ? [] : [cite(source), cite(maizeLoss)],
    },
    [],
  );
}

function wheatModel(moistureWbPct: number): Answer<Model> {
  const { minPct, maxPct, minC, maxC } = wheat.values;
  const bad = outside(['moistureWbPct', moistureWbPct, minPct, maxPct]);
  if (bad !== undefined) return bad;
  return known(
    {
      days: (atC) => wheatDays(atC, moistureWbPct),
      cautious: 1 / wheatFactor.values.divisor,
      criterion: 'germination falls to 90 %; cautious: divided by 1.5',
      minC,
      maxC,
      kinksC: [],
      citations: [cite(wheat), cite(wheatFactor)],
    },
    [],
  );
}

function modelOf(grain: string, moistureWbPct: number, damagePct: number): Answer<Model> {
  if (grain === 'maize') return maizeModel(moistureWbPct, damagePct);
  if (grain === 'wheat') return wheatModel(moistureWbPct);
  return refuse('no_figure', `no storage-time equation for ${grain}: use the equilibrium humidity (65 %)`);
}

/**
 * Safe storage time at a constant temperature and moisture (% wet basis), days.
 * @param damagePct mechanical damage of maize, 30 % unless given
 */
export function safeStorageTime(
  grain: StoredGrain | string,
  atC: number,
  moistureWbPct: number,
  damagePct: number = maize.values.damagePct,
): Answer<StorageTime> {
  const model = modelOf(grain, moistureWbPct, damagePct);
  if (!model.ok) return model;
  const { minC, maxC, criterion, citations } = model.value;
  const bad = outside(['atC', atC, minC, maxC]);
  if (bad !== undefined) return bad;
  const days = model.value.days(atC);
  return known({ days, cautiousDays: days * model.value.cautious, criterion }, citations);
}

export interface StorageUse {
  /** Fractions of the allowable time used, for the cautious criterion. */
  best: number;
  point: number;
  worst: number;
  /** Time above the range of the equation: the fractions are then lower bounds. */
  aboveRangeMs: Duration;
}

/**
 * The integrand of used storage time over grain temperature, degC, at one moisture. Colder than the range counts
 * as its cold end (never longer), warmer is counted at the warm end and timed apart.
 */
export function storageUse(
  grain: StoredGrain | string,
  moistureWbPct: number,
  damagePct: number = maize.values.damagePct,
): Answer<Integrand<StorageUse>> {
  const model = modelOf(grain, moistureWbPct, damagePct);
  if (!model.ok) return model;
  const { minC, maxC, days, cautious, kinksC } = model.value;
  const rate = (atC: number): number => 1 / (cautious * days(Math.min(maxC, Math.max(minC, atC))));
  const kinks = [minC, ...kinksC, maxC].toSorted((a, b) => a - b);
  return known(
    {
      zero: () => ({ best: 0, point: 0, worst: 0, aboveRangeMs: 0 }),
      segment(totals, _startAt, ms, from, to) {
        const used = (ms / DAY) * meanWithKinks(from, to, kinks, rate);
        totals.best += used;
        totals.point += used;
        totals.worst += used;
        const top = Math.max(from, to);
        const bottom = Math.min(from, to);
        if (top > maxC) totals.aboveRangeMs += bottom >= maxC ? ms : (ms * (top - maxC)) / (top - bottom);
      },
      gap(totals, _startAt, ms, low, high, from, to) {
        totals.best += (ms / DAY) * rate(low);
        totals.worst += (ms / DAY) * rate(high);
        totals.point +=
          (ms / DAY) *
          (from === null || to === null
            ? Math.sqrt(rate(low) * rate(high))
            : meanWithKinks(from, to, kinks, rate));
      },
    },
    model.value.citations,
  );
}

export interface Co2Level {
  /** The published level. */
  readonly level: 'normal' | 'problem_possible' | 'spoilage';
  /** The recalled, finer scale: shown as unverified, never the ground of an alert by itself. */
  readonly recalled: 'normal' | 'onset' | 'severe' | 'human_limit';
}

/** What a sustained carbon dioxide concentration between the kernels means, ppm; 0 to 1000000. */
export function grainCo2Level(ppm: number): Answer<Co2Level> {
  const bad = outside(['ppm', ppm, 0, 1_000_000]);
  if (bad !== undefined) return bad;
  const highest = (recalled: boolean) =>
    grainCo2.rows
      .filter((row) => ppm >= row.fromPpm && (row.fromPpm === 0 || (row.mark === 'K') === recalled))
      .toSorted((a, b) => b.fromPpm - a.fromPpm)[0];
  const read = highest(false);
  const recalled = highest(true);
  const level =
    read?.meaning === 'spoilage' || read?.meaning === 'problem_possible' ? read.meaning : 'normal';
  const finer = recalled?.meaning;
  return known(
    {
      level,
      recalled: finer === 'onset' || finer === 'severe' || finer === 'human_limit' ? finer : 'normal',
    },
    [read, recalled].flatMap((row) => (row === undefined ? [] : [cite(row)])),
  );
}
