import { fieldConstants as f } from './constants-field.ts';
import { degreeTimeOver, degreeDays as toDegreeDays } from './degree-hours.ts';
import { degreeDayBases, rowsOf } from './field-tables.ts';
import { type Answer, cite, known, outside, refuse } from './result.ts';
import type { GapRule, Sample, Window } from './series.ts';

/**
 * Growing degree-days. The same equation is read in two ways that differ by up to 83 % (McMaster & Wilhelm 1997),
 * and the integral of a sensor series is a third: every result names its method, and figures of different methods
 * must not be compared.
 */
export type DegreeDayMethod =
  | 'method 1: mean then base'
  | 'method 2: limits then mean'
  | 'integral of the series';

export interface DegreeDays {
  readonly degreeDays: number;
  readonly method: DegreeDayMethod;
  readonly baseC: number;
  readonly upperC: number | undefined;
}

export interface DegreeDayBase {
  readonly baseC: number;
  readonly upperC?: number | undefined;
}

function limits(base: DegreeDayBase, tMinC: number, tMaxC: number) {
  return outside(
    ['tMinC', tMinC, -60, 60],
    ['tMaxC', tMaxC, tMinC, 60],
    ['baseC', base.baseC, -5, 25],
    ['upperC', base.upperC ?? 50, base.baseC, 50],
  );
}

/** Degree-days of one day from its extremes, degC d. */
export function dayDegreeDays(
  method: Exclude<DegreeDayMethod, 'integral of the series'>,
  base: DegreeDayBase,
  tMinC: number,
  tMaxC: number,
): Answer<DegreeDays> {
  const bad = limits(base, tMinC, tMaxC);
  if (bad !== undefined) return bad;
  const { baseC, upperC } = base;
  const clip = (atC: number): number => Math.min(upperC ?? atC, Math.max(baseC, atC));
  const { half } = f.degreeDays.values;
  const mean =
    method === 'method 1: mean then base' ? clip((tMinC + tMaxC) / half) : (clip(tMinC) + clip(tMaxC)) / half;
  return known({ degreeDays: Math.max(0, mean - baseC), method, baseC, upperC }, [cite(f.degreeDays)]);
}

/** Degree-days of a temperature series, exact for straight lines between samples; point value, gaps interpolated. */
export function seriesDegreeDays(
  base: DegreeDayBase,
  samples: readonly Sample[],
  gap: GapRule,
  window: Window = {},
): Answer<DegreeDays & { readonly low: number; readonly high: number }> {
  const bad = limits(base, 0, 0);
  if (bad !== undefined) return bad;
  const { baseC, upperC } = base;
  const above = degreeTimeOver('above', baseC, samples, gap, 0, window);
  if (!above.ok) return above;
  const over = degreeTimeOver('above', upperC ?? Number.MAX_SAFE_INTEGER, samples, gap, 0, window);
  if (!over.ok) return over;
  const a = above.value.totals;
  const b = over.value.totals;
  return known(
    {
      degreeDays: toDegreeDays(a.point - b.point),
      // Both integrals take the same bound of a gap, so the difference of equal ends is the bound of the result.
      low: toDegreeDays(a.best - b.best),
      high: toDegreeDays(a.worst - b.worst),
      method: 'integral of the series',
      baseC,
      upperC,
    },
    [cite(f.degreeDays)],
  );
}

/** The published bases of a crop: models disagree by up to 12 degC, so the caller shows which one it uses. */
export function degreeDayBase(
  crop: string,
  model?: string,
): Answer<DegreeDayBase & { readonly model: string }> {
  const rows = rowsOf(degreeDayBases.rows, crop).filter((row) => model === undefined || row.model === model);
  const row = rows[0];
  if (row === undefined)
    return refuse('no_figure', `no base temperature for "${crop}"${model ? ` in ${model}` : ''}`);
  return known({ baseC: row.baseC, upperC: row.upperC, model: row.model }, [cite(row)]);
}
