import { z } from 'zod';
import { ApiError } from '../errors.ts';
import { type LiveHub, MAX_CLIENTS } from '../live-hub.ts';
import type { Service } from '../service.ts';
import { idParam, requirePlace, requireSite } from './query.ts';
import { type App, errors503, sendStream } from './routes.ts';

export function liveRoutes(app: App, service: Service, hub: LiveHub): void {
  app.get(
    '/api/v1/live',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Changes as they happen (server-sent events)',
        description:
          'Event `latest`: changed readings and the state of their places. Event `status`: the system itself. Send the last id as Last-Event-ID to continue where a line dropped.',
        tags: ['readings'],
        produces: ['text/event-stream'],
        querystring: z.strictObject({ site: idParam.optional(), place: idParam.optional() }),
        response: { 200: z.string().describe('text/event-stream'), ...errors503 },
      },
    },
    async ({ query, headers }, reply) => {
      await requireSite(service, query.site);
      if (query.place !== undefined) await requirePlace(service, query.place, 'place');
      const given = headers['last-event-id'];
      const lastEventId = typeof given === 'string' && /^\d{1,15}$/.test(given) ? Number(given) : undefined;
      const client = await hub.connect(query, lastEventId);
      if (client === undefined) {
        throw new ApiError(503, 'too_many_clients', `${MAX_CLIENTS} live views are open already.`, {
          fix: 'Close some, or ask /api/v1/overview from time to time.',
        });
      }
      reply.header('content-type', 'text/event-stream; charset=utf-8').header('x-accel-buffering', 'no');
      sendStream(reply, client.stream);
      return reply;
    },
  );
}
