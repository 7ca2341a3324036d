/** How fast one core decodes: `node devices/bench.ts` prints a table, `npm run bench` takes the rows. */
import { Buffer } from 'node:buffer';
import { parseHex } from './bytes.ts';
import { createSandbox, type Sandbox } from './codec.ts';
import { decodeMessage } from './decode.ts';
import { examples } from './examples.ts';
import type { DecodeContext } from './formats/envelope.ts';
import { encodeSparkplug } from './formats/sparkplug-payload.ts';
import type { FieldRule } from './mapping.ts';
import type { Message, Model } from './model.ts';
import { models } from './models.ts';

export interface BenchRow {
  readonly name: string;
  readonly messagesPerSecond: number;
}

/** Reads a clock in milliseconds that only goes forward; the thread's CPU time on a machine that others use too. */
export type Stopwatch = () => number;

const RECEIVED_AT = Date.UTC(2026, 8, 21);

/** How long each row is measured: long enough for the compiler to settle, short enough for thirty rows. */
const RUN_MS = 500;

const utf8 = new TextEncoder();

type Report = (row: BenchRow) => void;

/** Measures every format and model, one after the other, on the calling thread. */
export function benchDecode(now: Stopwatch, report: Report = () => {}): readonly BenchRow[] {
  return [...ownCases(), ...models.flatMap(modelCase), ...foreignCases()].map((row) =>
    measure(row, now, report),
  );
}

/** Measures a user's codec of usual size in the sandbox. */
export function benchCodec(sandbox: Sandbox, now: Stopwatch, report: Report = () => {}): readonly BenchRow[] {
  const codec = sandbox.load(CODEC);
  if ('refusal' in codec) throw new Error(codec.refusal.received);
  const fieldsOf = (): readonly FieldRule[] => [{ path: 'temperature', quantity: 'air_temperature' }];
  const context: DecodeContext = { codecOf: () => codec, fieldsOf };
  const row = {
    name: 'codec in the sandbox, in ChirpStack',
    messages: chirpstackMessages('017564036719010468730401', 85),
    decode: (message: Message) => decodeMessage(message, context),
  };
  return [measure(row, now, report)];
}

function measure({ name, messages, decode }: Case, now: Stopwatch, report: Report): BenchRow {
  const row = { name, messagesPerSecond: Math.round(rate(messages, decode, now)) };
  report(row);
  return row;
}

interface Case {
  readonly name: string;
  readonly messages: readonly Message[];
  readonly decode: (message: Message) => { readonly readings: readonly unknown[] };
}

function ownCases(): readonly Case[] {
  const up = (body: (i: number) => unknown): readonly Message[] =>
    Array.from({ length: 1_000 }, (_, i) => ({
      topic: `greenlane/demo/device-${i}/up`,
      payload: utf8.encode(JSON.stringify(body(i))),
      receivedAt: RECEIVED_AT,
    }));
  const ts = (i: number): number => RECEIVED_AT - i * 1_000;
  return [
    {
      name: 'native, one quantity',
      messages: up((i) => ({ ts: ts(i), seq: i, air_temperature: i / 100 })),
      decode: decodeMessage,
    },
    {
      name: 'native, two quantities',
      messages: up((i) => ({ ts: ts(i), seq: i, air_temperature: i / 100, relative_humidity: 91.5 })),
      decode: decodeMessage,
    },
    {
      name: 'senml, two records',
      messages: up((i) => [
        { bn: 'urn:dev:mac:0024befffe804ff1:', bt: ts(i) / 1_000, n: 't', u: 'Cel', v: i / 100 },
        { n: 'rh', u: '%RH', v: 91.5 },
      ]),
      decode: decodeMessage,
    },
  ];
}

/** The first good frame of a model with a value, as ChirpStack delivers it. */
function modelCase(model: Model): readonly Case[] {
  const example = examples
    .get(model.id)
    ?.find(({ kind, measurements }) => kind === 'good' && measurements.length > 1);
  const any = example ?? examples.get(model.id)?.find(({ measurements }) => measurements.length > 0);
  if (any === undefined) return [];
  const context: DecodeContext = { modelOf: () => model.id };
  return [
    {
      name: `${model.id}, in ChirpStack`,
      messages: chirpstackMessages(any.bytes, any.fPort),
      decode: (message) => decodeMessage(message, context),
    },
  ];
}

/** Uplinks of the size that a network with two gateways delivers. */
function chirpstackMessages(hex: string, fPort: number): readonly Message[] {
  const data = Buffer.from(parseHex(hex) ?? []).toString('base64');
  const gateway = {
    gatewayId: '6a7e111a10000000',
    uplinkId: 3_912_445_712,
    rssi: -97,
    snr: 7.5,
    crcStatus: 'CRC_OK',
  };
  return Array.from({ length: 1_000 }, (_, fCnt) => {
    const devEui = `a84041${fCnt.toString(16).padStart(10, '0')}`;
    const body = {
      deduplicationId: '57433366-50a6-4dc2-8145-2df1bbc70d9e',
      time: new Date(RECEIVED_AT - fCnt * 1_000).toISOString(),
      deviceInfo: {
        tenantId: '52f14cd4-c6f1-4fbd-8f87-4025e1d49242',
        applicationId: 'ca739e26-7b67-4f14-b69e-d568c22a5a75',
        applicationName: 'farm',
        deviceProfileName: 'sensor',
        deviceName: `sensor ${fCnt}`,
        devEui,
        tags: {},
      },
      devAddr: '20000001',
      adr: true,
      dr: 5,
      fCnt,
      fPort,
      confirmed: false,
      data,
      rxInfo: [gateway, { ...gateway, rssi: -108, snr: -2 }],
      txInfo: {
        frequency: 868_500_000,
        modulation: { lora: { bandwidth: 125_000, spreadingFactor: 7, codeRate: 'CR_4_5' } },
      },
    };
    const topic = `application/ca739e26-7b67-4f14-b69e-d568c22a5a75/device/${devEui}/event/up`;
    return { topic, payload: utf8.encode(JSON.stringify(body)), receivedAt: RECEIVED_AT };
  });
}

function foreignCases(): readonly Case[] {
  const metrics = [
    { name: 'room-1/temperature', datatype: 9, floatValue: 4.2 },
    { name: 'room-1/humidity', datatype: 9, floatValue: 91.5 },
  ];
  const zigbee = { temperature: 22.75, linkquality: 97, humidity: 55.43, pressure: 1000.6, battery: 86 };
  const sparkplug = encodeSparkplug({ timestamp: RECEIVED_AT, seq: 3, metrics });
  const one = (topic: string, payload: Uint8Array): readonly Message[] =>
    Array.from({ length: 1_000 }, () => ({ topic, payload, receivedAt: RECEIVED_AT }));
  return [
    {
      name: 'zigbee2mqtt, four values',
      messages: one('zigbee2mqtt/cold room', utf8.encode(JSON.stringify(zigbee))),
      decode: decodeMessage,
    },
    {
      name: 'sparkplug, two metrics',
      messages: one('spBv1.0/pack/NDATA/edge', sparkplug),
      decode: decodeMessage,
    },
  ];
}

/** A codec as users write them, for frames of a Milesight sensor. */
const CODEC = `
function decodeUplink(input) {
  const bytes = input.bytes;
  const data = {};
  for (let i = 0; i < bytes.length;) {
    const channel = bytes[i++];
    const type = bytes[i++];
    if (channel === 0x01 && type === 0x75) data.battery = bytes[i++];
    else if (channel === 0x03 && type === 0x67) {
      const raw = bytes[i] | (bytes[i + 1] << 8);
      data.temperature = (raw > 0x7fff ? raw - 0x10000 : raw) / 10;
      i += 2;
    } else if (channel === 0x04 && type === 0x68) data.humidity = bytes[i++] / 2;
    else break;
  }
  return { data };
}`;

function rate(messages: readonly Message[], decode: Case['decode'], now: Stopwatch): number {
  const run = (forMs: number): number => {
    const start = now();
    let done = 0;
    let elapsed = 0;
    while (elapsed < forMs) {
      for (const message of messages) {
        if (decode(message).readings.length === 0) throw new Error('a bench message was refused');
      }
      done += messages.length;
      elapsed = now() - start;
    }
    return (done * 1_000) / elapsed;
  };
  run(RUN_MS / 4);
  return run(RUN_MS);
}

if (import.meta.main) {
  // The thread's own time: what one core does, also while others use the machine.
  const now: Stopwatch = () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1_000;
  };
  const print: Report = ({ name, messagesPerSecond }) =>
    console.log(`${name.padEnd(50)} ${messagesPerSecond.toLocaleString('en').padStart(10)} messages/s`);
  benchDecode(now, print);
  benchCodec(await createSandbox(), now, print);
}
