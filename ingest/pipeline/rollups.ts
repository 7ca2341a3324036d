/**
 * Keeps the hourly rollups up to date: an hour is computed soon after its readings came, again when late ones come,
 * and every few minutes while it is still running.
 */
import { type Clock, type Duration, HOUR, type Instant, MINUTE, SECOND } from '../../devices/index.ts';
import type { State } from '../state/state.ts';
import { type Measurement, measurements, type Store } from '../store/index.ts';

/** How often due hours are looked for. */
const ROUND_MS: Duration = 5 * SECOND;
/** An hour that is still running is computed again at most this often. */
const RUNNING_MS: Duration = 5 * MINUTE;
/** Hours computed in one round, so that a long import does not keep readings waiting. */
const HOURS_PER_ROUND = 500;

export interface RollupOptions {
  readonly state: State;
  readonly store: Store;
  readonly clock: Clock;
}

interface Due {
  readonly measurement: Measurement;
  readonly hour: Instant;
  readonly dueAt: Instant;
}

export class RollupKeeper {
  readonly #options: RollupOptions;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: RollupOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setTimeout(() => {
      this.#round = this.runDue().then(
        () => this.#again(),
        // The disk is full or the state is locked: the rows are still due.
        () => this.#again(),
      );
    }, ROUND_MS);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  /** Computes what is due now. */
  async runDue(): Promise<void> {
    const { state, store, clock } = this.#options;
    const rows = await state.db
      .selectFrom('rollup_due')
      .selectAll()
      .where('due_at', '<=', clock())
      .orderBy('hour', 'desc')
      .limit(HOURS_PER_ROUND)
      .execute();
    for (const row of rows) {
      const measurement = measurements.find((name) => name === row.measurement);
      if (this.#stopped || measurement === undefined) continue;
      const outcome = await store.rollup(measurement, row.hour);
      // A store that is away fails the readings too, and says so there; the rows stay due.
      if (outcome.kind === 'kept') return;
      await this.#done({ measurement, hour: row.hour, dueAt: row.due_at });
    }
  }

  /** Forgets the hour, unless readings came for it meanwhile; an hour that still runs is due again later. */
  async #done({ measurement, hour, dueAt }: Due): Promise<void> {
    const { state, clock } = this.#options;
    await state.transaction(async (trx) => {
      const unchanged = trx
        .selectFrom('rollup_due')
        .select('hour')
        .where('measurement', '=', measurement)
        .where('hour', '=', hour)
        .where('due_at', '=', dueAt);
      if ((await unchanged.executeTakeFirst()) === undefined) return;
      if (clock() < hour + HOUR) {
        await trx
          .updateTable('rollup_due')
          .set({ due_at: clock() + RUNNING_MS })
          .where('measurement', '=', measurement)
          .where('hour', '=', hour)
          .execute();
      } else {
        await trx
          .deleteFrom('rollup_due')
          .where('measurement', '=', measurement)
          .where('hour', '=', hour)
          .execute();
      }
    });
  }

  #again(): void {
    if (!this.#stopped) this.start();
  }
}
