import { z } from 'zod';
import type { App } from './routes.ts';

export function openapiRoute(app: App): void {
  app.get(
    '/api/openapi.json',
    {
      config: { permission: 'public' },
      schema: { summary: 'This description', tags: ['operations'], response: { 200: z.looseObject({}) } },
    },
    async () => ({ ...app.swagger() }),
  );
}
