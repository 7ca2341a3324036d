import type { FastifyInstance, FastifyRequest } from 'fastify';
import { verifyToken } from '../../ingest/index.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';

/**
 * Who may call a route. Every route declares it in its `config`; one that does not is refused when the server starts,
 * so that nothing is open by forgetting.
 */
export const permissions = ['public', 'read'] as const;
export type Permission = (typeof permissions)[number];

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `public`: anybody; `read`: whoever holds an API token. */
    permission?: Permission;
  }
}

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

export function protectRoutes(app: FastifyInstance, deps: ApiDeps): void {
  app.addHook('onRoute', (route) => {
    if (route.config?.permission === undefined) {
      throw new Error(`route ${String(route.method)} ${route.url} declares no permission in its config`);
    }
  });
  app.addHook('onRequest', async (request) => {
    if (deps.open) return requireLoopback(request);
    if (request.routeOptions.config.permission === 'read') await requireToken(request, deps);
  });
}

/**
 * Without a token, a page of any site could ask the demo through a host name of its own that resolves to 127.0.0.1
 * (DNS rebinding). Its requests carry that name.
 */
function requireLoopback(request: FastifyRequest): void {
  const host = request.host.replace(/:\d+$/, '').toLowerCase();
  if (!LOOPBACK_HOSTS.has(host)) {
    throw new ApiError(403, 'forbidden', 'This server is open to its own machine only.', {
      field: 'Host',
      fix: 'Open it as http://localhost, or start it with `npm start`, which asks for a token.',
    });
  }
}

async function requireToken(request: FastifyRequest, deps: ApiDeps): Promise<void> {
  const header = request.headers.authorization;
  const token = header === undefined ? undefined : /^Bearer +([A-Za-z0-9_.~+/=-]{1,256})$/i.exec(header)?.[1];
  const where = {
    field: 'Authorization',
    fix: 'Send "Authorization: Bearer gl_...". `npm run -s token` makes a token.',
  };
  if (header === undefined) throw new ApiError(401, 'unauthorized', 'This needs an API token.', where);
  if (token === undefined || (await verifyToken(deps.state, token, deps.clock())) === undefined) {
    throw new ApiError(401, 'unauthorized', 'This API token is not valid, or was revoked.', where);
  }
}
