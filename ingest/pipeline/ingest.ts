/**
 * The loop from the journal to the store: read groups, decode them, write the points, commit offset and state. Two
 * batches are under way: while the store writes one, the next is decoded; they are committed in order.
 */
import { type JournalGroup, JournalReader, writeStoredMark } from '../../broker/index.ts';
import type { Clock, Duration, Instant } from '../../devices/index.ts';
import { loadSnapshot } from '../registry/index.ts';
import type { State } from '../state/state.ts';
import type { KeptBecause, Store } from '../store/index.ts';
import { type Batch, BatchBuilder } from './batch.ts';
import { committer, restoreProgress } from './commit.ts';
import { RollupKeeper } from './rollups.ts';

export interface IngestOptions {
  readonly dataDir: string;
  readonly state: State;
  readonly store: Store;
  readonly storeKind: 'sqlite' | 'influx';
  readonly clock: Clock;
}

export interface IngestStatus {
  readonly readingsTotal: number;
  readonly refusalsTotal: number;
  /** Age of the oldest message that is acknowledged but not stored yet. */
  readonly lagMs: Duration;
  readonly state: 'ok' | 'waiting';
  readonly because?: KeptBecause | 'state';
  readonly message?: string;
  readonly store: 'sqlite' | 'influx';
}

/** Groups and bytes in one store request: at full load about 20,000 points (measured: more gains nothing). */
const GROUPS_PER_BATCH = 16;
const BYTES_PER_BATCH = 2 * 1024 * 1024;
/** One being written, one being decoded. */
const BATCHES_UNDER_WAY = 2;
const RETRY_FIRST_MS: Duration = 100;
/** A store that came back is noticed within this. */
const RETRY_MOST_MS: Duration = 5_000;
/** The registry is asked at most this often whether it changed. */
const REGISTRY_CHECK_MS: Duration = 200;
/** The journal prunes once a second, so its mark need not be fresher. */
const MARK_MS: Duration = 500;

interface UnderWay {
  readonly batch: Batch;
  /** Comes back when the store has it, or false when the loop is stopping. */
  readonly stored: Promise<Stored | false>;
}

interface Stored {
  readonly rejected: readonly { readonly index: number; readonly message: string }[];
}

export class Ingest {
  readonly #options: IngestOptions;
  readonly #reader: JournalReader;
  readonly #rollups: RollupKeeper;
  readonly #underWay: UnderWay[] = [];
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #readings = 0;
  #refusals = 0;
  #trouble: Pick<IngestStatus, 'because' | 'message'> | undefined;
  #registryCheckedAt: Instant = 0;
  #revision = -1;
  #markedAt: Instant = 0;

  constructor(options: IngestOptions) {
    this.#options = options;
    this.#reader = new JournalReader(options.dataDir);
    this.#rollups = new RollupKeeper(options);
  }

  start(): void {
    this.#running = this.#run();
    this.#rollups.start();
  }

  status(): IngestStatus {
    const oldest = this.#underWay[0]?.batch.oldestReceivedAt;
    return {
      readingsTotal: this.#readings,
      refusalsTotal: this.#refusals,
      lagMs: oldest === undefined ? 0 : Math.max(0, this.#options.clock() - oldest),
      state: this.#trouble === undefined ? 'ok' : 'waiting',
      ...this.#trouble,
      store: this.#options.storeKind,
    };
  }

  /** Ends after what is under way; what was not committed is read again at the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#rollups.stop();
    await this.#running;
    this.#reader.close();
  }

  async #run(): Promise<void> {
    const { state } = this.#options;
    const restored = await restoreProgress(state);
    const registry = await loadSnapshot(state);
    this.#revision = registry.revision;
    const builder = new BatchBuilder(registry);
    builder.restore(restored);
    const commit = committer(state, restored.latestSeq);
    let group = restored.group;
    while (!this.#stopping.signal.aborted) {
      if (this.#registryChanged()) {
        const changed = await loadSnapshot(state);
        this.#revision = changed.revision;
        builder.useRegistry(changed);
      }
      const groups = this.#reader.read(group, GROUPS_PER_BATCH, BYTES_PER_BATCH);
      const last = groups.at(-1);
      if (last !== undefined) {
        group = last.id;
        this.#send(builder, groups);
      }
      if (last === undefined && this.#underWay.length === 0) await this.#reader.waitForMore();
      else if (last === undefined || this.#underWay.length >= BATCHES_UNDER_WAY)
        await this.#commitOldest(commit);
    }
    while (this.#underWay.length > 0) await this.#commitOldest(commit);
  }

  #registryChanged(): boolean {
    const { clock, state } = this.#options;
    const now = clock();
    if (Math.abs(now - this.#registryCheckedAt) < REGISTRY_CHECK_MS) return false;
    this.#registryCheckedAt = now;
    return state.revision() !== this.#revision;
  }

  #send(builder: BatchBuilder, groups: readonly JournalGroup[]): void {
    const batch = builder.build(groups);
    // Two writes under way have no order between them, and a later value must win.
    const before = batch.mayOverwrite ? this.#underWay.at(-1)?.stored : undefined;
    this.#underWay.push({ batch, stored: this.#write(batch, before) });
  }

  /** Writes until the store has it: every other answer keeps the batch. */
  async #write(batch: Batch, before: Promise<unknown> | undefined): Promise<Stored | false> {
    if (batch.points.at.length === 0) return { rejected: [] };
    await before;
    let delayMs = RETRY_FIRST_MS;
    for (;;) {
      const outcome = await this.#options.store.write(batch.points);
      if (outcome.kind === 'stored') {
        this.#trouble = undefined;
        return outcome;
      }
      this.#trouble = { because: outcome.because, message: outcome.message };
      if (outcome.because === 'missing') await this.#options.store.prepare();
      if (!(await this.#pause(outcome.retryAfter ?? delayMs))) return false;
      delayMs = Math.min(RETRY_MOST_MS, delayMs * 2);
    }
  }

  async #commitOldest(commit: (batch: Batch, now: Instant) => Promise<void>): Promise<void> {
    const oldest = this.#underWay[0];
    if (oldest === undefined) return;
    const stored = await oldest.stored;
    if (stored === false) {
      // Nothing behind it may be committed either: the offset moves in order.
      this.#underWay.length = 0;
      return;
    }
    const batch = withRejected(oldest.batch, stored.rejected);
    const { clock, dataDir } = this.#options;
    for (let delayMs = RETRY_FIRST_MS; ; delayMs = Math.min(RETRY_MOST_MS, delayMs * 2)) {
      try {
        await commit(batch, clock());
        break;
      } catch (error) {
        // The state's disk is full or gone. The points are stored; writing them again changes nothing.
        this.#trouble = { because: 'state', message: error instanceof Error ? error.message : String(error) };
        if (!(await this.#pause(delayMs))) {
          this.#underWay.length = 0;
          return;
        }
      }
    }
    this.#underWay.shift();
    if (this.#trouble?.because === 'state') this.#trouble = undefined;
    this.#readings += batch.points.at.length - stored.rejected.length;
    for (const times of batch.refusalCounts.values()) this.#refusals += times;
    this.#mark(dataDir, batch.lastGroup, clock());
  }

  #mark(dataDir: string, group: number, now: Instant): void {
    if (this.#underWay.length > 0 && Math.abs(now - this.#markedAt) < MARK_MS) return;
    this.#markedAt = now;
    try {
      writeStoredMark(dataDir, group);
    } catch {
      // A full disk; the mark only lets the journal prune, and the next batch writes it again.
    }
  }

  /** @returns false when the loop is stopping */
  async #pause(ms: Duration): Promise<boolean> {
    const { signal } = this.#stopping;
    if (signal.aborted) return false;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done);
    });
    return !signal.aborted;
  }
}

/** Points that the store will never take become refusals, with its own words. */
function withRejected(batch: Batch, rejected: Stored['rejected']): Batch {
  if (rejected.length === 0) return batch;
  const counts = new Map(batch.refusalCounts);
  const rows = [...batch.refusals];
  for (const { index, message } of rejected) {
    const series = batch.points.series[index];
    const measuredAt = batch.points.at[index];
    if (series === undefined || measuredAt === undefined) continue;
    const { device, channel, field, site } = series;
    const key = `${device} store_rejected`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    if (rows.length - batch.refusals.length >= REJECTED_ROWS) continue;
    rows.push({
      reason: 'store_rejected',
      device,
      channel,
      field,
      expected: message,
      received: String(batch.points.value[index]),
      measuredAt,
      at: measuredAt,
      site,
      topic: '',
      raw: new Uint8Array(),
      rawBytes: 0,
    });
  }
  return { ...batch, refusals: rows, refusalCounts: counts };
}

/** Rows per batch for points the store rejected; all of them are counted. */
const REJECTED_ROWS = 50;
