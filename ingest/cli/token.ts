/** `npm run -s token`: prints an API token, and nothing else. Whoever can read the data directory may have one. */
import { parseArgs } from 'node:util';
import { addToken } from '../registry/tokens.ts';
import { accepted, processWorld, runCommand, type World, withState } from './command.ts';
import { settings } from './settings.ts';

export function tokenCommand(args: readonly string[], world: World): Promise<number> {
  return runCommand(world, async () => {
    const { values } = parseArgs({
      args: [...args],
      options: { name: { type: 'string', default: 'shell' } },
    });
    const outcome = await withState(settings(world).data, (state) =>
      addToken(state, values.name, world.clock()),
    );
    world.out(accepted(outcome, (field) => `--${field}`).token);
  });
}

if (import.meta.main) process.exitCode = await tokenCommand(process.argv.slice(2), processWorld);
