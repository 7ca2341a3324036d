import { produceConstants } from './constants-produce.ts';
import { citationOf, type Product } from './products.ts';
import { type Answer, cite, known, outside, refuse } from './result.ts';

/** Respiration of produce (AH-66 Table 1, pp.7-10): mg CO2 per kg and hour, and what follows from it. */

const k = produceConstants;

/** Respiration at a temperature, mg CO2 kg-1 h-1: log-linear inside the published series, refused outside. */
export function respirationAt(product: Product, atC: number): Answer<number> {
  const series = product.respiration;
  if (series === undefined) return refuse('no_figure', `${product.id}: no respiration is published`);
  if (!series.usable)
    return refuse('no_figure', `${product.id}: the printed series is not usable (${series.note ?? ''})`);
  const points = series.mgCo2PerKgH;
  const bad = outside(['atC', atC, points[0]?.[0] ?? 0, points.at(-1)?.[0] ?? 0]);
  if (bad !== undefined) return bad;
  for (let i = 1; i < points.length; i++) {
    const a = points[i - 1];
    const b = points[i];
    if (a === undefined || b === undefined || atC > b[0]) continue;
    const share = (atC - a[0]) / (b[0] - a[0]);
    return known(a[1] * (b[1] / a[1]) ** share, [citationOf(series)]);
  }
  return refuse('no_figure', `${product.id}: one temperature only`);
}

/** Heat of respiration, kcal per tonne and day. */
export function respirationHeat(mgCo2PerKgH: number): Answer<number> {
  const bad = outside(['mgCo2PerKgH', mgCo2PerKgH, 0, 10_000]);
  return bad ?? known(mgCo2PerKgH * k.heatOfRespiration.values.kcal, [cite(k.heatOfRespiration)]);
}

/** Loss of dry matter by respiration, % per hour. */
export function respirationDryMatterLoss(mgCo2PerKgH: number): Answer<number> {
  const bad = outside(['mgCo2PerKgH', mgCo2PerKgH, 0, 10_000]);
  return bad ?? known(mgCo2PerKgH * k.dryMatterLoss.values.factor, [cite(k.dryMatterLoss)]);
}

/** mL CO2 from mg CO2 at a temperature, 0 to 20 degC (AH-66 p.7 prints 0, 10 and 20). */
export function co2Millilitres(mg: number, atC: number): Answer<number> {
  const { at0, at10, at20, stepC } = k.respirationDivisor.values;
  const bad = outside(['mg', mg, 0, Number.MAX_VALUE], ['atC', atC, 0, 2 * stepC]);
  if (bad !== undefined) return bad;
  const divisor =
    atC <= stepC ? at0 + ((at10 - at0) * atC) / stepC : at10 + ((at20 - at10) * (atC - stepC)) / stepC;
  return known(mg / divisor, [cite(k.respirationDivisor)]);
}
