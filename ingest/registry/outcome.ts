import type { Transaction } from 'kysely';
import type { Database } from '../state/schema.ts';
import type { State } from '../state/state.ts';

/** Why the registry did not do what it was asked: the caller's input, not our bug. */
export interface Problem {
  /** `invalid`: can never work; `missing`: names something that is not there; `conflict`: clashes with what is. */
  readonly kind: 'invalid' | 'missing' | 'conflict';
  /** Which input it is about. */
  readonly field: string;
  /** A sentence that says what would have worked. */
  readonly message: string;
}

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem };

export function done<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

export function problem(kind: Problem['kind'], field: string, message: string): Outcome<never> {
  return { ok: false, problem: { kind, field, message } };
}

/** Carries a refused change out of the transaction, so that nothing of it stays. */
class Refused extends Error {
  readonly problem: Problem;
  constructor(refusal: Problem) {
    super(refusal.message);
    this.problem = refusal;
  }
}

/** Unwraps a step of a change; the whole change is undone when the step was refused. */
export function need<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new Refused(outcome.problem);
}

/** Runs a change of the registry in one transaction: all of it with a new revision, or nothing with a reason. */
export async function change<T>(
  state: State,
  work: (trx: Transaction<Database>) => Promise<T>,
): Promise<Outcome<T>> {
  try {
    return done(
      await state.transaction(async (trx) => {
        const value = await work(trx);
        await trx
          .updateTable('registry_revision')
          .set((row) => ({ revision: row('revision', '+', 1) }))
          .execute();
        return value;
      }),
    );
  } catch (error) {
    if (error instanceof Refused) return { ok: false, problem: error.problem };
    throw error;
  }
}
