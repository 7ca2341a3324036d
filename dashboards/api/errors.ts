import type {
  FastifyError,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifySchemaValidationError,
} from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { nearest } from './nearest.ts';

/** Closed: a client may branch on these. */
export const errorCodes = [
  'bad_input',
  'unauthorized',
  'forbidden',
  'not_found',
  'too_large',
  'too_many_requests',
  'too_many_clients',
  'unavailable',
  'internal',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** The one shape of every error of the API. */
export const errorSchema = z.object({
  error: z.object({
    code: z.enum(errorCodes),
    message: z.string().describe('What is wrong, as a sentence.'),
    field: z.string().optional().describe('Which part of the request.'),
    fix: z.string().optional().describe('What to send instead.'),
  }),
});

/** An answer that is not the wished one, thrown by routes and turned into the error shape in one place. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly fix: string | undefined;

  constructor(
    status: number,
    code: ErrorCode,
    message: string,
    where: { field?: string; fix?: string } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.field = where.field;
    this.fix = where.fix;
  }
}

/** 400: `field` of the request cannot be used; `fix` says what can. */
export function badInput(field: string, message: string, fix: string): ApiError {
  return new ApiError(400, 'bad_input', message, { field, fix });
}

/** 404 for something named in the request, with the names that come closest. */
export function unknownName(field: string, what: string, given: string, known: readonly string[]): ApiError {
  const guesses = nearest(given, known);
  const fix =
    guesses.length > 0
      ? `Did you mean ${guesses.join(', ')}? GET /api/v1/${what}s lists all.`
      : `GET /api/v1/${what}s lists all ${what}s.`;
  return new ApiError(404, 'not_found', `There is no ${what} "${given.slice(0, 80)}".`, { field, fix });
}

export function setErrorHandlers(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    answer(toApiError(error, request), reply);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0]?.slice(0, 120) ?? '';
    const fix = 'GET /api/openapi.json lists every route.';
    answer(new ApiError(404, 'not_found', `There is no ${request.method} ${path}.`, { fix }), reply);
  });
}

function answer(error: ApiError, reply: FastifyReply): void {
  const { status, code, message, field, fix } = error;
  reply
    .code(status)
    .type('application/json; charset=utf-8')
    // Not through the route's response schema: an error must never fail to be told.
    .serializer((body: unknown) => JSON.stringify(body))
    .send({
      error: {
        code,
        message,
        ...(field === undefined ? {} : { field }),
        ...(fix === undefined ? {} : { fix }),
      },
    });
}

function toApiError(error: FastifyError, request: FastifyRequest): ApiError {
  if (error instanceof ApiError) return error;
  if (hasZodFastifySchemaValidationErrors(error)) return fromValidation(error.validation[0]);
  const status = error.statusCode ?? 500;
  if (status === 413) return new ApiError(413, 'too_large', 'The request is larger than 1 MB.');
  if (status === 429) {
    return new ApiError(429, 'too_many_requests', 'Too many requests from this address.', {
      fix: error.message,
    });
  }
  if (status >= 400 && status < 500) return new ApiError(status, 'bad_input', error.message);
  // The words of an unexpected error may name files, queries or hosts: they belong into the log only.
  request.log.error({ err: error }, 'request failed');
  return new ApiError(500, 'internal', 'Something failed on the server.', {
    fix: `The server's log has the cause under request id ${request.id}.`,
  });
}

const detailSchema = z.object({
  keys: z.array(z.string()).optional(),
  params: z.object({ fix: z.string().optional() }).optional(),
});

function fromValidation(issue: FastifySchemaValidationError | undefined): ApiError {
  const detail = detailSchema.safeParse(issue?.params).data;
  const unknownKey = detail?.keys?.[0];
  if (unknownKey !== undefined) {
    return badInput(
      unknownKey,
      `This route has no parameter "${unknownKey}".`,
      'Leave it out or correct its name.',
    );
  }
  const field = issue?.instancePath.slice(1).replaceAll('/', '.') ?? '';
  const fix = detail?.params?.fix ?? 'See /api/openapi.json for what this route takes.';
  return badInput(field, issue?.message ?? 'The request does not match the schema of this route.', fix);
}
