import { produceConstants } from './constants-produce.ts';
import { type Catalogue, citationOf, type LifeNode, type Product } from './products.ts';
import { type Answer, type Citation, cite, known, outside, refuse } from './result.ts';
import { type LifeSeries, type Q10Band, q10Bands } from './tables.ts';

/**
 * The rate at which a product uses up its life, as a function of temperature.
 *
 * Between published nodes ln(rate) is a straight line in temperature (log-linear life, README of the tables).
 * Below the lowest node the rate is held: colder than the optimum is never longer. Above the highest node the
 * rate goes on with the Q10 of the temperature band that the published pairs support, or with the product's own
 * respiration series ("life varies inversely with respiration, in general", AH-66 p.71: an assumption).
 */
export type ResponseMethod = 'bands' | 'respiration';

/** One corner of the curve: ln of the rate in lives per day, for the longest, the usual and the shortest life. */
export interface Knot {
  readonly atC: number;
  readonly best: number;
  readonly point: number;
  readonly worst: number;
}

export interface LifeCurve {
  readonly product: string;
  readonly series: string;
  readonly condition: string;
  readonly method: ResponseMethod;
  /** Rising in temperature, all three rates never falling. */
  readonly knots: readonly Knot[];
  /** At and below it the rate is constant. */
  readonly optimumC: number;
  /** Above it no response is published. */
  readonly maxC: number;
  /** At and below it the product freezes; undefined when no freezing point is published. */
  readonly freezingC: number | undefined;
  readonly citations: readonly Citation[];
  /** What limits the answer, in words: other packagings, an upper bound, an assumed response. */
  readonly notes: readonly string[];
}

export interface CurveChoice {
  /** A published series by its id; without it the product's default series, else its life in products.json. */
  readonly series?: string;
  readonly method?: ResponseMethod;
}

/** Kinds whose nodes describe how life falls with temperature under one set of conditions. */
const responseKinds: ReadonlySet<LifeSeries['kind']> = new Set([
  'whole_fresh_same_condition',
  'fresh_cut',
  'treated_or_modified_atmosphere',
  'dry_product',
]);

/**
 * The interval of a published life. A single number, an upper or a lower bound get the spread that published
 * ranges have, because lots differ and one printed number is not an interval.
 */
export function lifeRange(node: LifeNode): { minDays: number; maxDays: number } | undefined {
  const spread = produceConstants.lifeSpread.values.minOverMax;
  const { minDays, maxDays } = node;
  if (minDays === undefined && maxDays === undefined) return undefined;
  if (minDays === undefined) return { minDays: (maxDays ?? 0) * spread, maxDays: maxDays ?? 0 };
  if (maxDays === undefined) return { minDays, maxDays: minDays / spread };
  if (minDays === maxDays) {
    const half = Math.sqrt(spread);
    return { minDays: minDays * half, maxDays: maxDays / half };
  }
  return { minDays, maxDays };
}

/** The life taken as usual: the printed number, the geometric mean of a printed range, or the printed bound. */
function usualDays(node: LifeNode): number {
  const { minDays, maxDays } = node;
  if (minDays !== undefined && maxDays !== undefined) return Math.sqrt(minDays * maxDays);
  return minDays ?? maxDays ?? Number.NaN;
}

function nodeKnots(nodes: readonly LifeNode[]): Knot[] {
  const knots: Knot[] = [];
  for (const node of nodes.toSorted((a, b) => a.atC - b.atC)) {
    const range = lifeRange(node);
    if (range === undefined) continue;
    const before = knots.at(-1);
    const best = -Math.log(range.maxDays);
    const point = -Math.log(usualDays(node));
    const worst = -Math.log(range.minDays);
    // A warmer node never counts as a slower loss: where print rounds it so, the colder rate is held.
    knots.push({
      atC: node.atC,
      best: Math.max(best, before?.best ?? best),
      point: Math.max(point, before?.point ?? point),
      worst: Math.max(worst, before?.worst ?? worst),
    });
  }
  return knots;
}

interface Slope {
  readonly low: number;
  readonly point: number;
  readonly high: number;
}

/** ln(rate) per degC in a band. */
function bandSlope(bands: readonly Q10Band[], atC: number): Slope | undefined {
  const band = bands.find((candidate) => atC >= candidate.fromC && atC < candidate.toC);
  if (band === undefined) return undefined;
  const perDegree = (q10: number) => Math.log(q10) / produceConstants.ah66Steps.values.bandC;
  return { low: perDegree(band.low), point: perDegree(band.point), high: perDegree(band.high) };
}

function respirationSlope(points: readonly (readonly [number, number])[], atC: number): number | undefined {
  for (let i = 1; i < points.length; i++) {
    const a = points[i - 1];
    const b = points[i];
    if (a !== undefined && b !== undefined && atC >= a[0] && atC < b[0]) {
      return Math.log(b[1] / a[1]) / (b[0] - a[0]);
    }
  }
  return undefined;
}

function beyond(
  last: Knot,
  bands: readonly Q10Band[],
  respiration: readonly (readonly [number, number])[],
): Knot[] {
  const maxC = produceConstants.lifeRange.values.maxC;
  const edges = [...bands.map((band) => band.toC), ...respiration.map(([atC]) => atC), maxC];
  const knots: Knot[] = [];
  let { atC, best, point, worst } = last;
  for (const edge of [...new Set(edges)].toSorted((a, b) => a - b)) {
    if (edge <= atC || edge > maxC) continue;
    const slope = bandSlope(bands, atC);
    if (slope === undefined) break;
    const own = respirationSlope(respiration, atC) ?? slope.point;
    const step = edge - atC;
    best += step * Math.min(slope.low, own);
    point += step * own;
    worst += step * Math.max(slope.high, own);
    atC = edge;
    knots.push({ atC, best, point, worst });
  }
  return knots;
}

function chosenSeries(
  catalogue: Catalogue,
  product: Product,
  wanted: string | undefined,
): Answer<LifeSeries | undefined> {
  const all = catalogue.series.get(product.id) ?? [];
  if (wanted === undefined)
    return known(
      all.find((series) => series.default === true),
      [],
    );
  const series = all.find((candidate) => candidate.id === wanted);
  if (series === undefined) {
    const names = all
      .filter((candidate) => responseKinds.has(candidate.kind))
      .map((candidate) => candidate.id);
    return refuse('unknown_series', `product ${product.id} has the series ${names.join(', ') || '(none)'}`);
  }
  if (!responseKinds.has(series.kind)) {
    return refuse(
      'inconsistent',
      `series ${wanted} is ${series.kind}: not a response of life to temperature`,
    );
  }
  return known(series, []);
}

function notesOf(product: Product, series: LifeSeries | undefined, others: number, method: string): string[] {
  const notes: string[] = [];
  if (series === undefined && product.life?.minDays === undefined)
    notes.push('published life is an upper bound');
  if (series === undefined && product.life?.condition !== undefined) notes.push(product.life.condition);
  if (series === undefined && others > 0)
    notes.push('packaging or treatment changes this life: name a series');
  if (method === 'respiration') notes.push('assumes that life falls as respiration rises (AH-66 p.71)');
  if (product.freezing === undefined) notes.push('no freezing point is published for this product');
  return notes;
}

/**
 * The life curve of a product.
 * @param choice which series and which response beyond its nodes; the default is the Q10 bands
 * @returns the curve, or a refusal when the product has no published life or no usable respiration series
 */
export function lifeCurve(
  catalogue: Catalogue,
  productId: string,
  choice: CurveChoice = {},
): Answer<LifeCurve> {
  const product = catalogue.products.get(productId);
  if (product === undefined) return refuse('unknown_product', `no product "${productId}" in the catalogue`);
  const chosen = chosenSeries(catalogue, product, choice.series);
  if (!chosen.ok) return chosen;
  const series = chosen.value;
  const nodes: readonly LifeNode[] | undefined =
    series?.nodes ?? (product.life === undefined ? undefined : [product.life]);
  if (nodes === undefined) return refuse('no_figure', `no storage life is published for ${productId}`);
  const method = choice.method ?? 'bands';
  const respiration = product.respiration;
  if (method === 'respiration' && respiration?.usable !== true) {
    return refuse('no_figure', `${productId} has no usable respiration series`);
  }
  const bands = q10Bands.rows.filter((band) => band.kind === product.kind);
  const knots = nodeKnots(nodes);
  const last = knots.at(-1);
  const first = knots[0];
  if (first === undefined || last === undefined)
    return refuse('no_figure', `${productId}: no usable life node`);
  const citations: Citation[] = series !== undefined ? [cite({ ...series, page: nodes[0]?.page })] : [];
  if (series === undefined && product.life !== undefined) citations.push(citationOf(product.life));
  if (method === 'respiration' && respiration !== undefined) citations.push(citationOf(respiration));
  citations.push(...bands.filter((band) => band.toC > last.atC).map(cite));
  if (product.freezing !== undefined) citations.push(citationOf(product.freezing));
  const others = (catalogue.series.get(productId) ?? []).filter((other) =>
    responseKinds.has(other.kind),
  ).length;
  return known(
    {
      product: productId,
      series: series?.id ?? 'product',
      condition: series?.condition ?? '',
      method,
      knots: [
        ...knots,
        ...beyond(last, bands, method === 'respiration' ? (respiration?.mgCo2PerKgH ?? []) : []),
      ],
      optimumC: first.atC,
      maxC: Math.max(produceConstants.lifeRange.values.maxC, last.atC),
      freezingC: product.freezing?.alarmC,
      citations,
      notes: notesOf(product, series, others, method),
    },
    citations,
  );
}

/** Which of the three rates of a curve. */
export type Scenario = 'best' | 'point' | 'worst';

/** ln(rate in lives per day) at a temperature; held below the first and above the last knot. */
export function lnRate(curve: LifeCurve, scenario: Scenario, atC: number): number {
  const { knots } = curve;
  let before = knots[0];
  if (before === undefined || atC <= before.atC) return before?.[scenario] ?? Number.NaN;
  for (let i = 1; i < knots.length; i++) {
    const knot = knots[i];
    if (knot === undefined) break;
    if (atC < knot.atC) {
      const share = (atC - before.atC) / (knot.atC - before.atC);
      return before[scenario] + share * (knot[scenario] - before[scenario]);
    }
    before = knot;
  }
  return before[scenario];
}

export interface Life {
  readonly minDays: number;
  readonly pointDays: number;
  readonly maxDays: number;
}

/**
 * Life at a constant temperature, days, as an interval that contains the usual value.
 * @param accuracyC how far the sensor may be off, degC, at least 0
 * @returns refused at or below the freezing point and above the published range
 */
export function lifeAt(curve: LifeCurve, atC: number, accuracyC = 0): Answer<Life> {
  const { minC, maxC } = produceConstants.measuredRange.values;
  const bad = outside(['atC', atC, minC, maxC], ['accuracyC', accuracyC, 0, maxC]);
  if (bad !== undefined) return bad;
  if (curve.freezingC !== undefined && atC <= curve.freezingC) {
    return refuse(
      'below_freezing',
      `${curve.product} freezes at ${curve.freezingC} degC: no life is claimed`,
    );
  }
  if (atC > curve.maxC) return refuse('above_range', `no life is published above ${curve.maxC} degC`);
  return known(
    {
      minDays: Math.exp(-lnRate(curve, 'worst', atC + accuracyC)),
      pointDays: Math.exp(-lnRate(curve, 'point', atC)),
      maxDays: Math.exp(-lnRate(curve, 'best', atC - accuracyC)),
    },
    curve.citations,
  );
}

/** How much faster loss runs at `toC` than at `fromC` with the stepped Q10 of AH-66 p.69 (0 to 40 degC). */
export function ah66RateRatio(fromC: number, toC: number): Answer<number> {
  const { q0to10, q10to20, q20to30, q30to40, bandC } = produceConstants.ah66Steps.values;
  const steps = [q0to10, q10to20, q20to30, q30to40];
  const bad = outside(['fromC', fromC, 0, steps.length * bandC], ['toC', toC, 0, steps.length * bandC]);
  if (bad !== undefined) return bad;
  const lnTo = (atC: number): number =>
    steps.reduce((sum, q10, i) => {
      const share = Math.min(1, Math.max(0, atC / bandC - i));
      return sum + share * Math.log(q10);
    }, 0);
  return known(Math.exp(lnTo(toC) - lnTo(fromC)), [cite(produceConstants.ah66Steps)]);
}
