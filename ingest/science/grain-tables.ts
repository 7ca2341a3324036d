import { z } from 'zod';
import emcJson from './data/emc.json' with { type: 'json' };
import grainCo2Json from './data/grain-co2.json' with { type: 'json' };
import limitsJson from './data/grain-moisture-limits.json' with { type: 'json' };
import maizeJson from './data/maize-storage-days.json' with { type: 'json' };
import { marks } from './result.ts';
import { table } from './tables.ts';

const cited = { source: z.string().min(1), page: z.string().optional(), mark: z.enum(marks) };
const range = { minC: z.number(), maxC: z.number(), minRhPct: z.number(), maxRhPct: z.number() };

export const emcTable = table(
  z.strictObject({
    id: z.string(),
    grain: z.string(),
    model: z.enum(['henderson', 'chung_pfost', 'halsey', 'oswin']),
    a: z.number(),
    b: z.number(),
    c: z.number(),
    ...range,
    /** The part of the range that printed cells confirm. */
    checked: z.strictObject(range).optional(),
    default: z.boolean(),
    verification: z.string(),
    ...cited,
  }),
).parse(emcJson);
export type EmcSet = (typeof emcTable.rows)[number];

export const maizeDays = table(
  z.strictObject({
    moistureWbPct: z.number(),
    daysAtF: z.record(z.string(), z.number().positive()),
    ...cited,
  }),
).parse(maizeJson);

export const grainCo2 = table(
  z.strictObject({
    fromPpm: z.number().nonnegative(),
    meaning: z.enum(['normal', 'problem_possible', 'spoilage', 'onset', 'severe', 'human_limit']),
    ...cited,
  }),
).parse(grainCo2Json);

export const moistureLimits = table(
  z.strictObject({ grain: z.string(), maxWbPct: z.number(), standard: z.string(), ...cited }),
).parse(limitsJson);
