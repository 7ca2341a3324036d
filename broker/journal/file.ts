/** The journal's file: one SQLite row per group (design decision 3). Only the writer thread writes to it. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export function journalPath(dataDir: string): string {
  return join(dataDir, 'journal.db');
}

/**
 * Larger pages than SQLite's 4 KB: a group is one blob of tens to hundreds of KB, and each of its pages costs a frame
 * header in the log and a link in the chain.
 */
const PAGE_BYTES = 16_384;

/** Pages in the log before they are copied to the main file: 32 MB, so that a copy's two fsyncs are rare. */
const CHECKPOINT_PAGES = 2_000;

/** A reader or a backup holds the lock for milliseconds; longer than this is a fault worth an error. */
const BUSY_TIMEOUT_MS = 5_000;

export function openForWriting(dataDir: string): DatabaseSync {
  // From the first statement on: after a crash a reader may be recovering the log at this very moment.
  const db = new DatabaseSync(journalPath(dataDir), { timeout: BUSY_TIMEOUT_MS });
  // synchronous=FULL makes COMMIT wait for the fsync of the log: that is the promise behind every PUBACK.
  db.exec(`
    PRAGMA page_size = ${PAGE_BYTES};
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
    CREATE TABLE IF NOT EXISTS message_group (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      received_from INTEGER NOT NULL,
      received_to INTEGER NOT NULL,
      messages INTEGER NOT NULL,
      bytes INTEGER NOT NULL,
      body BLOB NOT NULL
    ) STRICT;
  `);
  return db;
}

export function openForReading(dataDir: string): DatabaseSync {
  return new DatabaseSync(journalPath(dataDir), { readOnly: true, timeout: BUSY_TIMEOUT_MS });
}

/**
 * The number of the last group that is stored for good, left by ingest for the journal's pruning. A file, because the
 * two may be different processes; losing it only delays pruning.
 */
export function writeStoredMark(dataDir: string, group: number): void {
  const path = join(dataDir, 'journal.offset');
  writeFileSync(`${path}.new`, `${group}\n`);
  renameSync(`${path}.new`, path);
}

/** The mark, or 0 when there is none or it cannot be read as a number. */
export function readStoredMark(dataDir: string): number {
  try {
    const mark = Number(readFileSync(join(dataDir, 'journal.offset'), 'utf8'));
    return Number.isSafeInteger(mark) && mark > 0 ? mark : 0;
  } catch {
    return 0;
  }
}

/** Groups committed in this process are announced here, so that ingest need not poll. */
export const ANNOUNCE_CHANNEL = 'greenlane-journal';
