import { produceConstants } from './constants-produce.ts';
import { meanBetween } from './quadrature.ts';
import { type Answer, cite, known, outside, refuse } from './result.ts';
import {
  type Accumulated,
  type GapRule,
  type Integrand,
  integrate,
  type Sample,
  type Window,
} from './series.ts';

/**
 * Two figures that must not be mixed up. The *mean kinetic temperature* is the pharmacopoeia's (USP <1160>): an
 * activation energy of 83.144 kJ/mol and readings weighted by how long they stand. The *equivalent temperature*
 * is the constant temperature at which a process of a stated activation energy would have gone as far. Neither
 * says anything about chilling, freezing or water.
 */
const k = produceConstants;
const offset = k.kelvin.values.offset;

/** Readings and how long each stands; equal weights when none are given. */
function kinetic(
  temperaturesC: readonly number[],
  weights: readonly number[] | undefined,
  ratioK: number,
): Answer<number> {
  if (temperaturesC.length === 0)
    return refuse('missing_input', 'temperaturesC: at least one reading is needed');
  if (weights !== undefined && weights.length !== temperaturesC.length) {
    return refuse('inconsistent', 'weights: one weight per temperature is needed');
  }
  let sum = 0;
  let total = 0;
  const { minC, maxC } = k.measuredRange.values;
  for (let i = 0; i < temperaturesC.length; i++) {
    const atC = temperaturesC[i] ?? Number.NaN;
    const weight = weights?.[i] ?? 1;
    const bad = outside(['temperaturesC', atC, minC, maxC], ['weights', weight, 0, Number.MAX_VALUE]);
    if (bad !== undefined) return bad;
    sum += weight * Math.exp(-ratioK / (atC + offset));
    total += weight;
  }
  if (total === 0) return refuse('inconsistent', 'weights: at least one must be above 0');
  return known(ratioK / -Math.log(sum / total) - offset, []);
}

/** Mean kinetic temperature, degC, as USP <1160> defines it; weights are durations in any one unit. */
export function meanKineticTemperature(
  temperaturesC: readonly number[],
  durations?: readonly number[],
): Answer<number> {
  const result = kinetic(temperaturesC, durations, k.usp.values.activation / k.gas.values.r);
  return result.ok ? known(result.value, [cite(k.usp), cite(k.gas)]) : result;
}

/** Sums of exp(-E/RT) dt and of dt, for the three cases. */
export interface KineticSum {
  best: number;
  point: number;
  worst: number;
  ms: number;
}

function meanFactor(ratioK: number, from: number, to: number): number {
  return meanBetween(from, to, (atC) => Math.exp(-ratioK / (atC + offset)));
}

/** The integrand of the equivalent temperature for an activation energy, kJ/mol. */
export function kineticSum(activationKjMol: number): Integrand<KineticSum> {
  const ratioK = activationKjMol / k.gas.values.r;
  return {
    zero: () => ({ best: 0, point: 0, worst: 0, ms: 0 }),
    segment(totals, _startAt, ms, from, to) {
      const sum = ms * meanFactor(ratioK, from, to);
      totals.best += sum;
      totals.point += sum;
      totals.worst += sum;
      totals.ms += ms;
    },
    gap(totals, _startAt, ms, low, high, from, to) {
      totals.best += ms * meanFactor(ratioK, low, low);
      totals.worst += ms * meanFactor(ratioK, high, high);
      const middle = (low + high) / 2;
      totals.point += ms * meanFactor(ratioK, from ?? middle, to ?? middle);
      totals.ms += ms;
    },
  };
}

export interface EquivalentTemperature {
  readonly lowC: number;
  readonly pointC: number;
  readonly highC: number;
  readonly activationKjMol: number;
}

/** The equivalent temperature of an accumulated sum, degC. */
export function equivalentFrom(sum: KineticSum, activationKjMol: number): Answer<EquivalentTemperature> {
  if (!(sum.ms > 0)) return refuse('missing_input', 'samples: no time is accounted for');
  const ratioK = activationKjMol / k.gas.values.r;
  const of = (part: number): number => ratioK / -Math.log(part / sum.ms) - offset;
  return known({ lowC: of(sum.best), pointC: of(sum.point), highC: of(sum.worst), activationKjMol }, [
    cite(k.produceActivation),
  ]);
}

/**
 * Equivalent temperature of a series, degC.
 * @param gap bounds must be finite: an unknown temperature has no equivalent
 * @param activationKjMol 65.6 kJ/mol (median of produce) unless the crop's own is given; 10 to 300
 */
export function equivalentTemperature(
  samples: readonly Sample[],
  gap: GapRule,
  activationKjMol: number = k.produceActivation.values.activation,
  window: Window = {},
): Answer<EquivalentTemperature> {
  const { minC, maxC } = k.measuredRange.values;
  const bad = outside(
    ['activationKjMol', activationKjMol, 10, 300],
    ['gap.low', gap.low, minC, maxC],
    ['gap.high', gap.high, minC, maxC],
  );
  if (bad !== undefined) return bad;
  if (samples.some(({ value }) => value < minC || value > maxC)) {
    return refuse('out_of_range', `samples: every temperature must be between ${minC} and ${maxC} degC`);
  }
  const done: Answer<Accumulated<KineticSum>> = integrate(kineticSum(activationKjMol), samples, gap, window);
  return done.ok ? equivalentFrom(done.value.totals, activationKjMol) : done;
}
