import { z } from 'zod';
import chillingDosesJson from './data/chilling-doses.json' with { type: 'json' };
import chillingTimesJson from './data/chilling-times.json' with { type: 'json' };
import ethyleneClassesJson from './data/ethylene-classes.json' with { type: 'json' };
import ethyleneLevelsJson from './data/ethylene-levels.json' with { type: 'json' };
import gasInjuryJson from './data/gas-injury.json' with { type: 'json' };
import q10BandsJson from './data/q10-bands.json' with { type: 'json' };
import sourcesJson from './data/sources.json' with { type: 'json' };
import storageLifeJson from './data/storage-life.json' with { type: 'json' };
import thompsonJson from './data/thompson-groups.json' with { type: 'json' };
import transpirationJson from './data/transpiration.json' with { type: 'json' };
import weightLossJson from './data/weight-loss.json' with { type: 'json' };
import { lifeNodeSchema } from './product-schema.ts';
import { marks } from './result.ts';

/** The small tables for produce: each row with its source and mark, checked against a schema when loaded. */

const cited = { source: z.string().min(1), page: z.string().optional(), mark: z.enum(marks) };
const days = z.number().nonnegative().optional();

/** A table file: a title, perhaps a note, and rows. */
export function table<T extends z.ZodType>(row: T) {
  return z.strictObject({ title: z.string(), note: z.string().optional(), rows: z.array(row).min(1) });
}

export const sources = table(
  z.strictObject({ code: z.string(), mark: cited.mark, source: z.string() }),
).parse(sourcesJson);

export const lifeKinds = [
  'whole_fresh_same_condition',
  'fresh_cut',
  'treated_or_modified_atmosphere',
  'dry_product',
  'chilling_limited',
  'ripening_time',
  'disorder_onset',
  'other_condition_differs',
] as const;

export const storageLife = table(
  z.strictObject({
    id: z.string(),
    crop: z.string(),
    product: z.string().optional(),
    kind: z.enum(lifeKinds),
    /** Stands for the product when the caller names no series. */
    default: z.boolean().optional(),
    condition: z.string(),
    nodes: z.array(lifeNodeSchema).min(1),
    ...cited,
  }),
).parse(storageLifeJson);
export type LifeSeries = (typeof storageLife.rows)[number];

/** Q10 of the rate of loss per temperature band: `point` is used, `low` to `high` is its interval. */
export const q10Bands = table(
  z.strictObject({
    kind: z.enum(['fresh', 'dry']),
    fromC: z.number(),
    toC: z.number(),
    low: z.number().min(1),
    point: z.number().min(1),
    high: z.number().min(1),
    pairs: z.number(),
    ...cited,
  }),
).parse(q10BandsJson);
export type Q10Band = (typeof q10Bands.rows)[number];

export const chillingTimes = table(
  z.strictObject({
    id: z.string(),
    crop: z.string(),
    product: z.string().optional(),
    atC: z.string(),
    minC: z.number().optional(),
    maxC: z.number().optional(),
    minDays: days,
    maxDays: days,
    qualifier: z.string().optional(),
    thresholdC: z.number().optional(),
    symptom: z.string(),
    gist: z.string(),
    ...cited,
  }),
).parse(chillingTimesJson);
export type ChillingTime = (typeof chillingTimes.rows)[number];

export const chillingDoses = table(
  z.strictObject({
    id: z.string(),
    product: z.string(),
    thresholdC: z.number(),
    minDoseCd: z.number().positive(),
    maxDoseCd: z.number().positive(),
    effect: z.string(),
    derivation: z.string(),
    ...cited,
  }),
).parse(chillingDosesJson);

/** `*room` is any room with mixed produce, `*any` any produce. */
export const ethyleneLevels = table(
  z.strictObject({
    product: z.string(),
    crop: z.string(),
    ppm: z.number().positive(),
    printed: z.string(),
    effect: z.string(),
    ...cited,
  }),
).parse(ethyleneLevelsJson);

export const ethyleneClasses = table(
  z.strictObject({
    cls: z.enum(['VL', 'L', 'M', 'H', 'VH']),
    fromUlPerKgH: z.number().optional(),
    toUlPerKgH: z.number().optional(),
    ...cited,
  }),
).parse(ethyleneClassesJson);

export const gasInjury = table(
  z.strictObject({
    product: z.string(),
    minO2Pct: z.number().optional(),
    maxCo2Pct: z.number().optional(),
    atC: z.number().optional(),
    effect: z.string(),
    ...cited,
  }),
).parse(gasInjuryJson);

export const thompsonGroups = table(
  z.strictObject({
    group: z.enum(['1A', '1B', '2', '3']),
    minC: z.number(),
    maxC: z.number(),
    minRhPct: z.number(),
    maxRhPct: z.number(),
    maxEthylenePpm: z.number(),
    preferEthylenePpm: z.number(),
    ...cited,
  }),
).parse(thompsonJson);

export const transpiration = table(
  z.strictObject({ product: z.string(), ngPerKgSPa: z.number().positive(), ...cited }),
).parse(transpirationJson);

export const weightLoss = table(
  z.strictObject({
    product: z.string(),
    maxPct: z.number().positive(),
    printed: z.string(),
    ...cited,
  }),
).parse(weightLossJson);
