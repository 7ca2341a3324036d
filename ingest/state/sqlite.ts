import { chownSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
  type TransactionSettings,
} from 'kysely';

/**
 * The only file of the state that knows it is SQLite. PostgreSQL takes its place when a co-operative outgrows one box
 * (design decision 7).
 */

/** How long a writer waits for another process's transaction: each lasts milliseconds, a slow disk's fsync a second. */
const BUSY_TIMEOUT_MS = 5_000;

/** Opens the file for several processes at once. A commit is on disk when it returns (synchronous=FULL). */
export function openSqlite(path: string): DatabaseSync {
  const raw = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
  raw.exec('pragma journal_mode = wal');
  raw.exec('pragma synchronous = full');
  giveToDirectoryOwner(path);
  return raw;
}

/**
 * A command run by root on a service's data directory must not leave a file the service cannot open. SQLite gives its
 * -wal and -shm files the owner of the database by itself.
 */
function giveToDirectoryOwner(path: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(dirname(path));
  chownSync(path, uid, gid);
}

/** Kysely's SQLite dialect on `node:sqlite`. */
export function sqliteDialect(raw: DatabaseSync): Dialect {
  const base = new SqliteDialect({ database: asKyselyDatabase(raw) });
  return {
    createAdapter: () => new TransactionalAdapter(),
    createDriver: (): Driver => new ImmediateDriver({ database: asKyselyDatabase(raw) }),
    createIntrospector: (db) => base.createIntrospector(db),
    createQueryCompiler: () => base.createQueryCompiler(),
  };
}

/** SQLite does roll back CREATE TABLE; with this a migration is applied whole or not at all. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/**
 * Takes the write lock at the start of a transaction. A deferred transaction that reads first and writes later fails
 * at once when another process wrote in between, whatever the busy timeout says (SQLITE_BUSY_SNAPSHOT).
 */
class ImmediateDriver extends SqliteDriver {
  override async beginTransaction(
    connection: DatabaseConnection,
    settings?: TransactionSettings,
  ): Promise<void> {
    const mode = settings?.accessMode === 'read only' ? 'begin' : 'begin immediate';
    await connection.executeQuery(CompiledQuery.raw(mode));
  }
}

function asKyselyDatabase(raw: DatabaseSync): SqliteDatabase {
  return {
    close: () => raw.close(),
    prepare: (sql) => {
      const statement = raw.prepare(sql);
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...parameters.map(inputValue)),
        run: (parameters) => statement.run(...parameters.map(inputValue)),
        iterate: (parameters) => statement.iterate(...parameters.map(inputValue)),
      };
    },
  };
}

function inputValue(value: unknown): SQLInputValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint')
    return value;
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`a ${typeof value} cannot be bound to an SQL parameter`);
}
