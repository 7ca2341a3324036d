/**
 * The journal's own thread: it commits groups, one transaction each, and prunes what is stored and old. While it waits
 * for the disk, the broker's thread goes on taking messages into the next group.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { BroadcastChannel, parentPort, workerData } from 'node:worker_threads';
import { ANNOUNCE_CHANNEL, openForWriting, readStoredMark } from './file.ts';
import type { CommitRequest, JournalOptions, WriterMessage } from './journal.ts';

/** A disk that was full is asked again this often: soon enough that devices notice no more than a pause. */
const RETRY_MS = 250;
/** Pruning and figures: a journal at its limit waits at most this long for space after ingest moved on. */
const TEND_MS = 1_000;
/** Groups deleted in one transaction, so that a commit never waits long behind pruning. */
const PRUNE_GROUPS = 100;
/** Pruning for space stops here, so that the next group does not prune again at once. */
const LOW_WATER = 0.9;

interface Statements {
  readonly insert: StatementSync;
  readonly oldest: StatementSync;
  readonly deleteUpTo: StatementSync;
  readonly waiting: StatementSync;
}

function prepare(db: DatabaseSync): Statements {
  return {
    insert: db.prepare(
      'INSERT INTO message_group (received_from, received_to, messages, bytes, body) VALUES (?, ?, ?, ?, ?)',
    ),
    oldest: db.prepare('SELECT id, bytes, received_to FROM message_group WHERE id <= ? ORDER BY id LIMIT ?'),
    deleteUpTo: db.prepare('DELETE FROM message_group WHERE id <= ?'),
    waiting: db.prepare(
      'SELECT count(*) AS groups, coalesce(sum(messages), 0) AS messages, min(received_from) AS oldest FROM message_group WHERE id > ?',
    ),
  };
}

function run(port: NonNullable<typeof parentPort>, options: JournalOptions): void {
  const db = openForWriting(options.dataDir);
  const statements = prepare(db);
  const announce = new BroadcastChannel(ANNOUNCE_CHANNEL);
  const queue: CommitRequest[] = [];
  let bytes = Number(
    db.prepare('SELECT coalesce(sum(bytes), 0) AS bytes FROM message_group').get()?.bytes ?? 0,
  );
  let retry: NodeJS.Timeout | undefined;

  const say = (message: WriterMessage): void => port.postMessage(message);

  /** Deletes stored groups, oldest first, while `wanted` says so of the oldest. */
  const prune = (wanted: (receivedTo: number) => boolean): void => {
    const mark = readStoredMark(options.dataDir);
    for (;;) {
      let upTo = 0;
      let freed = 0;
      for (const row of statements.oldest.all(mark, PRUNE_GROUPS)) {
        if (!wanted(Number(row.received_to)) && !(bytes - freed > options.maxBytes * LOW_WATER)) break;
        upTo = Number(row.id);
        freed += Number(row.bytes);
      }
      if (upTo === 0) return;
      statements.deleteUpTo.run(upTo);
      bytes -= freed;
    }
  };

  const commit = (request: CommitRequest): WriterMessage => {
    const size = request.body.byteLength;
    if (bytes + size > options.maxBytes) prune(() => false);
    if (bytes + size > options.maxBytes) {
      return {
        kind: 'failing',
        because: 'journal_full',
        message: `journal.max_size of ${options.maxBytes} bytes reached`,
      };
    }
    try {
      const { receivedFrom, receivedTo, messages, body } = request;
      const result = statements.insert.run(receivedFrom, receivedTo, messages, size, body);
      bytes += size;
      return { kind: 'committed', group: Number(result.lastInsertRowid) };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { kind: 'failing', because: /full/i.test(message) ? 'disk_full' : 'disk_error', message };
    }
  };

  const drain = (): void => {
    retry = undefined;
    for (let request = queue[0]; request !== undefined; request = queue[0]) {
      const outcome = commit(request);
      say(outcome);
      if (outcome.kind === 'failing') {
        retry = setTimeout(drain, RETRY_MS);
        return;
      }
      queue.shift();
      announce.postMessage(null);
    }
  };

  const tend = (): void => {
    try {
      const keepAfter = Date.now() - options.keep;
      prune((receivedTo) => receivedTo < keepAfter);
      const waiting = statements.waiting.get(readStoredMark(options.dataDir));
      const oldest = waiting?.oldest;
      say({
        kind: 'figures',
        bytes,
        groupsWaiting: Number(waiting?.groups ?? 0),
        messagesWaiting: Number(waiting?.messages ?? 0),
        ...(typeof oldest === 'number' ? { oldestReceivedAt: oldest } : {}),
      });
    } catch {
      // A full disk fails pruning too; the next commit reports it, and the next round tries again.
    }
  };

  port.on('message', (request: CommitRequest | 'close') => {
    if (request === 'close') {
      clearInterval(timer);
      clearTimeout(retry);
      announce.close();
      db.close();
      port.close();
      return;
    }
    queue.push(request);
    if (retry === undefined) drain();
  });
  const timer = setInterval(tend, TEND_MS);
  tend();
  say({ kind: 'ready' });
}

if (parentPort !== null) run(parentPort, workerData);
