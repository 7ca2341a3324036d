import { generate } from 'mqtt-packet';
import type { Instant } from '../../devices/index.ts';

/**
 * Builds the payload of one message; called once per slot of a connection's window, not once per message: afterwards
 * only the digits of `seq` and `nowMs` are overwritten. So both must appear in the payload as JSON numbers, at most
 * once each; one that does not appear is not patched.
 */
export type PayloadOf = (seq: number, deviceIndex: number, nowMs: Instant) => string;

/** Ten digits count to ten billion messages per device. A smaller number is padded with spaces on its left. */
const SEQ_WIDTH = 10;
const SEQ_MARK = 8_123_456_709;

/** Thirteen digits hold every millisecond from 2001-09-09 to 2286-11-20. */
const TS_WIDTH = 13;
const TS_MARK = 1_987_654_321_098;

/** One pre-encoded QoS 1 PUBLISH packet and where in it the changing digits are; -1 where there are none. */
export interface PublishTemplate {
  readonly bytes: Buffer;
  readonly seqAt: number;
  readonly tsAt: number;
}

/**
 * @param packetId MQTT packet identifier, 1 to 65535
 * @throws Error when a number appears twice in the payload, because then it is unclear which one to patch
 */
export function publishTemplate(
  topic: string,
  packetId: number,
  payloadOf: PayloadOf,
  deviceIndex: number,
): PublishTemplate {
  const payload = payloadOf(SEQ_MARK, deviceIndex, TS_MARK);
  const bytes = generate({
    cmd: 'publish',
    topic,
    payload,
    qos: 1,
    dup: false,
    retain: false,
    messageId: packetId,
  });
  const payloadStart = bytes.length - Buffer.byteLength(payload);
  const seqAt = placeOf(bytes, payloadStart, String(SEQ_MARK), 'seq');
  const tsAt = placeOf(bytes, payloadStart, String(TS_MARK), 'nowMs');
  return { bytes, seqAt, tsAt };
}

function placeOf(bytes: Buffer, from: number, mark: string, name: string): number {
  const at = bytes.indexOf(mark, from, 'latin1');
  if (at >= 0 && bytes.indexOf(mark, at + 1, 'latin1') >= 0)
    throw new Error(`payloadOf wrote ${name} twice into one payload; it can be patched in one place only`);
  return at;
}

const ZERO = 48;
const SPACE = 32;

/** Overwrites the ten bytes at `at` with `seq`, right-aligned; JSON allows the spaces before a number. */
export function patchSeq(bytes: Buffer, at: number, seq: number): void {
  let rest = seq;
  let place = at + SEQ_WIDTH - 1;
  do {
    const tenth = Math.floor(rest / 10);
    bytes[place] = ZERO + (rest - tenth * 10);
    rest = tenth;
    place -= 1;
  } while (rest > 0 && place >= at);
  // Behind other digits the number goes on with them (`179` + seq is a time that never repeats).
  const fill = isDigit(bytes[at - 1]) ? ZERO : SPACE;
  while (place >= at) {
    bytes[place] = fill;
    place -= 1;
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= ZERO + 9;
}

/** Overwrites the thirteen bytes at `at` with the digits of `ts`. */
export function patchTs(bytes: Buffer, at: number, ts: Instant): void {
  // Two halves fit into 32-bit integers, which divide several times faster than doubles.
  const high = Math.floor(ts / 10_000_000);
  patchDigits(bytes, at, 6, high);
  patchDigits(bytes, at + 6, TS_WIDTH - 6, ts - high * 10_000_000);
}

function patchDigits(bytes: Buffer, at: number, width: number, value: number): void {
  let rest = value | 0;
  for (let place = at + width - 1; place >= at; place -= 1) {
    const tenth = (rest / 10) | 0;
    bytes[place] = ZERO + (rest - tenth * 10);
    rest = tenth;
  }
}
