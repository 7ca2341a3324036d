import { join } from 'node:path';
import type { Clock, Instant } from '../../devices/index.ts';
import type { Outcome, Problem } from '../registry/outcome.ts';
import { openState, STATE_FILE, type State } from '../state/state.ts';

/** What a command sees of the world, so that a test can be the world. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Writes one line to standard output: results only, so that they can be piped. */
  readonly out: (line: string) => void;
  /** Writes one line to standard error: everything said to a person. */
  readonly say: (line: string) => void;
}

export const processWorld: World = {
  env: process.env,
  clock: Date.now,
  out: (line) => process.stdout.write(`${line}\n`),
  say: (line) => process.stderr.write(`${line}\n`),
};

/** Input that cannot work; the message names the argument and the fix. Ends the command with exit code 2. */
export class UsageError extends Error {}

/** Runs a command and turns what goes wrong into a sentence and an exit code (2: your input, 1: anything else). */
export async function runCommand(world: World, work: () => Promise<void>): Promise<number> {
  try {
    await work();
    return 0;
  } catch (error) {
    world.say(error instanceof Error ? error.message : String(error));
    return error instanceof UsageError || isParseArgsError(error) ? 2 : 1;
  }
}

function isParseArgsError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

/** Unwraps what the registry answered; `argument` gives its field the name it has on the command line. */
export function accepted<T>(outcome: Outcome<T>, argument: (field: Problem['field']) => string): T {
  if (outcome.ok) return outcome.value;
  const { field, message } = outcome.problem;
  throw new UsageError(`${argument(field)}: ${message}`);
}

/** Works on the data directory's state, whether the server runs or not. */
export async function withState<T>(dataDir: string, work: (state: State) => Promise<T>): Promise<T> {
  const state = await openState(join(dataDir, STATE_FILE));
  try {
    return await work(state);
  } finally {
    await state.close();
  }
}

/** Reads "2026-05-01T08:00:00Z" or "2026-05-01T08:00+08:00"; a time without its zone is refused, not guessed. */
export function parseTime(argument: string, text: string): Instant {
  const at = /T.*(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw new UsageError(
      `${argument}: "${text}" is not a time; write it with its zone, like 2026-05-01T08:00:00Z`,
    );
  return at;
}
