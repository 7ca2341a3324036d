/**
 * How messages lie in a journal group: one after the other, each with its length first, so that a reader never has to
 * guess where one ends.
 *
 * Sender and topic carry their length in 16 bits; the guard's limits (64 and 256 bytes) are far below.
 *
 *   u32 bytes after this field | u8 flags | f64 receivedAt | u16 sender bytes | u16 topic bytes | sender | topic | payload
 */
import type { Instant } from '../../devices/index.ts';

/** One message as it came through the door, or a note of something refused at it. */
export interface JournalRecord {
  /** Whose credential brought it: a device or a gateway; empty for a refusal before anybody was known. */
  readonly sender: string;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly receivedAt: Instant;
  /** The sender says this may be a second copy. */
  readonly dup: boolean;
  readonly kind: 'message' | 'refusal';
}

const DUP = 1;
const REFUSAL = 2;
const HEADER_BYTES = 4 + 1 + 8 + 2 + 2;

/** Fits the group that forms within one turn of the event loop at full load; it grows when a batch is larger. */
const INITIAL_BYTES = 256 * 1024;

export interface GroupBuilder {
  readonly add: (
    sender: string,
    topic: string,
    payload: Uint8Array,
    receivedAt: Instant,
    dup: boolean,
    kind: JournalRecord['kind'],
  ) => void;
  readonly count: () => number;
  readonly size: () => number;
  /** The bytes so far, for one use: the builder starts empty again on a buffer of its own. */
  readonly take: () => Uint8Array<ArrayBuffer>;
}

/** Collects records into the bytes of one group. */
export function groupBuilder(): GroupBuilder {
  let buffer = Buffer.from(new ArrayBuffer(INITIAL_BYTES));
  let used = 0;
  let count = 0;

  const ensure = (extra: number): void => {
    if (used + extra <= buffer.length) return;
    const larger = Buffer.from(new ArrayBuffer(Math.max(buffer.length * 2, used + extra)));
    buffer.copy(larger, 0, 0, used);
    buffer = larger;
  };

  return {
    add: (sender, topic, payload, receivedAt, dup, kind) => {
      // Three bytes are the most that UTF-8 needs for one UTF-16 unit.
      ensure(HEADER_BYTES + (sender.length + topic.length) * 3 + payload.length);
      const start = used;
      buffer[start + 4] = (dup ? DUP : 0) | (kind === 'refusal' ? REFUSAL : 0);
      buffer.writeDoubleLE(receivedAt, start + 5);
      let at = start + HEADER_BYTES;
      const senderBytes = buffer.write(sender, at, 'utf8');
      at += senderBytes;
      const topicBytes = buffer.write(topic, at, 'utf8');
      at += topicBytes;
      buffer.writeUInt16LE(senderBytes, start + 13);
      buffer.writeUInt16LE(topicBytes, start + 15);
      buffer.set(payload, at);
      at += payload.length;
      buffer.writeUInt32LE(at - start - 4, start);
      used = at;
      count += 1;
    },
    count: () => count,
    size: () => used,
    take: () => {
      const bytes = new Uint8Array(buffer.buffer, 0, used);
      buffer = Buffer.from(new ArrayBuffer(INITIAL_BYTES));
      used = 0;
      count = 0;
      return bytes;
    },
  };
}

/**
 * Takes a group apart. A group is written whole or not at all (one row, one transaction), so a length that does not
 * fit is damage to the file: an error of ours, not of a device.
 */
export function* groupRecords(group: Uint8Array): Generator<JournalRecord> {
  const bytes = Buffer.from(group.buffer, group.byteOffset, group.byteLength);
  let at = 0;
  while (at < bytes.length) {
    const end = at + 4 + (at + HEADER_BYTES <= bytes.length ? bytes.readUInt32LE(at) : 0);
    if (end < at + HEADER_BYTES || end > bytes.length) throw new Error(`journal group damaged at byte ${at}`);
    const flags = bytes[at + 4] ?? 0;
    const senderEnd = at + HEADER_BYTES + bytes.readUInt16LE(at + 13);
    const topicEnd = senderEnd + bytes.readUInt16LE(at + 15);
    if (topicEnd > end) throw new Error(`journal group damaged at byte ${at}`);
    yield {
      sender: bytes.toString('utf8', at + HEADER_BYTES, senderEnd),
      topic: bytes.toString('utf8', senderEnd, topicEnd),
      payload: bytes.subarray(topicEnd, end),
      receivedAt: bytes.readDoubleLE(at + 5),
      dup: (flags & DUP) !== 0,
      kind: (flags & REFUSAL) !== 0 ? 'refusal' : 'message',
    };
    at = end;
  }
}
