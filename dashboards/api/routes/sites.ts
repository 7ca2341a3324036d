import { z } from 'zod';
import { siteSchema } from '../schemas.ts';
import type { Service } from '../service.ts';
import { type App, errors } from './routes.ts';

export function siteRoutes(app: App, service: Service): void {
  app.get(
    '/api/v1/sites',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Sites: villages, farms, warehouses',
        tags: ['registry'],
        querystring: z.strictObject({}),
        response: { 200: z.object({ sites: z.array(siteSchema) }), ...errors },
      },
    },
    async () => {
      const { sites } = await service.registry();
      return { sites: sites.map(({ id, name, timeZone }) => ({ id, name, timeZone })) };
    },
  );
}
