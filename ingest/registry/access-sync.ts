import {
  chownSync,
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { ACCESS_FILE, type AccessEntry, formatAccess, KDF } from '../../broker/index.ts';
import type { Database } from '../state/schema.ts';
import type { State } from '../state/state.ts';

/**
 * Brings the access file up to the database; safe to repeat, and writes only what differs. It holds the database's
 * write lock meanwhile, so of two processes the one that reads later also writes later and no credential is lost.
 */
export async function syncAccessFile(state: State): Promise<void> {
  await state.transaction(async (trx) => {
    const text = formatAccess(await validCredentials(trx));
    const path = join(state.dir, ACCESS_FILE);
    if (readIfThere(path) !== text) replaceFile(path, state.dir, text);
  });
}

async function validCredentials(db: Kysely<Database>): Promise<readonly AccessEntry[]> {
  const rows = await db
    .selectFrom('credential')
    .innerJoin('device', 'device.id', 'credential.device')
    .select(['username', 'device.site', 'device', 'kdf', 'salt', 'hash'])
    .where('kdf', '=', KDF)
    .where('revoked_at', 'is', null)
    .where('device.retired_at', 'is', null)
    .orderBy('username')
    .execute();
  return rows.map((row) => ({ ...row, kdf: KDF }));
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Written beside and renamed, so that a reader sees the old list or the new one and never half of it. */
function replaceFile(path: string, dir: string, text: string): void {
  const draft = `${path}.${process.pid}.tmp`;
  const file = openSync(draft, 'w', 0o600);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  // Written by root for a service that runs as somebody else: it must be able to read its own list.
  if (process.getuid?.() === 0) {
    const { uid, gid } = statSync(dir);
    chownSync(draft, uid, gid);
  }
  renameSync(draft, path);
}
