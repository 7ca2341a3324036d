import { z } from 'zod';
import coefficientsJson from './data/crop-coefficients.json' with { type: 'json' };
import stagesJson from './data/crop-stages.json' with { type: 'json' };
import basesJson from './data/degree-day-bases.json' with { type: 'json' };
import freezeJson from './data/freeze-classes.json' with { type: 'json' };
import frostJson from './data/frost-critical.json' with { type: 'json' };
import rootJson from './data/root-zone.json' with { type: 'json' };
import salinityJson from './data/salinity.json' with { type: 'json' };
import { marks } from './result.ts';
import { table } from './tables.ts';

const cited = { source: z.string().min(1), page: z.string().optional(), mark: z.enum(marks) };
const days = z.number().nonnegative();

export const cropStages = table(
  z.strictObject({
    crop: z.string(),
    iniDays: days,
    devDays: days,
    /** Missing where the table ends a cutting cycle before these stages. */
    midDays: days.optional(),
    lateDays: days.optional(),
    planted: z.string().optional(),
    region: z.string().optional(),
    ...cited,
  }),
).parse(stagesJson);
export type CropStages = (typeof cropStages.rows)[number];

export const cropCoefficients = table(
  z.strictObject({
    crop: z.string(),
    ini: z.number().optional(),
    mid: z.number().optional(),
    end: z.number().optional(),
    heightM: z.number().optional(),
    ...cited,
  }),
).parse(coefficientsJson);
export type CropCoefficients = (typeof cropCoefficients.rows)[number];

export const rootZones = table(
  z.strictObject({
    crop: z.string(),
    minRootM: z.number().optional(),
    maxRootM: z.number(),
    p: z.number(),
    ...cited,
  }),
).parse(rootJson);

export const salinityTable = table(
  z.strictObject({
    crop: z.string(),
    thresholdDsM: z.number(),
    slopePctPerDsM: z.number().optional(),
    rating: z.string(),
    ...cited,
  }),
).parse(salinityJson);

export const degreeDayBases = table(
  z.strictObject({
    crop: z.string(),
    model: z.string(),
    baseC: z.number(),
    upperC: z.number().optional(),
    meaning: z.string(),
    ...cited,
  }),
).parse(basesJson);

export const frostCritical = table(
  z.strictObject({
    crop: z.string(),
    stage: z.string(),
    kill10C: z.number(),
    kill90C: z.number().optional(),
    kind: z.string(),
    ...cited,
  }),
).parse(frostJson);

export const freezeClasses = table(
  z.strictObject({ crop: z.string(), cls: z.enum(['most', 'moderate', 'least']), ...cited }),
).parse(freezeJson);

/** Rows of one crop in a table; crop names are matched without regard to case. */
export function rowsOf<T extends { readonly crop: string }>(rows: readonly T[], crop: string): readonly T[] {
  const wanted = crop.toLowerCase();
  return rows.filter((row) => row.crop.toLowerCase() === wanted);
}
