import { grainConstants } from './constants-grain.ts';
import { equilibriumHumidity, equilibriumMoisture } from './grain-moisture.ts';
import { absoluteHumidity, dewPoint } from './humidity.ts';
import { type Answer, type Citation, cite, known, outside } from './result.ts';

/** Whether to run the fan of a bin, and every condition that was looked at (LS/T 1202, NDSU, equilibrium). */
export interface AerationInput {
  readonly purpose: 'cool' | 'dry';
  /** A grain or the id of a set of equilibrium constants. */
  readonly grain: string;
  /** Mean temperature of the grain, degC, and its moisture, % wet basis. */
  readonly grainC: number;
  readonly moistureWbPct: number;
  /** Moisture to end with; for cooling, the moisture not to fall below or rise above by more than 0.5. */
  readonly targetWbPct: number;
  readonly airC: number;
  readonly airRhPct: number;
  /** True while the fan runs: the difference to go on is smaller than the one to start. */
  readonly running: boolean;
}

export type AerationReason =
  | 'temperature_difference'
  | 'no_condensation'
  | 'air_not_wetter_than_grain'
  | 'equilibrium_of_air'
  | 'grain_still_warm'
  | 'grain_above_target';

export interface AerationCheck {
  readonly reason: AerationReason;
  readonly met: boolean;
  readonly value: number;
  readonly limit: number;
  readonly unit: 'Cel' | 'g/m3' | '% wb';
}

export interface AerationDecision {
  readonly run: boolean;
  readonly checks: readonly AerationCheck[];
}

const { aeration, coldGrain, fan } = grainConstants;

function coolChecks(
  input: AerationInput,
  airWbPct: number,
  wetness: { air: number; grain: number },
): AerationCheck[] {
  const needed = input.running ? aeration.values.continueC : aeration.values.startC;
  const difference = input.grainC - input.airC;
  const { overPct } = fan.values;
  return [
    {
      reason: 'temperature_difference',
      met: difference >= needed,
      value: difference,
      limit: needed,
      unit: 'Cel',
    },
    {
      reason: 'air_not_wetter_than_grain',
      met: wetness.air <= wetness.grain,
      value: wetness.air,
      limit: wetness.grain,
      unit: 'g/m3',
    },
    {
      reason: 'equilibrium_of_air',
      met: airWbPct <= input.targetWbPct + overPct,
      value: airWbPct,
      limit: input.targetWbPct + overPct,
      unit: '% wb',
    },
    {
      reason: 'grain_still_warm',
      met: input.grainC > coldGrain.values.coldC,
      value: input.grainC,
      limit: coldGrain.values.coldC,
      unit: 'Cel',
    },
  ];
}

function dryChecks(input: AerationInput, airWbPct: number): AerationCheck[] {
  return [
    {
      reason: 'grain_above_target',
      met: input.moistureWbPct > input.targetWbPct,
      value: input.moistureWbPct,
      limit: input.targetWbPct,
      unit: '% wb',
    },
    {
      reason: 'equilibrium_of_air',
      met: airWbPct < input.targetWbPct,
      value: airWbPct,
      limit: input.targetWbPct,
      unit: '% wb',
    },
  ];
}

/**
 * The aeration decision: run only when every check is met. Never with air whose dew point is above the grain
 * temperature. For drying, the air is taken as warmed by the fan.
 * @returns refused when an input is outside the range of the equilibrium constants of the grain
 */
export function aerationDecision(input: AerationInput): Answer<AerationDecision> {
  const bad = outside(
    ['targetWbPct', input.targetWbPct, 1, 50],
    ['airC', input.airC, -60, 60],
    ['grainC', input.grainC, -60, 60],
  );
  if (bad !== undefined) return bad;
  const dew = dewPoint(input.airC, input.airRhPct);
  if (!dew.ok) return dew;
  const airWet = absoluteHumidity(input.airC, input.airRhPct);
  if (!airWet.ok) return airWet;
  const citations: Citation[] = [...dew.citations, cite(fan)];
  const checks: AerationCheck[] = [
    {
      reason: 'no_condensation',
      met: dew.value <= input.grainC,
      value: dew.value,
      limit: input.grainC,
      unit: 'Cel',
    },
  ];
  // Warming keeps the water in the air: its relative humidity falls by the ratio of the saturation pressures.
  const warmedC = input.purpose === 'dry' ? input.airC + fan.values.warmsC : input.airC;
  const full = absoluteHumidity(warmedC, 100);
  if (!full.ok) return full;
  const air = equilibriumMoisture(input.grain, warmedC, (100 * airWet.value) / full.value);
  if (!air.ok) return air;
  citations.push(...air.citations);
  if (input.purpose === 'dry') checks.push(...dryChecks(input, air.value.moistureWbPct));
  else {
    const between = equilibriumHumidity(input.grain, input.grainC, input.moistureWbPct);
    if (!between.ok) return between;
    const grainWet = absoluteHumidity(input.grainC, between.value.rhPct);
    if (!grainWet.ok) return grainWet;
    checks.push(...coolChecks(input, air.value.moistureWbPct, { air: airWet.value, grain: grainWet.value }));
    citations.push(cite(aeration), cite(coldGrain));
  }
  return known({ run: checks.every((check) => check.met), checks }, citations);
}
