import type { LiveHub } from '../live-hub.ts';
import { readOverview } from '../overview.ts';
import { overviewSchema } from '../schemas.ts';
import type { Service } from '../service.ts';
import { requireSite, siteQuery } from './query.ts';
import { type App, errors404 } from './routes.ts';

export function overviewRoutes(app: App, service: Service, hub: LiveHub): void {
  app.get(
    '/api/v1/overview',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'All places with their state, newest readings and the bar of the last seven days',
        tags: ['readings'],
        querystring: siteQuery,
        response: { 200: overviewSchema, ...errors404 },
      },
    },
    async ({ query }) => {
      await requireSite(service, query.site);
      // The number is taken before the readings: a change in between is then told again, never missed.
      const seq = await hub.poll();
      return readOverview(service, seq, query.site);
    },
  );
}
