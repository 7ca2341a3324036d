import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import Fastify, { type FastifyInstance } from 'fastify';
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { SECOND } from '../../devices/index.ts';
import { protectRoutes } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { setErrorHandlers } from './errors.ts';
import { createLiveHub } from './live-hub.ts';
import { deviceRoutes } from './routes/devices.ts';
import { healthRoutes } from './routes/health.ts';
import { liveRoutes } from './routes/live.ts';
import { openapiRoute } from './routes/openapi.ts';
import { overviewRoutes } from './routes/overview.ts';
import { placeRoutes } from './routes/places.ts';
import { refusalRoutes } from './routes/refusals.ts';
import { seriesRoutes } from './routes/series.ts';
import { siteRoutes } from './routes/sites.ts';
import { webRoutes } from './routes/web.ts';
import { compressAnswers, setSecurityHeaders } from './security.ts';
import { createService } from './service.ts';

/** No route takes a body yet; the limit is for those that will (design section 6). */
const BODY_LIMIT_BYTES = 1024 * 1024;

/**
 * Requests per minute and address. A first view is about ten, a detail view five; twenty people of a packhouse behind
 * one address stay far below, a script that asks without pause does not.
 */
const REQUESTS_PER_MINUTE = 1_200;

/** Addresses the limiter remembers. */
const REMEMBERED_ADDRESSES = 10_000;

/** Longest id in a path (64 characters, each escaped as %XX). */
const MAX_PARAM_LENGTH = 200;

/** The API and the page as one Fastify app; whoever calls it listens, or injects requests. */
export async function buildApp(deps: ApiDeps): Promise<FastifyInstance> {
  const app = Fastify({
    ...(deps.log === undefined ? { logger: false } : { loggerInstance: deps.log }),
    bodyLimit: BODY_LIMIT_BYTES,
    // For receiving a request; answers and live streams may take as long as they need.
    requestTimeout: 30 * SECOND,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    // Live streams are ended by the hub; a request under way may finish.
    forceCloseConnections: 'idle',
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  setErrorHandlers(app);
  setSecurityHeaders(app);
  compressAnswers(app);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Greenlane',
        version: '1',
        description: 'Readings, states and refusals of food from field to warehouse. Units are UCUM codes.',
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    transform: jsonSchemaTransform,
  });
  await app.register(rateLimit, {
    max: deps.requestsPerMinute ?? REQUESTS_PER_MINUTE,
    timeWindow: '1 minute',
    cache: REMEMBERED_ADDRESSES,
    errorResponseBuilder: (_request, { after }) =>
      Object.assign(new Error(`Try again in ${after}.`), { statusCode: 429 }),
  });
  protectRoutes(app, deps);

  const service = createService(deps, (error) =>
    app.log.warn({ err: error }, 'the bar of a place cannot be read'),
  );
  const hub = createLiveHub(
    service,
    (error) => app.log.error({ err: error }, 'live view failed'),
    deps.livePollMs,
  );
  app.addHook('preClose', async () => hub.stop());

  const typed = app.withTypeProvider<ZodTypeProvider>();
  siteRoutes(typed, service);
  placeRoutes(typed, service);
  deviceRoutes(typed, service);
  seriesRoutes(typed, service);
  refusalRoutes(typed, service);
  overviewRoutes(typed, service, hub);
  liveRoutes(typed, service, hub);
  healthRoutes(typed, service, hub);
  openapiRoute(typed);
  await webRoutes(app, deps.webRoot);
  return app;
}
