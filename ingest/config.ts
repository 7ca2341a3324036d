import { join } from 'node:path';
import { z } from 'zod';
import { filePathSchema, httpUrlSchema, textSchema } from '../broker/index.ts';
import { isTimeZone } from './registry/sites.ts';
import type { StoreOptions } from './store/index.ts';

/** Ingest's part of the configuration. */
export const ingestConfig = {
  site: z
    .strictObject({
      time_zone: z
        .string({ error: 'a time zone such as Asia/Shanghai' })
        .refine(isTimeZone, { error: 'a time zone such as Asia/Shanghai' })
        .optional()
        .describe('Of sites that the device command makes; without it the zone of this machine.'),
    })
    .prefault({}),
  influx: z
    .strictObject({
      url: httpUrlSchema
        .optional()
        .describe('Address of InfluxDB; without it readings are kept in readings.db.'),
      bucket: textSchema.default('greenlane').describe('Bucket (2.x) or database (1.x, 3.x).'),
      org: textSchema.optional().describe('Organisation (2.x).'),
      token: textSchema.optional().describe('Token (2.x, 3.x).'),
      token_file: filePathSchema.optional().describe('File that holds the token, instead of it.'),
      username: textSchema.optional().describe('User (1.x).'),
      password: textSchema.optional().describe('Password (1.x).'),
      password_file: filePathSchema.optional().describe('File that holds the password, instead of it.'),
    })
    .superRefine(({ url, org, token, username, password }, context) => {
      if (url === undefined && (org ?? token ?? username ?? password) !== undefined) {
        const message = 'the address of InfluxDB, since the way to log in is given';
        context.addIssue({ code: 'custom', path: ['url'], message });
      }
    })
    .prefault({}),
} as const;

/** Default port of page and API. Here, because `doctor` asks for it too and cannot import `dashboards`. */
export const HTTP_PORT = 8080;

export type InfluxConfig = z.output<typeof ingestConfig.influx>;

/** Which store the configuration asks for. `token` and `password` hold what their files held: the loader read them. */
export function storeOptions(dataDir: string, influx: InfluxConfig): StoreOptions {
  const { url, bucket, org, username, token, password } = influx;
  if (url === undefined) return { kind: 'sqlite', path: join(dataDir, 'readings.db') };
  return {
    kind: 'influx',
    url,
    database: bucket,
    ...(org === undefined ? {} : { org }),
    ...(username === undefined ? {} : { username }),
    ...(token === undefined ? {} : { token }),
    ...(password === undefined ? {} : { password }),
  };
}
