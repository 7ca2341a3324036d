import { createHash, randomBytes } from 'node:crypto';
import { type Duration, type Instant, MINUTE } from '../../devices/index.ts';
import type { State } from '../state/state.ts';
import { done, type Outcome, problem } from './outcome.ts';
import { badName } from './sites.ts';

/** Lets secret scanners and people recognise what they found. */
export const TOKEN_PREFIX = 'gl_';
const TOKEN_PATTERN = /^gl_[A-Za-z0-9_-]{43}$/;

/** `last_used_at` is for people cleaning up; a write per request would be waste. */
const USED_RESOLUTION: Duration = MINUTE;

export interface ApiToken {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Instant;
  readonly lastUsedAt?: Instant;
  readonly revokedAt?: Instant;
}

/** Makes a token for the API: 256 random bits, shown once; only its SHA-256 is kept. */
export async function addToken(
  state: State,
  name: string,
  now: Instant,
): Promise<Outcome<{ readonly id: string; readonly token: string }>> {
  const bad = badName('token', name);
  if (bad !== undefined) return bad;
  const token = TOKEN_PREFIX + randomBytes(32).toString('base64url');
  const id = randomBytes(6).toString('hex');
  await state.db
    .insertInto('api_token')
    .values({ id, hash: hashOf(token), name, created_at: now, last_used_at: null, revoked_at: null })
    .execute();
  return done({ id, token });
}

/** The token's id and name when it is valid. Looked up by its hash, so the time of the answer tells nothing useful. */
export async function verifyToken(
  state: State,
  token: string,
  now: Instant,
): Promise<{ readonly id: string; readonly name: string } | undefined> {
  if (!TOKEN_PATTERN.test(token)) return undefined;
  const row = await state.db
    .selectFrom('api_token')
    .select(['id', 'name', 'last_used_at'])
    .where('hash', '=', hashOf(token))
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  if (row.last_used_at === null || now - row.last_used_at >= USED_RESOLUTION)
    await state.db.updateTable('api_token').set({ last_used_at: now }).where('id', '=', row.id).execute();
  return { id: row.id, name: row.name };
}

/** Every token ever made, newest first; the tokens themselves are not kept. */
export async function listTokens(state: State): Promise<readonly ApiToken[]> {
  const rows = await state.db.selectFrom('api_token').selectAll().orderBy('created_at', 'desc').execute();
  return rows.map(({ id, name, created_at, last_used_at, revoked_at }) => ({
    id,
    name,
    createdAt: created_at,
    ...(last_used_at === null ? {} : { lastUsedAt: last_used_at }),
    ...(revoked_at === null ? {} : { revokedAt: revoked_at }),
  }));
}

/** Ends a token by its id, at once. */
export async function revokeToken(state: State, id: string, now: Instant): Promise<Outcome<void>> {
  const { numUpdatedRows } = await state.db
    .updateTable('api_token')
    .set({ revoked_at: now })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 0n
    ? problem('missing', 'id', `there is no valid token "${id}"`)
    : done(undefined);
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
