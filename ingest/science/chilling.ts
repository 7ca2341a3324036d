import type { Duration } from '../../devices/index.ts';
import { produceConstants } from './constants-produce.ts';
import { type DegreeTime, degreeDays, degreeTimeOver } from './degree-hours.ts';
import { citationOf, type Product } from './products.ts';
import { type Answer, cite, known, outside, refuse } from './result.ts';
import type { GapRule, Sample, Window } from './series.ts';
import { type ChillingTime, chillingDoses, chillingTimes } from './tables.ts';

/**
 * Chilling injury: dose and time below the crop's threshold, or time inside its injury zone (stone fruit, pear and
 * Fuyu persimmon are worse off at 2 to 8 degC than at 0). Injury is latent: the symptoms appear after the goods
 * have been warmed (AH-66 p.62), so this is a risk and never a finding.
 */
export interface ChillingDoseLevel {
  readonly effect: string;
  readonly minDoseCd: number;
  readonly maxDoseCd: number;
  readonly reached: 'no' | 'possible' | 'yes';
}

export interface ChillingExposure {
  readonly kind: 'threshold' | 'zone';
  /** degC days below the threshold; undefined for a zone, for which no dose is published. */
  readonly doseCd: { readonly best: number; readonly point: number; readonly worst: number } | undefined;
  readonly timeMs: { readonly best: Duration; readonly point: Duration; readonly worst: Duration };
  readonly longestMs: Duration;
  /** Only for the crops with a published or derived dose. */
  readonly doses: readonly ChillingDoseLevel[];
  /** `latent`: the goods were exposed, injury shows after warming, or not at all. */
  readonly risk: 'none' | 'possible' | 'latent';
}

function riskOf(time: { best: number; point: number; worst: number }): ChillingExposure['risk'] {
  if (time.point > 0) return 'latent';
  return time.worst > 0 ? 'possible' : 'none';
}

function doseLevels(product: Product, dose: { best: number; worst: number }): ChillingDoseLevel[] {
  return chillingDoses.rows
    .filter((row) => row.product === product.id)
    .map(({ effect, minDoseCd, maxDoseCd }) => ({
      effect,
      minDoseCd,
      maxDoseCd,
      reached: dose.best >= maxDoseCd ? 'yes' : dose.worst >= minDoseCd ? 'possible' : 'no',
    }));
}

/** Time below the upper end of a zone without the time below its lower end. */
function zoneTime(upper: DegreeTime, lower: DegreeTime): ChillingExposure['timeMs'] {
  return {
    best: Math.max(0, upper.bestMs - lower.worstMs),
    point: upper.pointMs - lower.pointMs,
    worst: Math.max(0, upper.worstMs - lower.bestMs),
  };
}

/**
 * Chilling exposure of a product over a series of product temperatures, degC.
 * @returns refused for a product without a published threshold or zone; not sensitive crops too, by name
 */
export function chillingExposure(
  product: Product,
  samples: readonly Sample[],
  gap: GapRule,
  accuracyC = 0,
  window: Window = {},
): Answer<ChillingExposure> {
  const chilling = product.chilling;
  if (chilling === undefined) return refuse('no_figure', `${product.id}: nothing is published on chilling`);
  const citations = [citationOf(chilling)];
  if (chilling.kind === 'zone' && chilling.fromC !== undefined && chilling.toC !== undefined) {
    const upper = degreeTimeOver('below', chilling.toC, samples, gap, accuracyC, window);
    if (!upper.ok) return upper;
    const lower = degreeTimeOver('below', chilling.fromC, samples, gap, accuracyC, window);
    if (!lower.ok) return lower;
    const timeMs = zoneTime(upper.value.totals, lower.value.totals);
    const longestMs = Math.min(upper.value.totals.longestMs, timeMs.point);
    return known(
      { kind: 'zone', doseCd: undefined, timeMs, longestMs, doses: [], risk: riskOf(timeMs) },
      citations,
    );
  }
  const thresholdC = chilling.strictC ?? chilling.thresholdC;
  if (chilling.kind !== 'threshold' || thresholdC === undefined) {
    return refuse('no_figure', `${product.id}: ${chilling.kind.replaceAll('_', ' ')}`);
  }
  const below = degreeTimeOver('below', thresholdC, samples, gap, accuracyC, window);
  if (!below.ok) return below;
  const { best, point, worst, bestMs, pointMs, worstMs, longestMs } = below.value.totals;
  const doseCd = { best: degreeDays(best), point: degreeDays(point), worst: degreeDays(worst) };
  const timeMs = { best: bestMs, point: pointMs, worst: worstMs };
  const levels = chillingDoses.rows.filter((row) => row.product === product.id);
  return known(
    {
      kind: 'threshold',
      doseCd,
      timeMs,
      longestMs,
      doses: doseLevels(product, doseCd),
      risk: riskOf(timeMs),
    },
    [...citations, ...levels.map(cite)],
  );
}

export interface TimeToInjury {
  readonly minDays: number;
  readonly maxDays: number;
  /** True when the goods are colder than the coldest figure: injury comes at least that soon. */
  readonly atMost: boolean;
  readonly rows: readonly ChillingTime[];
}

/** Rows of one crop that state a time to injury at one temperature. */
export function injuryRows(productId: string): readonly ChillingTime[] {
  return chillingTimes.rows.filter(
    (row) =>
      row.product === productId &&
      row.minC !== undefined &&
      row.minC === row.maxC &&
      (row.minDays ?? row.maxDays) !== undefined &&
      !/tolerated|no injury|fine|keeps|skin change/.test(row.qualifier ?? ''),
  );
}

/**
 * Published time to chilling injury at a constant temperature, days, over all varieties that AH-66 lists:
 * log-linear between its rows, never beyond the warmest.
 */
export function timeToInjury(productId: string, atC: number): Answer<TimeToInjury> {
  const { minC, maxC } = produceConstants.measuredRange.values;
  const bad = outside(['atC', atC, minC, maxC]);
  if (bad !== undefined) return bad;
  const rows = injuryRows(productId);
  const coldest = Math.min(...rows.map((row) => row.minC ?? Number.POSITIVE_INFINITY));
  const byTemperature = new Map<number, { min: number; max: number }>();
  for (const row of rows) {
    const key = row.minC ?? 0;
    const min = row.minDays ?? row.maxDays ?? 0;
    const max = row.maxDays ?? row.minDays ?? 0;
    const before = byTemperature.get(key);
    byTemperature.set(key, {
      min: Math.min(min, before?.min ?? min),
      max: Math.max(max, before?.max ?? max),
    });
  }
  const points = [...byTemperature].toSorted((a, b) => a[0] - b[0]);
  const first = points[0];
  if (first === undefined)
    return refuse('no_figure', `no time to chilling injury is published for ${productId}`);
  const citations = rows.map(cite);
  if (atC <= first[0]) {
    return known({ minDays: first[1].min, maxDays: first[1].max, atMost: atC < coldest, rows }, citations);
  }
  for (let i = 1; i < points.length; i++) {
    const a = points[i - 1];
    const b = points[i];
    if (a === undefined || b === undefined || atC > b[0]) continue;
    const share = (atC - a[0]) / (b[0] - a[0]);
    const between = (x: number, y: number): number =>
      Math.exp(Math.log(x) + share * (Math.log(y) - Math.log(x)));
    return known(
      { minDays: between(a[1].min, b[1].min), maxDays: between(a[1].max, b[1].max), atMost: false, rows },
      citations,
    );
  }
  return refuse(
    'no_figure',
    `no time to injury of ${productId} is published above ${points.at(-1)?.[0]} degC`,
  );
}
