import { beforeAll, describe, expect, it } from 'vitest';
import { CODEC_LIMITS, type CodecLimits, createSandbox, type Sandbox } from './codec.ts';
import { decodeMessage } from './decode.ts';
import type { Codec } from './formats/envelope.ts';

const receivedAt = Date.UTC(2026, 8, 21, 12);
const frame = { bytes: Uint8Array.of(0x00, 0x2a), fPort: 7 };
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await createSandbox();
});

function load(source: string, limits?: CodecLimits): Codec {
  const codec = sandbox.load(source, { offset: '1' }, limits);
  if ('refusal' in codec) throw new Error(codec.refusal.received);
  return codec;
}

const body = (code: string): string => `function decodeUplink(input) { ${code} }`;

describe('a codec', () => {
  it('gets bytes, port, variables and the time of receipt, and gives an object', () => {
    const codec = load(
      body(
        'return {data: {n: input.bytes[1], p: input.fPort, o: input.variables.offset, at: input.recvTime.getTime()}}',
      ),
    );
    expect(codec(frame, receivedAt)).toEqual({ object: { n: 42, p: 7, o: '1', at: receivedAt } });
  });

  it('sees the same clock, in UTC, whenever and wherever it runs', () => {
    const codec = load(
      body(
        'const d = new Date(); return {data: {now: Date.now(), h: d.getHours(), z: d.getTimezoneOffset(), l: new Date(2026, 0, 1).getTime()}}',
      ),
    );
    expect(codec(frame, receivedAt)).toEqual({
      object: { now: receivedAt, h: 12, z: 0, l: Date.UTC(2026, 0, 1) },
    });
  });

  it('remembers nothing from one frame to the next', () => {
    const codec = load(
      `let count = 0; ${body('count += 1; globalThis.x = (globalThis.x ?? 0) + 1; return {data: {count, x}}')}`,
    );
    expect(codec(frame, receivedAt)).toEqual({ object: { count: 1, x: 1 } });
    expect(codec(frame, receivedAt)).toEqual({ object: { count: 1, x: 1 } });
  });

  it.each([
    ['throws', 'throw new Error("no")', 'Error: no'],
    ['throws a text', 'throw "no"', 'no'],
    ['loops', 'for (;;);', 'interrupted'],
    ['recurses', 'return decodeUplink(input)', 'stack overflow'],
    ['backtracks for ever', 'return {data: {x: /^(a+)+$/.test("a".repeat(40) + "b")}}', 'interrupted'],
    ['fills the memory with texts', 'const s = []; for (;;) s.push("x".repeat(1e6))', 'out of memory'],
    ['fills the memory with objects', 'const s = []; for (;;) s.push({a: 1})', ''],
    ['asks for randomness', 'return {data: {x: Math.random()}}', 'same result'],
    ['asks for a module', 'return {data: {x: require("fs")}}', 'ReferenceError'],
    ['asks for the network', 'return {data: {x: fetch("http://localhost")}}', 'ReferenceError'],
    ['asks for the host', 'return {data: {x: process.env}}', 'ReferenceError'],
    ['returns nothing', '', ''],
    ['returns a number', 'return 4', ''],
    ['returns no data', 'return {}', ''],
    ['returns an array of data', 'return {data: [1]}', ''],
    ['reports an error', 'return {data: {x: 1}, errors: ["unknown port"]}', 'unknown port'],
    ['returns a circle', 'const a = {}; a.a = a; return {data: a}', 'circular'],
    ['returns 100,000 characters', 'return {data: {x: "x".repeat(1e5)}}', 'characters'],
  ])('that %s gives a refusal, and the next frame is decoded as before', (_, code, received) => {
    const good = load(body('return {data: {n: input.bytes[1]}}'));
    const outcome = load(body(code))(frame, receivedAt);
    expect(outcome).toMatchObject({ refusal: { reason: 'codec_failed' } });
    expect('refusal' in outcome && outcome.refusal.received).toContain(received);
    expect(good(frame, receivedAt)).toEqual({ object: { n: 42 } });
  });

  it.each([
    ['does not parse', 'function decodeUplink( {'],
    ['defines something else', 'function Decoder(bytes, port) { return {}; }'],
    ['loops while it is loaded', 'for (;;);'],
    ['is longer than half a megabyte', `//${'x'.repeat(600_000)}`],
  ])('that %s is refused when it is loaded', (_, source) => {
    expect(sandbox.load(source)).toMatchObject({ refusal: { reason: 'codec_failed' } });
  });

  it('is stopped by the same step on every run', () => {
    const limits = { ...CODEC_LIMITS, steps: 6 };
    const source = body('let n = 0; while (n < input.fPort * 1e4) n += 1; return {data: {n}}');
    expect(load(source, limits)({ ...frame, fPort: 2 }, receivedAt)).toEqual({ object: { n: 20_000 } });
    expect(load(source, limits)({ ...frame, fPort: 200 }, receivedAt)).toMatchObject({ refusal: {} });
  });
});

it('the fields of a codec become readings by the rules of the registry, in their unit; a text is refused', () => {
  const codec = load(body('return {data: {tempF: 39.2, "soil": {vwc: 21}, TempC_DS: "18.12 C"}}'));
  const payload = new TextEncoder().encode(
    JSON.stringify({ time: '2026-09-21T11:59:00Z', fCnt: 4, fPort: 2, data: 'AQI=', object: { tempF: 212 } }),
  );
  const topic = 'application/1/device/A840410000000001/event/up';
  const fields = [
    { path: 'tempF', quantity: 'air_temperature', unit: '[degF]' },
    { path: 'soil.vwc', quantity: 'soil_moisture', channel: 'depth-20' },
    { path: 'TempC_DS', quantity: 'soil_temperature' },
    { path: 'absent', quantity: 'co2' },
  ] as const;
  const { readings, refusals } = decodeMessage(
    { topic, payload, receivedAt },
    { codecOf: () => codec, fieldsOf: () => fields },
  );
  expect(readings).toMatchObject([
    { device: 'a840410000000001', channel: 'main', quantity: 'air_temperature', value: 4, clock: 'network' },
    { channel: 'depth-20', quantity: 'soil_moisture', value: 21 },
  ]);
  expect(refusals).toMatchObject([
    { reason: 'not_a_number', field: 'soil_temperature', received: '18.12 C' },
  ]);
});
