import { z } from 'zod';
import { deviceSchema } from '../schemas.ts';
import type { Service } from '../service.ts';
import { requireSite, siteQuery } from './query.ts';
import { type App, errors404 } from './routes.ts';

export function deviceRoutes(app: App, service: Service): void {
  app.get(
    '/api/v1/devices',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Devices in use',
        tags: ['registry'],
        querystring: siteQuery,
        response: { 200: z.object({ devices: z.array(deviceSchema) }), ...errors404 },
      },
    },
    async ({ query }) => {
      await requireSite(service, query.site);
      const { devices } = await service.registry();
      const used = devices.filter(
        (row) => row.retiredAt === undefined && (query.site ?? row.site) === row.site,
      );
      return {
        devices: used.map(({ id, site, name, model }) => ({
          id,
          site,
          name,
          ...(model === undefined ? {} : { model }),
        })),
      };
    },
  );
}
