import { z } from 'zod';
import { marks } from './result.ts';

/** Shapes of the product table and of a co-operative's own product file. Temperatures in degC, times in days. */

const mark = z.enum(marks);
const cited = { source: z.string().min(1), page: z.string().optional(), mark, note: z.string().optional() };
const celsius = z.number().min(-40).max(60);
const percent = z.number().min(0).max(100);
const span = z.tuple([percent.nullable(), percent.nullable()]);

export const lifeNodeSchema = z.strictObject({
  atC: celsius,
  /** Missing: the published figure is an upper bound ("up to"). */
  minDays: z.number().positive().max(3650).optional(),
  /** Missing: the published figure is a lower bound ("more than"). */
  maxDays: z.number().positive().max(3650).optional(),
  page: z.string().optional(),
});

const fields = {
  temperature: z.strictObject({ minC: celsius, maxC: celsius, ...cited }),
  humidity: z.strictObject({ minPct: percent, maxPct: percent, ...cited }),
  life: z.strictObject({
    atC: celsius,
    minDays: z.number().positive().max(3650).optional(),
    maxDays: z.number().positive().max(3650),
    condition: z.string().optional(),
    ...cited,
  }),
  chilling: z.strictObject({
    kind: z.enum(['threshold', 'zone', 'no_threshold', 'not_sensitive']),
    thresholdC: celsius.optional(),
    /** The stricter of chapter and summary table: the one to alarm on. */
    strictC: celsius.optional(),
    fromC: celsius.optional(),
    toC: celsius.optional(),
    ...cited,
  }),
  /** `alarmC` is the warmest published freezing point. */
  freezing: z.strictObject({ highestC: celsius, alarmC: celsius, ...cited }),
  ethyleneProduction: z.strictObject({ cls: z.enum(['VL', 'L', 'M', 'H', 'VH']), ...cited }),
  ethyleneSensitivity: z.strictObject({ cls: z.enum(['L', 'M', 'H']), ...cited }),
  atmosphere: z.strictObject({
    o2Text: z.string().optional(),
    o2Pct: span.optional(),
    co2Text: z.string().optional(),
    co2Pct: span.optional(),
    ...cited,
  }),
  thompson: z.strictObject({ group: z.enum(['1A', '1B', '2', '3']), ...cited }),
  respiration: z.strictObject({
    mgCo2PerKgH: z.array(z.tuple([celsius, z.number().positive()])).min(1),
    /** False when the printed series is not monotonic, has one point, or is suspect (AH-66 errata). */
    usable: z.boolean(),
    ...cited,
  }),
  precooling: z.strictObject({ text: z.string(), ...cited }),
  retail: z.strictObject({ text: z.string(), ...cited }),
} as const;

const id = z.string().regex(/^[a-z][a-z0-9_]{1,39}$/, 'lower case letters, digits and _, at most 40');

export const productSchema = z.strictObject({
  id,
  en: z.string().min(1),
  zh: z.string().min(1),
  kind: z.enum(['fresh', 'dry']),
  temperature: fields.temperature,
  humidity: fields.humidity.optional(),
  life: fields.life.optional(),
  chilling: fields.chilling.optional(),
  freezing: fields.freezing.optional(),
  ethyleneProduction: fields.ethyleneProduction.optional(),
  ethyleneSensitivity: fields.ethyleneSensitivity.optional(),
  atmosphere: fields.atmosphere.optional(),
  thompson: fields.thompson.optional(),
  respiration: fields.respiration.optional(),
  precooling: fields.precooling.optional(),
  retail: fields.retail.optional(),
  remarks: z.string().optional(),
});

export const productTableSchema = z.strictObject({
  title: z.string(),
  note: z.string(),
  rows: z.array(productSchema).min(1),
});

export type Product = z.infer<typeof productSchema>;
export type LifeNode = z.infer<typeof lifeNodeSchema>;

/** The facts of a product that carry a source. */
export const factNames = [
  'temperature',
  'humidity',
  'life',
  'chilling',
  'freezing',
  'ethyleneProduction',
  'ethyleneSensitivity',
  'atmosphere',
  'thompson',
  'respiration',
  'precooling',
  'retail',
] as const satisfies readonly (keyof typeof fields)[];
export type FactName = (typeof factNames)[number];

/** In a co-operative's file the source is the file's, so a fact is written without source, page and mark. */
const own = { source: true, page: true, mark: true } as const;

export const ownProductSchema = z.strictObject({
  id,
  /** A new product may take everything it does not say itself from this one. */
  basedOn: id.optional(),
  en: z.string().min(1).optional(),
  zh: z.string().min(1).optional(),
  kind: z.enum(['fresh', 'dry']).optional(),
  temperature: fields.temperature.omit(own).optional(),
  humidity: fields.humidity.omit(own).optional(),
  life: fields.life.omit(own).optional(),
  chilling: fields.chilling.omit(own).optional(),
  freezing: fields.freezing.omit(own).optional(),
  ethyleneProduction: fields.ethyleneProduction.omit(own).optional(),
  ethyleneSensitivity: fields.ethyleneSensitivity.omit(own).optional(),
  atmosphere: fields.atmosphere.omit(own).optional(),
  thompson: fields.thompson.omit(own).optional(),
  respiration: fields.respiration.omit(own).optional(),
  precooling: fields.precooling.omit(own).optional(),
  retail: fields.retail.omit(own).optional(),
  /** Own storage-life nodes replace the published series of this product. */
  lifeNodes: z.array(lifeNodeSchema).min(1).max(20).optional(),
});

/** A co-operative may list this many products of its own; the published table has 164. */
export const MAX_OWN_PRODUCTS = 500;

export const ownProductFileSchema = z.strictObject({
  /** Who says so; printed as the source of every figure in the file. */
  source: z.string().min(3).max(200),
  products: z.array(ownProductSchema).min(1).max(MAX_OWN_PRODUCTS),
});

export type OwnProduct = z.infer<typeof ownProductSchema>;
