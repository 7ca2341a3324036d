/**
 * The broker's side of the journal. Messages join the group that is forming; a group is committed by the writer thread
 * in one transaction, and only then are its callbacks called, in order. At most two groups are under way, so while one
 * is being synced the next one forms: under load groups grow, at rest a message waits for nothing but its own fsync.
 */
import { Worker } from 'node:worker_threads';
import type { Duration, Instant } from '../../devices/index.ts';
import { groupBuilder, type JournalRecord } from './record.ts';

export interface JournalOptions {
  readonly dataDir: string;
  /** Raw messages stay this long after they were stored. */
  readonly keep: Duration;
  /** At this size nothing more is acknowledged. */
  readonly maxBytes: number;
}

export interface CommitRequest {
  readonly receivedFrom: Instant;
  readonly receivedTo: Instant;
  readonly messages: number;
  readonly body: Uint8Array<ArrayBuffer>;
}

export type FailingBecause = 'journal_full' | 'disk_full' | 'disk_error';

export type WriterMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'committed'; readonly group: number }
  | { readonly kind: 'failing'; readonly because: FailingBecause; readonly message: string }
  | ({ readonly kind: 'figures' } & JournalFigures);

export interface JournalFigures {
  readonly bytes: number;
  readonly groupsWaiting: number;
  readonly messagesWaiting: number;
  readonly oldestReceivedAt?: Instant;
}

export interface JournalStatus extends JournalFigures {
  readonly maxBytes: number;
  readonly state: 'ok' | FailingBecause;
  readonly message?: string;
}

/** Called once: without an argument when the message is on disk, with an error when it will not be acknowledged. */
export type Appended = (error?: Error) => void;

/** Two: one being synced, one forming behind it (measured: a third adds latency and no throughput). */
const GROUPS_UNDER_WAY = 2;

/**
 * A message that could not be committed for this long fails, its connection closes and the device sends it again:
 * well below 1.5 x a keepalive of 20 s, after which a waiting client would be thrown out for its silence.
 */
const GIVE_UP_MS: Duration = 8_000;

interface Group {
  readonly callbacks: readonly Appended[];
  failed: boolean;
}

export class Journal {
  readonly #options: JournalOptions;
  readonly #builder = groupBuilder();
  readonly #underWay: Group[] = [];
  #worker: Worker | undefined;
  #callbacks: Appended[] = [];
  #receivedFrom: Instant = 0;
  #receivedTo: Instant = 0;
  #scheduled = false;
  #giveUp: NodeJS.Timeout | undefined;
  #status: JournalStatus;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#status = {
      state: 'ok',
      bytes: 0,
      maxBytes: options.maxBytes,
      groupsWaiting: 0,
      messagesWaiting: 0,
    };
  }

  /** Opens the file; fails when the data directory cannot be written. */
  async start(): Promise<void> {
    const worker = new Worker(new URL('./writer.ts', import.meta.url), { workerData: this.#options });
    this.#worker = worker;
    await new Promise<void>((resolve, reject) => {
      worker.once('error', reject);
      worker.on('message', (message: WriterMessage) => {
        if (message.kind === 'ready') {
          worker.off('error', reject);
          // Without its writer the journal cannot keep its promise: better a restart than a broker that never acks.
          worker.on('error', (error) => {
            throw error;
          });
          resolve();
        } else this.#heard(message);
      });
    });
  }

  /** Takes one message; `payload` is copied before this returns. */
  append(record: JournalRecord, done: Appended): void {
    if (this.#callbacks.length === 0) this.#receivedFrom = record.receivedAt;
    this.#receivedTo = record.receivedAt;
    const { sender, topic, payload, receivedAt, dup, kind } = record;
    this.#builder.add(sender, topic, payload, receivedAt, dup, kind);
    this.#callbacks.push(done);
    if (this.#scheduled || this.#underWay.length >= GROUPS_UNDER_WAY) return;
    this.#scheduled = true;
    // After the sockets that are readable in this turn have been read: their messages join the same group.
    setImmediate(this.#flush);
  }

  status(): JournalStatus {
    return this.#status;
  }

  /** Commits what has been taken, then closes the file. */
  async stop(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    clearTimeout(this.#giveUp);
    this.#flush();
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    worker.postMessage('close');
    await exited;
    this.#worker = undefined;
    for (const group of this.#underWay.splice(0)) fail(group, new Error('the broker is stopping'));
  }

  readonly #flush = (): void => {
    this.#scheduled = false;
    if (this.#callbacks.length === 0 || this.#worker === undefined) return;
    const callbacks = this.#callbacks;
    this.#callbacks = [];
    const body = this.#builder.take();
    const request: CommitRequest = {
      receivedFrom: this.#receivedFrom,
      receivedTo: this.#receivedTo,
      messages: callbacks.length,
      body,
    };
    this.#underWay.push({ callbacks, failed: false });
    this.#worker.postMessage(request, [body.buffer]);
  };

  #heard(message: Exclude<WriterMessage, { kind: 'ready' }>): void {
    if (message.kind === 'figures') {
      const { kind: _, ...figures } = message;
      const { state, maxBytes } = this.#status;
      const said = this.#status.message;
      this.#status = { ...figures, state, maxBytes, ...(said === undefined ? {} : { message: said }) };
    } else if (message.kind === 'failing') {
      this.#status = { ...this.#status, state: message.because, message: message.message };
      this.#giveUp ??= setTimeout(this.#giveUpNow, GIVE_UP_MS);
    } else {
      if (this.#status.state !== 'ok') {
        const { message: _, ...rest } = this.#status;
        this.#status = { ...rest, state: 'ok' };
      }
      clearTimeout(this.#giveUp);
      this.#giveUp = undefined;
      const group = this.#underWay.shift();
      if (group !== undefined && !group.failed) for (const done of group.callbacks) done();
      if (this.#callbacks.length > 0) this.#flush();
    }
  }

  /** The writer goes on trying; what it still stores was not acknowledged, and a resend is the same reading. */
  readonly #giveUpNow = (): void => {
    this.#giveUp = undefined;
    const error = new Error(this.#status.message ?? 'the journal cannot be written');
    for (const group of this.#underWay) fail(group, error);
    const waiting = this.#callbacks;
    this.#callbacks = [];
    this.#builder.take();
    for (const done of waiting) done(error);
  };
}

function fail(group: Group, error: Error): void {
  if (group.failed) return;
  group.failed = true;
  for (const done of group.callbacks) done(error);
}
