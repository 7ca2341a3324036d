import { citationOf, type Product } from './products.ts';
import { type Answer, type Citation, cite, known, outside, refuse } from './result.ts';
import { ethyleneLevels, gasInjury } from './tables.ts';

/** Ethylene, carbon dioxide and oxygen around produce, against the published levels of the crop. */

export interface EthyleneFinding {
  readonly ppm: number;
  readonly printed: string;
  readonly effect: string;
  /** Whose level it is: the crop's own, or the one for any produce. */
  readonly scope: 'crop' | 'any';
}

export interface EthyleneState {
  readonly state: 'below' | 'any_produce' | 'crop_level';
  /** The levels that are reached, highest first. */
  readonly reached: readonly EthyleneFinding[];
  /** The lowest level that is not reached yet. */
  readonly next: EthyleneFinding | undefined;
  readonly sensitivity: 'L' | 'M' | 'H' | undefined;
}

/** Ethylene in a room with this product, ppm (uL/L), 0 to 10000. */
export function ethyleneState(product: Product, ppm: number): Answer<EthyleneState> {
  const bad = outside(['ppm', ppm, 0, 10_000]);
  if (bad !== undefined) return bad;
  const rows = ethyleneLevels.rows.filter((row) => row.product === product.id || row.product === '*any');
  const citations: Citation[] = rows.map(cite);
  if (product.ethyleneSensitivity !== undefined) citations.push(citationOf(product.ethyleneSensitivity));
  const findings = rows
    .map(
      (row): EthyleneFinding => ({
        ppm: row.ppm,
        printed: row.printed,
        effect: row.effect,
        scope: row.product === '*any' ? 'any' : 'crop',
      }),
    )
    .toSorted((a, b) => b.ppm - a.ppm);
  const reached = findings.filter((finding) => ppm >= finding.ppm);
  const state = reached.some((finding) => finding.scope === 'crop')
    ? 'crop_level'
    : reached.length > 0
      ? 'any_produce'
      : 'below';
  const next = findings.findLast((finding) => ppm < finding.ppm);
  return known({ state, reached, next, sensitivity: product.ethyleneSensitivity?.cls }, citations);
}

export type GasVerdict = 'injury' | 'outside' | 'within' | 'no_figure';

export interface AtmosphereState {
  readonly o2: GasVerdict;
  readonly co2: GasVerdict;
  readonly effects: readonly string[];
}

type Span = readonly [number | null, number | null];

function within(span: Span | undefined, value: number): GasVerdict {
  if (span === undefined) return 'no_figure';
  return (span[0] === null || value >= span[0]) && (span[1] === null || value <= span[1])
    ? 'within'
    : 'outside';
}

/**
 * Oxygen and carbon dioxide, %, against the injury limits of the crop and its recommended controlled atmosphere.
 * `outside` means outside the recommendation, not injured; ordinary air is `outside` for most crops.
 */
export function atmosphereState(product: Product, o2Pct: number, co2Pct: number): Answer<AtmosphereState> {
  const bad = outside(['o2Pct', o2Pct, 0, 100], ['co2Pct', co2Pct, 0, 100]);
  if (bad !== undefined) return bad;
  const injury = gasInjury.rows.find((row) => row.product === product.id);
  const advised = product.atmosphere;
  if (injury === undefined && advised === undefined) {
    return refuse('no_figure', `${product.id}: no oxygen or carbon dioxide limits are published`);
  }
  const lowO2 = injury?.minO2Pct !== undefined && o2Pct < injury.minO2Pct;
  const highCo2 = injury?.maxCo2Pct !== undefined && co2Pct > injury.maxCo2Pct;
  const citations: Citation[] = [];
  if (injury !== undefined) citations.push(cite(injury));
  if (advised !== undefined) citations.push(citationOf(advised));
  return known(
    {
      o2: lowO2 ? 'injury' : within(advised?.o2Pct, o2Pct),
      co2: highCo2 ? 'injury' : within(advised?.co2Pct, co2Pct),
      effects: (lowO2 || highCo2) && injury !== undefined ? [injury.effect] : [],
    },
    citations,
  );
}
