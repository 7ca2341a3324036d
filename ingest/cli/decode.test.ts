import { expect, test } from 'vitest';
import { decodeCommand } from './decode.ts';

async function run(payload: string, ...args: string[]) {
  const out: string[] = [];
  const said: string[] = [];
  const world = {
    env: {},
    clock: () => 1_790_000_000_000,
    out: (line: string) => out.push(line),
    say: (line: string) => said.push(line),
  };
  const code = await decodeCommand(args, world, async () => Buffer.from(payload));
  return { code, said: said.join('\n'), result: out.length === 0 ? undefined : JSON.parse(out.join('\n')) };
}

test('a native message is printed as readings and refusals', async () => {
  const { code, result } = await run(
    '{"air_temperature":4.2,"co2":"x"}',
    '--topic',
    'greenlane/home/probe-1/up',
  );
  expect(code).toBe(0);
  expect(result).toMatchObject({
    readings: [
      { device: 'probe-1', channel: 'main', quantity: 'air_temperature', value: 4.2, clock: 'server' },
    ],
    refusals: [{ reason: 'not_a_number', field: 'co2' }],
  });
});

test('a ChirpStack frame of a named model is decoded by our decoder', async () => {
  const uplink = JSON.stringify({
    deduplicationId: 'x',
    time: '2026-09-21T10:00:00Z',
    deviceInfo: { devEui: '1000000000000001' },
    fCnt: 4,
    fPort: 85,
    data: 'AXVkA2cZAQRocwV/8AA=',
  });
  const { result } = await run(
    uplink,
    '--topic',
    'application/a/device/1000000000000001/event/up',
    '--model',
    'milesight/em500-smtc',
  );
  expect(result.readings).toEqual(
    expect.arrayContaining([expect.objectContaining({ quantity: 'soil_temperature', value: 28.1 })]),
  );
});

test.each([
  [[], /--topic: say the topic/],
  [
    ['--topic', 'greenlane/a/b/up', '--model', 'acme/x'],
    /--model: "acme\/x" is not a model; known are .*milesight\/em500-smtc/,
  ],
])('with %j ends with code 2 and says what is missing', async (args, sentence) => {
  const { code, said } = await run('{}', ...args);
  expect(code).toBe(2);
  expect(said).toMatch(sentence);
});
