import productsJson from './data/products.json' with { type: 'json' };
import {
  type FactName,
  factNames,
  type LifeNode,
  type OwnProduct,
  ownProductFileSchema,
  type Product,
  productTableSchema,
} from './product-schema.ts';
import { type Answer, type Citation, known, refuse } from './result.ts';
import { type LifeSeries, sources, storageLife } from './tables.ts';

export type { FactName, LifeNode, Product };

/** The published products and what a co-operative added or changed. */
export interface Catalogue {
  readonly products: ReadonlyMap<string, Product>;
  /** Storage-life series per product id; an own series stands before the published ones. */
  readonly series: ReadonlyMap<string, readonly LifeSeries[]>;
}

const table = productTableSchema.parse(productsJson);

function publishedSeries(): Map<string, LifeSeries[]> {
  const byProduct = new Map<string, LifeSeries[]>();
  for (const series of storageLife.rows) {
    if (series.product === undefined) continue;
    byProduct.set(series.product, [...(byProduct.get(series.product) ?? []), series]);
  }
  return byProduct;
}

/** The 164 published products, without any co-operative's own figures. */
export const published: Catalogue = {
  products: new Map(table.rows.map((product) => [product.id, product])),
  series: publishedSeries(),
};

const sourceByCode = new Map(sources.rows.map((row) => [row.code, row]));

/** The full reference behind the source code of a fact; an own source is its own text. */
export function citationOf(fact: Citation): Citation {
  const row = sourceByCode.get(fact.source);
  return { source: row?.source ?? fact.source, page: fact.page, mark: fact.mark };
}

export function findProduct(catalogue: Catalogue, id: string): Answer<Product> {
  const product = catalogue.products.get(id);
  if (product === undefined) return refuse('unknown_product', `no product "${id}" in the catalogue`);
  const facts = factNames.flatMap((name) => {
    const fact = product[name];
    return fact === undefined ? [] : [citationOf(fact)];
  });
  return known(product, facts);
}

/** The facts of a product that are recalled or from a source read only in part: to be shown wherever used. */
export function unverifiedFacts(product: Product): readonly FactName[] {
  return factNames.filter((name) => {
    const mark = product[name]?.mark;
    return mark === 'K' || mark === 'CHECKED' || mark === 'PART';
  });
}

type OwnFacts = Partial<Record<FactName, Record<string, unknown>>>;

function ownFacts(own: OwnProduct, source: string): OwnFacts {
  const facts: OwnFacts = {};
  for (const name of factNames) {
    const fact = own[name];
    if (fact !== undefined) facts[name] = { ...fact, source, mark: 'OWN' };
  }
  return facts;
}

function ownSeries(own: OwnProduct, source: string): LifeSeries | undefined {
  if (own.lifeNodes === undefined) return undefined;
  return {
    id: `${own.id}_own`,
    crop: own.id,
    product: own.id,
    kind: 'whole_fresh_same_condition',
    default: true,
    condition: 'own figures',
    nodes: own.lifeNodes,
    source,
    mark: 'OWN',
  };
}

/**
 * Lays a co-operative's own product file over a catalogue. Every figure in it carries the file's `source`.
 * An own `life` without `lifeNodes` also sets aside the published series: the published nodes would contradict it.
 * @param file the parsed YAML or JSON of the file, not yet trusted
 * @returns the new catalogue, or a refusal that names the field
 */
export function withOwnProducts(catalogue: Catalogue, file: unknown): Answer<Catalogue> {
  const parsed = ownProductFileSchema.safeParse(file);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return refuse(
      'inconsistent',
      `product file, ${issue?.path.join('.') || 'top level'}: ${issue?.message ?? 'not readable'}`,
    );
  }
  const products = new Map(catalogue.products);
  const series = new Map(catalogue.series);
  const { source } = parsed.data;
  for (const own of parsed.data.products) {
    const baseId = own.basedOn ?? own.id;
    const base = products.get(baseId);
    if (base === undefined && own.basedOn !== undefined) {
      return refuse('unknown_product', `product ${own.id}, basedOn: no product "${baseId}"`);
    }
    const merged = productTableSchema.shape.rows.element.safeParse({
      ...base,
      id: own.id,
      en: own.en ?? base?.en,
      zh: own.zh ?? base?.zh,
      kind: own.kind ?? base?.kind,
      ...ownFacts(own, source),
    });
    if (!merged.success) {
      const issue = merged.error.issues[0];
      return refuse(
        'missing_input',
        `product ${own.id}, ${issue?.path.join('.')}: a new product needs en, zh, kind and temperature`,
      );
    }
    products.set(own.id, merged.data);
    const inherited = own.life === undefined ? (series.get(baseId) ?? []) : [];
    const added = ownSeries(own, source);
    if (added !== undefined) series.set(own.id, [added, ...inherited.map(notDefault)]);
    else series.set(own.id, inherited);
  }
  return known({ products, series }, [{ source, mark: 'OWN' }]);
}

function notDefault(series: LifeSeries): LifeSeries {
  return { ...series, default: false };
}
