import { z } from 'zod';
import { limitsOf, placeLatest } from '../place-latest.ts';
import { latestSchema, placeSchema } from '../schemas.ts';
import type { Service } from '../service.ts';
import { placeView, readingView } from '../view.ts';
import { idParam, requirePlace, requireSite, siteQuery } from './query.ts';
import { type App, errors404 } from './routes.ts';

export function placeRoutes(app: App, service: Service): void {
  app.get(
    '/api/v1/places',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Places: plots, rooms, bins, vehicles',
        tags: ['registry'],
        querystring: siteQuery,
        response: { 200: z.object({ places: z.array(placeSchema) }), ...errors404 },
      },
    },
    async ({ query }) => {
      await requireSite(service, query.site);
      const { places } = await service.registry();
      const used = places.filter(
        (row) => row.retiredAt === undefined && (query.site ?? row.site) === row.site,
      );
      return { places: used.map((row) => placeView(row, limitsOf(row))) };
    },
  );

  app.get(
    '/api/v1/places/:id/latest',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Newest readings of a place, and what they mean',
        tags: ['readings'],
        params: z.object({ id: idParam.describe('Id of a place.') }),
        querystring: z.strictObject({}),
        response: { 200: latestSchema, ...errors404 },
      },
    },
    async ({ params }) => {
      const place = await requirePlace(service, params.id, 'id');
      const now = service.clock();
      const latest = await placeLatest(service, place, now);
      return {
        place: placeView(place, latest.limits),
        state: latest.state,
        because: [...latest.because],
        readings: latest.rows.map((row) => readingView(row, now)),
      };
    },
  );
}
