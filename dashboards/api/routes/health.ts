import { z } from 'zod';
import { refusalCounts } from '../../../ingest/index.ts';
import type { LiveHub } from '../live-hub.ts';
import { metricsText } from '../metrics.ts';
import type { Service } from '../service.ts';
import { problemSchema, problemsOf } from '../status.ts';
import type { App } from './routes.ts';

/** For supervisors and monitoring: no token, nothing about places or people. */
export function healthRoutes(app: App, service: Service, hub: LiveHub): void {
  const common = { tags: ['operations'] };
  app.get(
    '/healthz',
    {
      config: { permission: 'public', rateLimit: false },
      schema: {
        ...common,
        summary: 'The process is alive',
        response: { 200: z.object({ status: z.literal('ok') }) },
      },
    },
    async () => ({ status: 'ok' as const }),
  );

  const ready = z.object({ ready: z.boolean(), reasons: z.array(problemSchema) });
  app.get(
    '/readyz',
    {
      config: { permission: 'public', rateLimit: false },
      schema: {
        ...common,
        summary: 'Everything sent to us is taken and stored; if not, why',
        response: { 200: ready, 503: ready },
      },
    },
    async (_request, reply) => {
      const reasons = [...problemsOf(service.status())];
      return reply.code(reasons.length === 0 ? 200 : 503).send({ ready: reasons.length === 0, reasons });
    },
  );

  app.get(
    '/metrics',
    {
      config: { permission: 'public', rateLimit: false },
      schema: { ...common, summary: 'Figures for Prometheus', response: { 200: z.string() } },
    },
    async (_request, reply) => {
      const text = metricsText(service.status(), await refusalCounts(service.state), hub.clients());
      return reply
        .type('text/plain; version=0.0.4; charset=utf-8')
        .serializer((body: unknown) => String(body))
        .send(text);
    },
  );
}
