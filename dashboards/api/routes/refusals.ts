import { z } from 'zod';
import { refusals } from '../../../ingest/index.ts';
import { badInput } from '../errors.ts';
import { refusalSchema } from '../schemas.ts';
import type { Service } from '../service.ts';
import { refusalView } from '../view.ts';
import { idParam, instantParam } from './query.ts';
import { type App, errors } from './routes.ts';

const DEFAULT_ROWS = 100;
const MAX_ROWS = 1_000;

export function refusalRoutes(app: App, service: Service): void {
  app.get(
    '/api/v1/refusals',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'What was refused, why, and the bytes it came in',
        description: 'Newest first. Unknown devices are refused too, so any device id may be asked for.',
        tags: ['readings'],
        querystring: z.strictObject({
          device: idParam.optional(),
          from: instantParam.optional().describe('Included.'),
          to: instantParam.optional().describe('Excluded.'),
          limit: z
            .string()
            .default(String(DEFAULT_ROWS))
            .transform((text, ctx) => {
              const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
              if (limit >= 1 && limit <= MAX_ROWS) return limit;
              const params = { fix: `Write a number from 1 to ${MAX_ROWS}.` };
              ctx.addIssue({
                code: 'custom',
                message: `"${text.slice(0, 40)}" is no number of rows.`,
                params,
              });
              return z.NEVER;
            })
            .describe(`At most ${MAX_ROWS}; default ${DEFAULT_ROWS}.`),
        }),
        response: { 200: z.object({ refusals: z.array(refusalSchema) }), ...errors },
      },
    },
    async ({ query }) => {
      const { device, from, to, limit } = query;
      if (from !== undefined && to !== undefined && from >= to) {
        throw badInput('from', '"from" is not before "to".', 'Give a "from" that is earlier than "to".');
      }
      const rows = await refusals(service.state, { device, from, to, limit });
      return { refusals: rows.map(refusalView) };
    },
  );
}
