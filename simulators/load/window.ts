import type { Instant } from '../../devices/index.ts';
import { type PayloadOf, patchSeq, patchTs, publishTemplate } from './template.ts';

/**
 * The messages of one connection that are not acknowledged yet: a ring of pre-encoded packets in one piece of memory.
 * A slot has a fixed packet identifier, so the only bytes that change per message are the digits of `seq` and `ts`,
 * and a run of slots goes to the socket in one write without being copied.
 */
export interface SendWindow {
  /** Messages filled so far; also the next message's `seq`. */
  readonly filled: () => number;
  /** Filled but not acknowledged. */
  readonly inFlight: () => number;
  readonly free: () => number;
  /** Fills the next `count` slots (at most `free()`) and answers the bytes to write, in order. */
  readonly fill: (count: number, nowMs: Instant, intendedUsOf: (seq: number) => number) => readonly Buffer[];
  /** Intended send time of the message in microseconds, or -1 when nothing waits under this identifier. */
  readonly acknowledge: (packetId: number) => number;
  /** The bytes of everything in flight, marked DUP, to send again after a reconnect. */
  readonly again: () => readonly Buffer[];
}

export interface SendWindowOptions {
  readonly size: number;
  readonly topic: string;
  readonly deviceIndex: number;
  readonly payloadOf: PayloadOf;
}

/** MQTT packet identifiers are 1 to 65535. */
export const MAX_WINDOW = 65_535;

const DUP = 0x08;

interface Slots {
  readonly memory: Buffer;
  /** One more than slots: the end of the last. */
  readonly starts: Uint32Array;
  readonly seqAt: Int32Array;
  readonly tsAt: Int32Array;
}

function buildSlots({ size, topic, deviceIndex, payloadOf }: SendWindowOptions): Slots {
  const parts: Buffer[] = [];
  const starts = new Uint32Array(size + 1);
  const seqAt = new Int32Array(size);
  const tsAt = new Int32Array(size);
  let at = 0;
  for (let slot = 0; slot < size; slot += 1) {
    const template = publishTemplate(topic, slot + 1, payloadOf, deviceIndex);
    parts.push(template.bytes);
    seqAt[slot] = template.seqAt < 0 ? -1 : at + template.seqAt;
    tsAt[slot] = template.tsAt < 0 ? -1 : at + template.tsAt;
    at += template.bytes.length;
    starts[slot + 1] = at;
  }
  return { memory: Buffer.concat(parts), starts, seqAt, tsAt };
}

export function sendWindow(options: SendWindowOptions): SendWindow {
  const { size } = options;
  if (!Number.isInteger(size) || size < 1 || size > MAX_WINDOW)
    throw new Error(`the window must be 1 to ${MAX_WINDOW} messages, not ${size}`);
  const { memory, starts, seqAt, tsAt } = buildSlots(options);
  const waiting = new Uint8Array(size);
  const intendedUs = new Float64Array(size);
  let filled = 0;
  let done = 0;
  let unacknowledged = 0;
  let lastTs = 0;

  const piece = (from: number, to: number): Buffer => memory.subarray(starts[from], starts[to]);

  /** Slots from message `from` to before message `to` as one or, around the ring's end, two pieces. */
  const run = (from: number, to: number): readonly Buffer[] => {
    if (from === to) return [];
    const first = from % size;
    const last = first + (to - from);
    if (last <= size) return [piece(first, last)];
    return [piece(first, size), piece(0, last - size)];
  };

  const fillOne = (nowMs: Instant, intended: number): void => {
    const slot = filled % size;
    const start = starts[slot] ?? 0;
    memory[start] = (memory[start] ?? 0) & ~DUP;
    const seqPlace = seqAt[slot] ?? -1;
    const tsPlace = tsAt[slot] ?? -1;
    // Strictly rising, so that no two messages of a device are the same point in a store of millisecond precision.
    lastTs = Math.max(lastTs + 1, nowMs);
    if (seqPlace >= 0) patchSeq(memory, seqPlace, filled);
    if (tsPlace >= 0) patchTs(memory, tsPlace, lastTs);
    waiting[slot] = 1;
    intendedUs[slot] = intended;
    filled += 1;
  };

  return {
    filled: () => filled,
    inFlight: () => unacknowledged,
    free: () => size - (filled - done),
    fill: (count, nowMs, intendedUsOf) => {
      const from = filled;
      for (let n = 0; n < count; n += 1) fillOne(nowMs, intendedUsOf(filled));
      unacknowledged += count;
      return run(from, filled);
    },
    acknowledge: (packetId) => {
      const slot = packetId - 1;
      if (slot < 0 || slot >= size || waiting[slot] !== 1) return -1;
      waiting[slot] = 0;
      unacknowledged -= 1;
      // A slot is used again only once all before it are done: pieces stay contiguous, order stays the device's.
      while (done < filled && waiting[done % size] === 0) done += 1;
      return intendedUs[slot] ?? 0;
    },
    again: () => {
      const pieces: Buffer[] = [];
      for (let seq = done; seq < filled; seq += 1) {
        const slot = seq % size;
        if (waiting[slot] !== 1) continue;
        const start = starts[slot] ?? 0;
        memory[start] = (memory[start] ?? 0) | DUP;
        pieces.push(piece(slot, slot + 1));
      }
      return pieces;
    },
  };
}
