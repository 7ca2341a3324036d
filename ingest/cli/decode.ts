/** `npm run decode -- --topic T [--model M] < payload`: what a message means, before a sensor is mounted. */
import { buffer } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { decodeMessage } from '../../devices/index.ts';
import { processWorld, runCommand, UsageError, type World } from './command.ts';

export function decodeCommand(
  args: readonly string[],
  world: World,
  payload: () => Promise<Buffer>,
): Promise<number> {
  return runCommand(world, async () => {
    const { values } = parseArgs({
      args: [...args],
      options: { topic: { type: 'string' }, hex: { type: 'boolean', default: false } },
    });
    const { topic, hex } = values;
    if (topic === undefined) throw new UsageError('--topic: say the topic, like greenlane/home/probe-1/up');
    const given = await payload();
    const bytes = hex ? Buffer.from(given.toString('utf8').replace(/\s+/g, ''), 'hex') : given;
    const decoded = decodeMessage({ topic, payload: bytes, receivedAt: world.clock() });
    world.out(JSON.stringify(decoded, null, 2));
  });
}

if (import.meta.main) {
  process.exitCode = await decodeCommand(process.argv.slice(2), processWorld, () => buffer(process.stdin));
}
