import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { Kysely, type Transaction } from 'kysely';
import { Migrator } from 'kysely/migration';
import { migrations } from './migrations/index.ts';
import type { Database } from './schema.ts';
import { openSqlite, sqliteDialect } from './sqlite.ts';

/** The open state database. Several processes and threads may each have their own. */
export interface State {
  /** The data directory it lies in. */
  readonly dir: string;
  readonly db: Kysely<Database>;
  /**
   * The same connection without Kysely, for prepared statements on hot paths. Reading is always fine; write only
   * inside `write`, or the statement may land in somebody else's open transaction.
   */
  readonly raw: DatabaseSync;
  /** Runs `work` in one transaction that holds the write lock from its start; an exception rolls back. */
  readonly transaction: <T>(work: (trx: Transaction<Database>) => Promise<T>) => Promise<T>;
  /** The same for synchronous work on prepared statements; waits its turn behind Kysely's transactions. */
  readonly write: <T>(work: (raw: DatabaseSync) => T) => Promise<T>;
  /** Reads several things as of one moment. */
  readonly snapshot: <T>(work: (trx: Transaction<Database>) => Promise<T>) => Promise<T>;
  /** The registry's revision: one indexed read, cheap enough to ask before every batch. */
  readonly revision: () => number;
  readonly close: () => Promise<void>;
}

/** Name of the state database inside the data directory. */
export const STATE_FILE = 'state.db';

/**
 * Opens (and if needed creates) the state database and brings its tables up to date.
 * @throws when the file is no database, or was written by a newer version
 */
export async function openState(path: string): Promise<State> {
  const dir = dirname(resolve(path));
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const raw = openSqlite(path);
  const db = new Kysely<Database>({ dialect: sqliteDialect(raw) });
  try {
    await migrate(db, path);
  } catch (error) {
    raw.close();
    throw error;
  }
  const readRevision = raw.prepare('select revision from registry_revision where id = 1');
  return {
    dir,
    db,
    raw,
    transaction: (work) => db.transaction().execute(work),
    write: (work) => db.connection().execute(async () => immediately(raw, work)),
    snapshot: (work) => db.transaction().setAccessMode('read only').execute(work),
    revision: () => Number(readRevision.get()?.revision),
    close: async () => {
      // Kysely's mutex lets a transaction that is under way finish first.
      await db.connection().execute(async () => raw.close());
    },
  };
}

/** Holding the write lock from the first statement, two processes that start on an empty directory take turns. */
async function migrate(db: Kysely<Database>, path: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const migrator = new Migrator({ db: trx, provider: { getMigrations: async () => ({ ...migrations }) } });
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw new Error(migrationProblem(path, error), { cause: error });
  });
}

function migrationProblem(path: string, error: unknown): string {
  const words = error instanceof Error ? error.message : String(error);
  const newer = /previously executed migration (\S+) is missing/.exec(words);
  return newer === null
    ? `cannot bring the tables of ${path} up to date: ${words}`
    : `${path} was written by a newer version of Greenlane (it knows "${newer[1]}"): install that version again`;
}

function immediately<T>(raw: DatabaseSync, work: (raw: DatabaseSync) => T): T {
  raw.exec('begin immediate');
  try {
    const result = work(raw);
    raw.exec('commit');
    return result;
  } catch (error) {
    // SQLite has already rolled back by itself after some errors (disk full); a second rollback would hide the first.
    if (raw.isTransaction) raw.exec('rollback');
    throw error;
  }
}
