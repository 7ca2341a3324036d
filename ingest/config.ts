import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { StoreOptions } from './store/index.ts';

/** Ingest's part of the configuration. */
export const ingestConfig = {
  influx: z
    .strictObject({
      url: z
        .string()
        .optional()
        .describe('Address of InfluxDB; without it readings are kept in readings.db.'),
      bucket: z.string().min(1).default('greenlane').describe('Bucket (2.x) or database (1.x, 3.x).'),
      org: z.string().optional().describe('Organisation (2.x).'),
      token: z.string().optional().describe('Token (2.x, 3.x).'),
      token_file: z.string().optional().describe('File that holds the token, instead of it.'),
      username: z.string().optional().describe('User (1.x).'),
      password: z.string().optional().describe('Password (1.x).'),
      password_file: z.string().optional().describe('File that holds the password, instead of it.'),
    })
    .refine((influx) => influx.token === undefined || influx.token_file === undefined, {
      error: 'token or token_file, at most one of them',
    })
    .refine((influx) => influx.password === undefined || influx.password_file === undefined, {
      error: 'password or password_file, at most one of them',
    })
    .prefault({}),
} as const;

export type InfluxConfig = z.output<typeof ingestConfig.influx>;

function secret(given: string | undefined, file: string | undefined): string | undefined {
  return given ?? (file === undefined ? undefined : readFileSync(file, 'utf8').trim());
}

/** Which store the configuration asks for. @throws when a secret's file cannot be read */
export function storeOptions(dataDir: string, influx: InfluxConfig): StoreOptions {
  if (influx.url === undefined) return { kind: 'sqlite', path: join(dataDir, 'readings.db') };
  const token = secret(influx.token, influx.token_file);
  const password = secret(influx.password, influx.password_file);
  return {
    kind: 'influx',
    url: influx.url,
    database: influx.bucket,
    ...(influx.org === undefined ? {} : { org: influx.org }),
    ...(influx.username === undefined ? {} : { username: influx.username }),
    ...(token === undefined ? {} : { token }),
    ...(password === undefined ? {} : { password }),
  };
}
