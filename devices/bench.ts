/** How fast one core decodes: `node devices/bench.ts` prints a table, `npm run bench` takes the rows. */
import { decodeMessage } from './decode.ts';
import type { Message } from './model.ts';

export interface BenchRow {
  readonly name: string;
  readonly messagesPerSecond: number;
}

/** Reads a clock in milliseconds that only goes forward. */
export type Stopwatch = () => number;

const RECEIVED_AT = Date.UTC(2026, 8, 21);

/** How long each row is measured: long enough for the compiler to settle, short enough for forty rows. */
const RUN_MS = 1_000;

const utf8 = new TextEncoder();

/** Measures every row, one after the other, on the calling thread. */
export function benchDecode(now: Stopwatch, report: (row: BenchRow) => void = () => {}): readonly BenchRow[] {
  return cases().map(({ name, messages, decode }) => {
    const row = { name, messagesPerSecond: Math.round(rate(messages, decode, now)) };
    report(row);
    return row;
  });
}

interface Case {
  readonly name: string;
  readonly messages: readonly Message[];
  readonly decode: (message: Message) => { readonly readings: readonly unknown[] };
}

function cases(): readonly Case[] {
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
  benchDecode(
    () => performance.now(),
    ({ name, messagesPerSecond }) =>
      console.log(`${name.padEnd(50)} ${messagesPerSecond.toLocaleString('en')} messages/s`),
  );
}
