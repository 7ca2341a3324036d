import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import { deriveKey, KDF } from '../../broker/index.ts';
import type { Instant } from '../../devices/index.ts';
import type { Database } from '../state/schema.ts';
import type { State } from '../state/state.ts';
import { syncAccessFile } from './access-sync.ts';
import { activeDevice } from './devices.ts';
import { change, done, need, type Outcome, problem } from './outcome.ts';

/** What a device needs to connect. The password is shown once; nothing keeps it. */
export interface Credential {
  readonly username: string;
  readonly password: string;
}

/** A new password and what is kept of it. */
export interface Secret {
  readonly password: string;
  readonly kept: { readonly kdf: string; readonly salt: string; readonly hash: string };
}

/** 24 random bytes: 192 bits, 32 characters without any that needs escaping. */
export async function newSecret(): Promise<Secret> {
  const password = randomBytes(24).toString('base64url');
  const salt = randomBytes(16);
  const key = await deriveKey(password, salt);
  return { password, kept: { kdf: KDF, salt: salt.toString('hex'), hash: key.toString('hex') } };
}

/** Gives a device its first credential, or a new one after a revocation. */
export async function issueCredential(
  state: State,
  device: string,
  now: Instant,
): Promise<Outcome<Credential>> {
  return writeCredential(state, device, (db, secret) => insertCredential(db, device, secret, now));
}

/** Replaces a device's password; the old one stops working, and its open connection ends, with the next poll. */
export async function rotateCredential(
  state: State,
  device: string,
  now: Instant,
): Promise<Outcome<Credential>> {
  return writeCredential(state, device, async (db, secret) => {
    const { numUpdatedRows } = await db
      .updateTable('credential')
      .set({ ...secret.kept, rotated_at: now, revoked_at: null })
      .where('device', '=', device)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return insertCredential(db, device, secret, now);
    return done({ username: device, password: secret.password });
  });
}

/** Takes a device's credential away; it stays in the registry and can be given a new one. */
export async function revokeCredential(state: State, device: string, now: Instant): Promise<Outcome<void>> {
  const outcome = await change(state, async (trx) => {
    need(await activeDevice(trx, device));
    const { numUpdatedRows } = await trx
      .updateTable('credential')
      .set({ revoked_at: now })
      .where('device', '=', device)
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n)
      need(problem('missing', 'device', `device "${device}" has no valid credential`));
  });
  if (outcome.ok) await syncAccessFile(state);
  return outcome;
}

async function writeCredential(
  state: State,
  device: string,
  work: (db: Kysely<Database>, secret: Secret) => Promise<Outcome<Credential>>,
): Promise<Outcome<Credential>> {
  const secret = await newSecret();
  const outcome = await change(state, async (trx) => {
    need(await activeDevice(trx, device));
    return need(await work(trx, secret));
  });
  if (outcome.ok) await syncAccessFile(state);
  return outcome;
}

export async function insertCredential(
  db: Kysely<Database>,
  device: string,
  secret: Secret,
  now: Instant,
): Promise<Outcome<Credential>> {
  const existing = await db
    .selectFrom('credential')
    .select('revoked_at')
    .where('device', '=', device)
    .executeTakeFirst();
  if (existing !== undefined && existing.revoked_at === null)
    return problem(
      'conflict',
      'device',
      `device "${device}" has a credential; "rotate ${device}" replaces it`,
    );
  const fresh = { ...secret.kept, created_at: now, rotated_at: null, revoked_at: null };
  await db
    .insertInto('credential')
    .values({ username: device, device, ...fresh })
    .onConflict((row) => row.column('username').doUpdateSet(fresh))
    .execute();
  return done({ username: device, password: secret.password });
}
