import { fieldConstants as f } from './constants-field.ts';
import { rowsOf, salinityTable } from './field-tables.ts';
import { type Answer, cite, known, outside, refuse } from './result.ts';

/** Yield under salinity (Maas & Hoffman): for the conductivity of the saturated paste extract, ECe, dS/m. */

export interface SalinityInput {
  /**
   * What was measured. A probe in the soil measures the bulk conductivity, which is not ECe: without the site's
   * own conversion it is refused.
   */
  readonly measured: 'saturated_paste' | 'bulk';
  readonly ecDsM: number;
  /** Gypsum dissolves in the extract: its ECe reads 2 dS/m more at the same effect. */
  readonly gypsiferous?: boolean;
}

export interface YieldResponse {
  readonly yieldPct: number;
  readonly thresholdDsM: number;
  readonly rating: string;
}

/** Relative yield of a crop, % of that without salt; 0 to 40 dS/m. */
export function yieldUnderSalinity(crop: string, input: SalinityInput): Answer<YieldResponse> {
  if (input.measured === 'bulk') {
    return refuse(
      'inconsistent',
      'ecDsM: a probe measures bulk conductivity, not ECe; calibrate it on this site',
    );
  }
  const bad = outside(['ecDsM', input.ecDsM, 0, 40]);
  if (bad !== undefined) return bad;
  const row = rowsOf(salinityTable.rows, crop)[0];
  if (row === undefined) return refuse('no_figure', `no salt tolerance for "${crop}"`);
  const { gypsumDsM, full } = f.salinity.values;
  const thresholdDsM = row.thresholdDsM + (input.gypsiferous === true ? gypsumDsM : 0);
  const over = Math.max(0, input.ecDsM - thresholdDsM);
  if (over > 0 && row.slopePctPerDsM === undefined) {
    return refuse('no_figure', `only the threshold of "${crop}" is published, ${row.thresholdDsM} dS/m`);
  }
  const yieldPct = Math.max(0, full - over * (row.slopePctPerDsM ?? 0));
  return known({ yieldPct, thresholdDsM, rating: row.rating }, [cite(row), cite(f.salinity)]);
}
