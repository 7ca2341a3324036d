import { z } from 'zod';
import { refusalReasons } from '../../devices/index.ts';
import { problemSchema, systemStatusSchema } from './status.ts';

/** What the API answers. Type, validation and OpenAPI come from here; the web page imports the types. */

const isoTime = z.string().describe('ISO 8601 in UTC with milliseconds, e.g. `2026-06-12T06:40:00.000Z`.');

/** fine, watch, act: by the limits of the place. no_data: nothing recent to judge by; never to be shown as fine. */
export const placeStateSchema = z.enum(['fine', 'watch', 'act', 'no_data']);
export type PlaceState = z.infer<typeof placeStateSchema>;

export const placeKindSchema = z.enum(['plot', 'room', 'bin', 'vehicle']);
export type PlaceKind = z.infer<typeof placeKindSchema>;

export const limitSchema = z.object({
  quantity: z.string(),
  low: z.number().optional().describe('Below this: watch.'),
  high: z.number().optional().describe('Above this: watch.'),
  actLow: z.number().optional().describe('Below this: act.'),
  actHigh: z.number().optional().describe('Above this: act.'),
});
export type Limit = z.infer<typeof limitSchema>;

export const siteSchema = z.object({ id: z.string(), name: z.string(), timeZone: z.string() });

export const placeSchema = z.object({
  id: z.string(),
  site: z.string(),
  name: z.string(),
  kind: placeKindSchema,
  limits: z.array(limitSchema).describe("The place's own, or the defaults of its kind."),
});

export const deviceSchema = z.object({
  id: z.string(),
  site: z.string(),
  name: z.string(),
  model: z.string().optional(),
});

export const readingSchema = z.object({
  device: z.string(),
  channel: z.string(),
  quantity: z.string(),
  unit: z.string().describe('UCUM code, e.g. `Cel`.'),
  value: z.number(),
  measuredAt: isoTime,
  receivedAt: isoTime,
  clock: z.enum(['device', 'network', 'server']).describe('Whose clock gave `measuredAt`.'),
  ageMs: z.number().describe('Since it was measured, when this was answered.'),
  suspect: z.enum(refusalReasons).optional().describe('Why it must not be trusted.'),
});
export type ApiReading = z.infer<typeof readingSchema>;

/** Why a place is in its state: a key with parameters, put into words by the reader's language. */
export const becauseSchema = z.object({
  key: z.enum(['above', 'below', 'stale', 'never', 'suspect', 'no_limits', 'within']),
  quantity: z.string().optional(),
  device: z.string().optional(),
  channel: z.string().optional(),
  value: z.number().optional(),
  limit: z.number().optional().describe('The limit that was crossed, in the unit of the quantity.'),
  ageMs: z.number().optional(),
});
export type Because = z.infer<typeof becauseSchema>;

export const verdictSchema = z.object({
  state: placeStateSchema,
  because: z.array(becauseSchema).describe('Worst first.'),
});

export const latestSchema = z.object({
  place: placeSchema,
  ...verdictSchema.shape,
  readings: z.array(readingSchema),
});

export const cellSchema = z.enum(['fine', 'watch', 'act', 'none']);

export const overviewPlaceSchema = z.object({
  ...placeSchema.shape,
  ...verdictSchema.shape,
  main: readingSchema.optional().describe('The reading that stands for the place.'),
  readings: z.array(readingSchema),
  bar: z
    .object({
      from: isoTime,
      cellMs: z.number(),
      cells: z
        .array(cellSchema)
        .describe('Worst state in each cell by hourly means; `none`: nothing was heard.'),
    })
    .optional()
    .describe('Missing while the store cannot be read.'),
});
export type OverviewPlace = z.infer<typeof overviewPlaceSchema>;

export const overviewSchema = z.object({
  at: isoTime,
  seq: z.number().describe('Send it as Last-Event-ID to /api/v1/live and no change is missed.'),
  sites: z.array(siteSchema),
  places: z.array(overviewPlaceSchema),
  status: systemStatusSchema,
  problems: z.array(problemSchema),
});
export type Overview = z.infer<typeof overviewSchema>;

export const pointSchema = z
  .tuple([z.number().describe('UTC milliseconds since 1970.'), z.number()])
  .describe('[t, value]');

export const seriesSchema = z.object({
  unit: z.string(),
  every: z.string().describe('Width of a bucket such as `10m`, or `raw`.'),
  everyMs: z.number().optional(),
  fn: z.string(),
  source: z.enum(['raw', 'rollup']).describe('Whether raw readings or hourly rollups were read.'),
  from: isoTime,
  to: isoTime,
  points: z.array(pointSchema).describe('In time order. A bucket without readings has no point.'),
});
export type SeriesAnswer = z.infer<typeof seriesSchema>;

export const refusalSchema = z.object({
  id: z.number(),
  at: isoTime,
  site: z.string().optional(),
  device: z.string().optional(),
  topic: z.string(),
  reason: z.enum(refusalReasons),
  detail: z.object({
    field: z.string().optional(),
    channel: z.string().optional(),
    expected: z.string().optional(),
    received: z.string().optional(),
  }),
  times: z.number().describe('How often the same was refused.'),
  raw: z.object({
    bytes: z
      .number()
      .describe('Size of the whole message; the excerpts below hold at most the first 512 bytes.'),
    base64: z.string(),
    hex: z.string().describe('The first 64 bytes.'),
    text: z.string().optional().describe('When they are printable UTF-8.'),
  }),
});
export type ApiRefusal = z.infer<typeof refusalSchema>;

/** Data of the event `latest` of /api/v1/live. */
export const liveLatestSchema = z.object({
  at: isoTime,
  readings: z.array(z.object({ ...readingSchema.shape, place: z.string(), site: z.string() })),
  places: z.array(z.object({ id: z.string(), ...verdictSchema.shape, main: readingSchema.optional() })),
});
export type LiveLatest = z.infer<typeof liveLatestSchema>;

/** Data of the event `status` of /api/v1/live. */
export const liveStatusSchema = z.object({
  at: isoTime,
  status: systemStatusSchema,
  problems: z.array(problemSchema),
});
export type LiveStatus = z.infer<typeof liveStatusSchema>;
