import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { openState, STATE_FILE, type State } from './state.ts';

/** Gives each test directories and states of its own, and clears them away after it. */
export function temporaryStates(): {
  readonly dir: () => string;
  readonly open: (dir?: string) => Promise<State>;
} {
  const dirs: string[] = [];
  const states: State[] = [];
  afterEach(async () => {
    for (const state of states.splice(0)) await state.close();
    for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
  });
  const make = () => {
    const dir = mkdtempSync(join(tmpdir(), 'greenlane-state-'));
    dirs.push(dir);
    return dir;
  };
  return {
    dir: make,
    open: async (dir = make()) => {
      const state = await openState(join(dir, STATE_FILE));
      states.push(state);
      return state;
    },
  };
}
