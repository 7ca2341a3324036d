import { z } from 'zod';
import { isPossible, parseQuantity, type QuantityName, quantities } from '../../devices/index.ts';
import type { PlaceKind } from '../state/schema.ts';

/**
 * What is normal in a place. Within `low..high` all is fine; beyond them somebody should watch; beyond `actLow` or
 * `actHigh` somebody must act. Values are in the quantity's canonical unit; a bound that is absent is not checked.
 */
export interface PlaceLimit {
  readonly quantity: QuantityName;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  readonly actLow?: number | undefined;
  readonly actHigh?: number | undefined;
}

/** One limit per quantity, and there are fewer quantities than this. */
const MAX_LIMITS = 50;

const limitSchema = z
  .strictObject({
    quantity: z.string().transform((text, context): QuantityName => {
      const name = parseQuantity(text);
      if (name !== undefined) return name;
      context.addIssue({ code: 'custom', message: `"${text}" is not a quantity` });
      return z.NEVER;
    }),
    low: z.number().optional(),
    high: z.number().optional(),
    actLow: z.number().optional(),
    actHigh: z.number().optional(),
  })
  .superRefine((limit, context) => {
    const ladder = [limit.actLow, limit.low, limit.high, limit.actHigh].filter(
      (bound) => bound !== undefined,
    );
    if (ladder.some((bound, i) => i > 0 && bound < (ladder[i - 1] ?? bound)))
      context.addIssue({ code: 'custom', message: 'expected actLow <= low <= high <= actHigh' });
    const { min, max, unit } = quantities[limit.quantity];
    if (ladder.some((bound) => !isPossible(limit.quantity, bound)))
      context.addIssue({ code: 'custom', message: `expected bounds from ${min} to ${max} ${unit}` });
  });

/** Limits as they come from outside (API, JSON column): checked once here. */
export const placeLimitsSchema = z
  .array(limitSchema)
  .max(MAX_LIMITS)
  .refine((limits) => new Set(limits.map((limit) => limit.quantity)).size === limits.length, {
    message: 'expected each quantity once',
  });

/**
 * Chilled food is kept and carried above its freezing point and at most at 8 degC (GB/T 24616-2019, in force since
 * 2020-03-01): beyond that is the time to act. The watch band from 6 degC and -0.5 degC for "freezing" are Greenlane's
 * convention. Humidity: the mixed-load groups of fresh produce start at 85 % (Thompson et al. 1996, in USDA Agriculture
 * Handbook 66, 2016, pp. 55-56), which also ask for ethylene below 1 ppm and preferably below 0.1 ppm.
 */
const chilled: readonly PlaceLimit[] = [
  { quantity: 'air_temperature', actLow: -0.5, low: 0, high: 6, actHigh: 8 },
  { quantity: 'product_temperature', actLow: -0.5, low: 0, high: 6, actHigh: 8 },
  { quantity: 'relative_humidity', low: 85 },
  { quantity: 'ethylene', high: 0.1, actHigh: 1 },
];

/**
 * Grain. Temperature: Greenlane's convention, modelled on the quasi-low-temperature class that GB/T 29890-2013 is quoted
 * with (average 20, warmest point 25 degC; the standard's own text was not available). CO2 above the grain: about
 * 1000 ppm sustained is a possible problem, 3000 ppm is spoilage (Marlow, The Andersons, GEAPS 2011). Humidity between
 * the kernels: 65 % is the mould limit for storage (wheat near 13 % moisture); acting at 70 % is our convention.
 */
const grain: readonly PlaceLimit[] = [
  { quantity: 'grain_temperature', high: 20, actHigh: 25 },
  { quantity: 'relative_humidity', high: 65, actHigh: 70 },
  { quantity: 'co2', high: 1000, actHigh: 3000 },
];

/**
 * A plot whose soil nobody has described: Greenlane's convention, for loam. Its field capacity is 28 % and its wilting
 * point 14 % (Saxton & Rawls 2006, Table 3), so at 20 % more than half of the water is gone and at 14 % all of it;
 * above 35 % it is waterlogged. Air: 0 degC is frost, and 2 degC the usual margin for leaves that cool below the air.
 */
const field: readonly PlaceLimit[] = [
  { quantity: 'soil_moisture', actLow: 14, low: 20, high: 35 },
  { quantity: 'air_temperature', actLow: 0, low: 2 },
];

const byKind: Readonly<Record<PlaceKind, readonly PlaceLimit[]>> = {
  plot: field,
  room: chilled,
  vehicle: chilled,
  bin: grain,
};

/** The limits of a place that has none of its own. */
export function defaultLimits(kind: PlaceKind): readonly PlaceLimit[] {
  return byKind[kind];
}

/** A place's own limits from its JSON column, or undefined when it has none or they cannot be read. */
export function parseLimits(json: string | null): readonly PlaceLimit[] | undefined {
  if (json === null) return undefined;
  try {
    return placeLimitsSchema.parse(JSON.parse(json));
  } catch {
    return undefined;
  }
}
