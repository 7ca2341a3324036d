import type { FastifyInstance } from 'fastify';
import { buildApp } from '../api/app.ts';
import type { SystemStatus } from '../api/status.ts';
import { wellStatus } from './status.ts';
import { openVillage, type Village } from './village.ts';

/** The API over the village, asked without a socket. */
export interface Asked {
  readonly village: Village;
  readonly app: FastifyInstance;
  readonly setStatus: (status: SystemStatus) => void;
  /** The same village behind another app, which the caller closes. */
  readonly build: (more: Partial<Parameters<typeof buildApp>[0]>) => Promise<FastifyInstance>;
  /** Asks with the village's token. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever the server answers
  readonly get: (url: string) => Promise<{ code: number; headers: Record<string, unknown>; body: any }>;
  /** The error of an answer that has nothing else. */
  readonly problem: (url: string) => Promise<{ code: string; message: string; field?: string; fix?: string }>;
  readonly close: () => Promise<void>;
}

/** @param more what differs from an API that asks for a token at `now` */
export async function openAsked(
  now: number,
  days: number,
  more: Partial<Parameters<typeof buildApp>[0]> = {},
): Promise<Asked> {
  let status: SystemStatus = wellStatus;
  const village = await openVillage(now, days);
  const { state, store, token } = village;
  const build: Asked['build'] = (more) =>
    buildApp({ state, store, status: () => status, clock: () => now, open: false, ...more });
  const app = await build(more);
  const get: Asked['get'] = async (url) => {
    const answer = await app.inject({ url, headers: { authorization: `Bearer ${token}` } });
    return { code: answer.statusCode, headers: answer.headers, body: answer.json() };
  };
  return {
    village,
    app,
    build,
    get,
    setStatus: (next) => {
      status = next;
    },
    problem: async (url) => {
      const { body } = await get(url);
      if (Object.keys(body).join() !== 'error') throw new Error(`${url} did not fail`);
      return body.error;
    },
    close: async () => {
      await app.close();
      await village.close();
    },
  };
}
