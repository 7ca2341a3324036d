import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyInstance } from 'fastify';

/**
 * Only our own files run, and nothing inline: a device's name that is a script stays a name. uPlot and Preact set
 * styles through the CSSOM, which a policy does not restrict.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function setSecurityHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers({
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': 'geolocation=(), microphone=(), camera=()',
    });
  });
  app.addHook('onRequest', async (request, reply) => {
    // Answers hold what is true now; a phone must not show yesterday's as today's.
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store');
  });
}

/** Below this a compressed answer is not smaller on the wire: it fits one packet anyway. */
const COMPRESS_FROM_BYTES = 1_400;
const gzipAsync = promisify(gzip);

/** Compresses JSON answers for the village's line; streams (raw series, live events) pass as they are. */
export function compressAnswers(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload) => {
    if (typeof payload !== 'string' || payload.length < COMPRESS_FROM_BYTES) return payload;
    if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return payload;
    reply.header('content-encoding', 'gzip').header('vary', 'accept-encoding').removeHeader('content-length');
    return gzipAsync(payload, { level: 5 });
  });
}
