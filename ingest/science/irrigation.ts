import { fieldConstants as f } from './constants-field.ts';
import { type Answer, cite, known, outside, refuse } from './result.ts';
import { type AvailableWater, waterBalance } from './soil.ts';

/** Irrigation advice: when, how many mm, and why (FAO-56: irrigate at or before the depletion reaches RAW). */

export type IrrigationReason =
  | 'readily_available_water_used'
  | 'reached_within_forecast'
  | 'enough_water'
  | 'rain_expected'
  | 'balance_and_probes_disagree';

export interface IrrigationInput {
  readonly depletionMm: number;
  readonly water: AvailableWater;
  /** Crop evapotranspiration and rain of the coming days, today first; 1 to 10 days. */
  readonly forecast: readonly { readonly etcMm: number; readonly rainMm: number }[];
  /** Share of the water that is given that reaches the roots, 0.3 to 1. */
  readonly efficiency: number;
  /** Change of depletion since yesterday by the balance, and by the probes at each depth, mm or % alike. */
  readonly balanceChange?: number;
  readonly probeChanges?: readonly number[];
}

export interface IrrigationAdvice {
  readonly when: 'now' | 'within_days' | 'not_yet' | 'inspect';
  /** Days until the readily available water is used; 0 when it is. Undefined beyond the forecast. */
  readonly inDays: number | undefined;
  /** Water the roots need, and water to give. */
  readonly netMm: number;
  readonly grossMm: number;
  readonly reasons: readonly IrrigationReason[];
  /** Depletion at the end of each forecast day without irrigation. */
  readonly projectedMm: readonly number[];
}

/** Probes at two or more depths that all contradict the sign of the balance: something is broken. */
function disagree(input: IrrigationInput): boolean {
  const change = input.balanceChange;
  const probes = input.probeChanges ?? [];
  if (change === undefined || change === 0 || probes.length < 2) return false;
  return probes.every((probe) => probe !== 0 && Math.sign(probe) !== Math.sign(change));
}

function project(input: IrrigationInput): Answer<number[]> {
  const projected: number[] = [];
  let depletionMm = input.depletionMm;
  for (const day of input.forecast) {
    const next = waterBalance(depletionMm, { ...day, irrigationMm: 0 }, input.water);
    if (!next.ok) return next;
    depletionMm = next.value.depletionMm;
    projected.push(depletionMm);
  }
  return known(projected, []);
}

/**
 * Irrigation advice from the depletion of the root zone and the coming days.
 * @returns `inspect` and no amount when the probes contradict the balance
 */
export function irrigationAdvice(input: IrrigationInput): Answer<IrrigationAdvice> {
  const { share, rainMm, horizonDays } = f.rainShare.values;
  const bad = outside(
    ['depletionMm', input.depletionMm, 0, input.water.totalMm],
    ['efficiency', input.efficiency, 0.3, 1],
    ['forecast days', input.forecast.length, 1, 10],
  );
  if (bad !== undefined) return bad;
  const projected = project(input);
  if (!projected.ok) return projected;
  if (input.water.readilyMm <= 0) return refuse('inconsistent', 'water.readilyMm must be above 0');
  const citations = [cite(f.depletion), cite(f.rainShare)];
  const day = projected.value.findIndex((depletionMm) => depletionMm >= input.water.readilyMm);
  const now = input.depletionMm >= input.water.readilyMm;
  const inDays = now ? 0 : day === -1 ? undefined : day + 1;
  const rain = input.forecast.slice(0, horizonDays).reduce((sum, next) => sum + next.rainMm, 0) >= rainMm;
  if (disagree(input)) {
    const reasons: IrrigationReason[] = ['balance_and_probes_disagree'];
    return known(
      { when: 'inspect', inDays, netMm: 0, grossMm: 0, reasons, projectedMm: projected.value },
      citations,
    );
  }
  if (inDays === undefined || inDays > horizonDays) {
    const reasons: IrrigationReason[] = rain ? ['enough_water', 'rain_expected'] : ['enough_water'];
    return known(
      { when: 'not_yet', inDays, netMm: 0, grossMm: 0, reasons, projectedMm: projected.value },
      citations,
    );
  }
  const atThatTime = now ? input.depletionMm : (projected.value[day] ?? input.depletionMm);
  const netMm = atThatTime * (rain ? share : 1);
  const reasons: IrrigationReason[] = [now ? 'readily_available_water_used' : 'reached_within_forecast'];
  if (rain) reasons.push('rain_expected');
  return known(
    {
      when: now ? 'now' : 'within_days',
      inDays,
      netMm,
      grossMm: netMm / input.efficiency,
      reasons,
      projectedMm: projected.value,
    },
    citations,
  );
}
