import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const WEB_ROOT = fileURLToPath(new URL('../../web/dist', import.meta.url));

/** The built page. It asks the API for everything it shows, so its files themselves are public. */
export async function webRoutes(app: FastifyInstance, root: string = WEB_ROOT): Promise<void> {
  await app.register(fastifyStatic, {
    root,
    serve: false,
    // Written by the build: brotli and gzip cost the server nothing at run time.
    preCompressed: true,
    cacheControl: false,
    setHeaders: (reply, path) => {
      // Files under assets/ carry a hash of their content in the name.
      const forEver = path.includes('/assets/');
      reply.header('cache-control', forEver ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  const config = { permission: 'public' } as const;
  app.get('/', { config, schema: { hide: true } }, async (_request, reply) => reply.sendFile('index.html'));
  app.get<{ Params: { '*': string } }>('/*', { config, schema: { hide: true } }, async (request, reply) =>
    reply.sendFile(request.params['*']),
  );
}
