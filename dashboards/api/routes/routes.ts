import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { errorSchema } from '../errors.ts';

/** A Fastify instance whose routes are typed by their zod schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** Every route answers these; more than the schema of one route needs to repeat. */
export const errors = {
  400: errorSchema.describe('Something in the request cannot be used; `field` and `fix` say what.'),
  401: errorSchema.describe('No token, or not a valid one.'),
  429: errorSchema.describe('Too many requests.'),
};

export const errors404 = {
  ...errors,
  404: errorSchema.describe('Not known; `fix` names what comes closest.'),
};

export const errors503 = { ...errors404, 503: errorSchema.describe('The store cannot be read now.') };

/**
 * Answers with a stream instead of what the schema says: a stream passes the serializer by, so the tests of such a
 * route parse what it sent.
 */
export function sendStream(reply: FastifyReply, stream: Readable): void {
  reply.send(stream);
}
