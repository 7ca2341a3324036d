/** `npm run decode -- --topic T [--model M] < payload`: what a message means, before a sensor is mounted. */
import { buffer } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { decodeMessage, findModel, models } from '../../devices/index.ts';
import { processWorld, runCommand, UsageError, type World } from './command.ts';

export function decodeCommand(
  args: readonly string[],
  world: World,
  payload: () => Promise<Buffer>,
): Promise<number> {
  return runCommand(world, async () => {
    const { values } = parseArgs({
      args: [...args],
      options: {
        topic: { type: 'string' },
        model: { type: 'string' },
        zone: { type: 'string' },
        hex: { type: 'boolean', default: false },
      },
    });
    const { topic, model: modelId, zone, hex } = values;
    if (topic === undefined) throw new UsageError('--topic: say the topic, like greenlane/home/probe-1/up');
    const model = modelId === undefined ? undefined : findModel(modelId);
    if (modelId !== undefined && model === undefined) {
      const known = models.map(({ id }) => id).join(', ');
      throw new UsageError(`--model: "${modelId}" is not a model; known are ${known}`);
    }
    const given = await payload();
    const bytes = hex ? Buffer.from(given.toString('utf8').replace(/\s+/g, ''), 'hex') : given;
    const message = { topic, payload: bytes, receivedAt: world.clock() };
    const decoded = decodeMessage(message, {
      ...(modelId === undefined ? {} : { modelOf: () => modelId }),
      ...(zone === undefined ? {} : { timeZoneOf: () => zone }),
    });
    world.out(JSON.stringify(decoded, null, 2));
  });
}

if (import.meta.main) {
  process.exitCode = await decodeCommand(process.argv.slice(2), processWorld, () => buffer(process.stdin));
}
