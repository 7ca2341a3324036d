import { z } from 'zod';
import { brokerConfig, type Loaded, loadConfig, portSchema } from '../broker/index.ts';
import { ingestConfig } from '../ingest/index.ts';

/** The whole configuration: every folder's part. */
export const greenlaneConfig = z.strictObject({
  ...brokerConfig,
  ...ingestConfig,
  http: z
    .strictObject({
      host: z
        .string()
        .default('0.0.0.0')
        .describe('Address of the page and the API; the API asks for a token.'),
      port: portSchema.default(8080).describe('Their port.'),
    })
    .prefault({}),
});

export type GreenlaneConfig = z.output<typeof greenlaneConfig>;

/** Reads `greenlane.yaml` of the working directory, or the file named by GREENLANE_CONFIG. */
export function loadGreenlaneConfig(
  env: Readonly<Record<string, string | undefined>>,
): Loaded<GreenlaneConfig> {
  const named = env.GREENLANE_CONFIG;
  return loadConfig(greenlaneConfig, {
    file: named ?? 'greenlane.yaml',
    mustExist: named !== undefined,
    env,
  });
}
