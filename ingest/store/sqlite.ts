import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { checkBuckets, clipRange } from './questions.ts';
import { isStorageError, openReader, openWriter, sqliteFault } from './sqlite-file.ts';
import { readBuckets, readRaw } from './sqlite-read.ts';
import { type SqliteWriter, sqliteWriter } from './sqlite-write.ts';
import { type Store, StoreError, type WriteOutcome } from './store.ts';

export interface SqliteOptions {
  /** The database file; its folder is made when missing. */
  readonly path: string;
}

interface Open {
  readonly db: DatabaseSync;
  readonly writer: SqliteWriter;
  /** Made by the first question: a process that only writes needs none. */
  reader: DatabaseSync | undefined;
}

/**
 * The embedded store: one file, two connections. Several processes and threads may open the same file. Nothing is
 * opened before it is needed, and after an error of the disk it is opened again, so that a store that could not be
 * written comes back by itself.
 */
export function openSqliteStore({ path }: SqliteOptions): Store {
  let current: Open | undefined;
  let closed = false;

  const open = (): Open => {
    if (closed) throw new Error('this store is closed');
    if (current === undefined) {
      const db = openWriter(path);
      current = { db, writer: sqliteWriter(db), reader: undefined };
    }
    return current;
  };

  const shut = (): void => {
    const was = current;
    current = undefined;
    was?.reader?.close();
    was?.db.close();
  };

  const writing = (work: (writer: SqliteWriter) => WriteOutcome): WriteOutcome => {
    try {
      return work(open().writer);
    } catch (error) {
      if (!isStorageError(error)) throw error;
      const { because, message, reopen } = sqliteFault(error);
      if (reopen) shut();
      return { kind: 'kept', because, message: `${path}: ${message}` };
    }
  };

  const reading = <T>(work: (reader: DatabaseSync) => T): T => {
    try {
      const { reader } = open();
      if (reader !== undefined) return work(reader);
      const made = openReader(path);
      open().reader = made;
      return work(made);
    } catch (error) {
      throw asStoreError(error, path);
    }
  };

  return {
    prepare: async () => writing(() => ({ kind: 'stored', rejected: [] })),
    write: async (batch) => writing((writer) => writer.write(batch)),
    rollup: async (measurement, hour) =>
      writing((writer) => {
        writer.rollup(measurement, hour);
        return { kind: 'stored', rejected: [] };
      }),
    raw: async function* (filter) {
      const range = clipRange(filter);
      if (range === undefined) return;
      try {
        yield* reading((reader) => readRaw(reader, range));
      } catch (error) {
        throw asStoreError(error, path);
      }
    },
    buckets: async (filter, every, fn, source) => {
      const range = clipRange(filter);
      if (range === undefined) return [];
      checkBuckets(range, every, source);
      return reading((reader) => readBuckets(reader, range, every, fn, source));
    },
    forget: async (before) => {
      try {
        // Between two steps others get their turn: writes of this process, and the log's way into the file.
        for (const _ of open().writer.forget(before)) await nextTurn();
      } catch (error) {
        throw asStoreError(error, path);
      }
    },
    close: async () => {
      closed = true;
      shut();
    },
  };
}

function asStoreError(error: unknown, path: string): unknown {
  if (error instanceof StoreError || !isStorageError(error)) return error;
  const { because, message } = sqliteFault(error);
  return new StoreError(because, `${path}: ${message}`, error);
}
