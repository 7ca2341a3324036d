import { DAY, type Duration } from '../../devices/index.ts';
import { produceConstants } from './constants-produce.ts';
import { type Answer, type Citation, cite, known, outside, refuse } from './result.ts';
import type { Integrand } from './series.ts';
import { transpiration, weightLoss } from './tables.ts';

/**
 * Loss of water: rate = k_t * VPD, with the transpiration coefficient k_t in ng kg-1 s-1 Pa-1. The coefficients
 * are recalled, not read (every answer is `verified: false`), and the linear law fails for leafy crops in dry air:
 * above 300 Pa nothing is claimed and a weighing is asked for.
 */
const maxPa = produceConstants.waterLoss.values.maxPa;
/** ng per kg per second to % per day: 1e-12 * 100 * 86400. */
const PCT_PER_DAY = 1e-10 * (DAY / 1000);

export interface WaterLossRate {
  readonly pctPerDayPerPa: number;
  readonly citations: readonly Citation[];
}

export function waterLossRate(productId: string): Answer<number> {
  const row = transpiration.rows.find((candidate) => candidate.product === productId);
  if (row === undefined)
    return refuse('no_figure', `no transpiration coefficient for ${productId}: weigh it`);
  return known(row.ngPerKgSPa * PCT_PER_DAY, [cite(row), cite(produceConstants.waterLoss)]);
}

/** The loss of weight at which the product is no longer acceptable, %; 5 % where only the general figure exists. */
export function maxWeightLoss(productId: string): Answer<number> {
  const row =
    weightLoss.rows.find((candidate) => candidate.product === productId) ??
    weightLoss.rows.find((candidate) => candidate.product === '*any');
  return row === undefined ? refuse('no_figure', 'no weight loss limit') : known(row.maxPct, [cite(row)]);
}

/** Loss of weight at a constant vapour pressure deficit, % per day; 0 to 300 Pa. */
export function waterLossPerDay(productId: string, vpdPa: number): Answer<number> {
  const rate = waterLossRate(productId);
  if (!rate.ok) return rate;
  if (!Number.isFinite(vpdPa)) return refuse('not_a_number', `vpdPa must be a number, got ${vpdPa}`);
  if (vpdPa > maxPa) {
    return refuse(
      'out_of_range',
      `vpdPa ${vpdPa}: above ${maxPa} Pa the linear law over-predicts, weigh the goods`,
    );
  }
  return known(Math.max(0, vpdPa) * rate.value, rate.citations);
}

/** Days until the product's largest acceptable loss at a constant deficit. */
export function daysToWeightLimit(productId: string, vpdPa: number, lostPct = 0): Answer<number> {
  const bad = outside(['lostPct', lostPct, 0, 100]);
  if (bad !== undefined) return bad;
  const perDay = waterLossPerDay(productId, vpdPa);
  if (!perDay.ok) return perDay;
  const limit = maxWeightLoss(productId);
  if (!limit.ok) return limit;
  const left = Math.max(0, limit.value - lostPct);
  if (perDay.value === 0) return refuse('no_figure', 'no loss at a deficit of 0 Pa: not limited by water');
  return known(left / perDay.value, [...perDay.citations, ...limit.citations]);
}

export interface WaterLoss {
  /** % of the weight, in the best, the usual and the worst case of the gaps. */
  best: number;
  point: number;
  worst: number;
  /** Time above 300 Pa: the loss is then only counted up to 300 Pa and may be more or less. */
  beyondLawMs: Duration;
}

/** Below this a difference of pressures is rounding: dividing by it would only amplify it. */
const TINY_PA = 1e-6;

/** Mean of a straight line clipped to 0..300 Pa. */
function meanClipped(from: number, to: number): number {
  if (Math.abs(to - from) < TINY_PA) return Math.min(maxPa, Math.max(0, from));
  const integral = (x: number): number => {
    const inside = Math.min(maxPa, Math.max(0, x));
    return (inside * inside) / 2 + Math.max(0, x - maxPa) * maxPa;
  };
  return (integral(to) - integral(from)) / (to - from);
}

/** The integrand of water loss over a series of vapour pressure deficits, Pa. */
export function waterLoss(pctPerDayPerPa: number): Integrand<WaterLoss> {
  const clip = (pa: number): number => Math.min(maxPa, Math.max(0, pa));
  return {
    zero: () => ({ best: 0, point: 0, worst: 0, beyondLawMs: 0 }),
    segment(totals, _startAt, ms, from, to) {
      const lost = pctPerDayPerPa * (ms / DAY) * meanClipped(from, to);
      totals.best += lost;
      totals.point += lost;
      totals.worst += lost;
      const top = Math.max(from, to);
      if (top > maxPa) {
        const bottom = Math.min(from, to);
        totals.beyondLawMs += bottom >= maxPa ? ms : (ms * (top - maxPa)) / (top - bottom);
      }
    },
    gap(totals, _startAt, ms, low, high, from, to) {
      const days = ms / DAY;
      totals.best += pctPerDayPerPa * days * clip(low);
      totals.worst += pctPerDayPerPa * days * clip(high);
      totals.point += pctPerDayPerPa * days * meanClipped(from ?? (low + high) / 2, to ?? (low + high) / 2);
    },
  };
}
