/**
 * The frame of Milesight's sensors: channel (1 byte), type (1 byte), data, and so on until the end; numbers are
 * little-endian. Source: the payload tables of the vendor's device pages and user guides. It looks like Cayenne LPP,
 * whose numbers are big-endian: 0367 1901 is 28.1 degC here and would be 640.1 degC there.
 */
import { type ByteCursor, byteCursor, byteWriter } from '../bytes.ts';
import {
  checkEncodable,
  type FrameDraft,
  frameDraft,
  frameExcerpt,
  keep,
  refuseSlot,
  toRaw,
} from '../frame.ts';
import type { Frame, FrameResult, Measurement, Model } from '../model.ts';
import type { QuantityName } from '../quantity.ts';
import { MAIN_CHANNEL } from '../reading.ts';
import type { Duration, Instant } from '../time.ts';

/** The application port these sensors send on as delivered. */
export const MILESIGHT_PORT = 85;

/** One value: how it is sent and what it is. `value = raw / divisor`. */
export interface Field {
  readonly channel: string;
  readonly quantity: QuantityName;
  readonly kind: 'u8' | 'u16' | 'i16';
  readonly divisor: number;
}

/** A channel and type with the value it starts with; `skip` bytes of alarm state or change follow the value. */
export interface Entry extends Field {
  /** channel * 256 + type */
  readonly key: number;
  readonly skip?: number;
}

export interface TlvCard {
  readonly id: string;
  readonly title: string;
  readonly entries: readonly Entry[];
  /** The values of one history record, or how to read and write it. */
  readonly history?: History;
  readonly intervalMs?: Duration;
}

export interface History {
  /** @returns false when the rest of the frame cannot be understood */
  readonly read: (cursor: ByteCursor, measuredAt: Instant, draft: FrameDraft) => boolean;
  readonly write: (measurements: readonly Measurement[]) => readonly number[];
}

const HISTORY = 0x20ce;

/** Lengths of what is not a measurement: versions, serial number, class, status. */
const attributes: ReadonlyMap<number, number> = new Map([
  [0xff01, 1],
  [0xff09, 2],
  [0xff0a, 2],
  [0xff0b, 1],
  [0xff0f, 1],
  [0xff16, 8],
  [0xfffe, 1],
  [0xffff, 2],
]);

export const battery: Entry = {
  key: 0x0175,
  channel: MAIN_CHANNEL,
  quantity: 'battery_level',
  kind: 'u8',
  divisor: 1,
};

/** Temperature as a periodic report, as a threshold alarm (one byte of state) and as a change alarm (change, state). */
export function temperature(
  channel: string,
  quantity: QuantityName,
  keys: { readonly report: number; readonly alarm: number; readonly change: number },
): readonly Entry[] {
  const field: Field = { channel, quantity, kind: 'i16', divisor: 10 };
  return [
    { ...field, key: keys.report },
    { ...field, key: keys.alarm, skip: 1 },
    { ...field, key: keys.change, skip: 3 },
  ];
}

/** Makes a model of a card. */
export function tlvModel(card: TlvCard): Model {
  const byKey = new Map(card.entries.map((entry) => [entry.key, entry]));
  const produces = card.entries
    .filter(({ skip }) => skip === undefined)
    .map(({ channel, quantity }) => ({ channel, quantity }));
  const model: Model = {
    id: card.id,
    title: card.title,
    produces,
    decode: (frame) => decodeTlv(frame, byKey, card.history),
    encode: (measurements) => {
      checkEncodable(card.id, produces, measurements);
      return { bytes: encodeTlv(measurements, card), fPort: MILESIGHT_PORT };
    },
  };
  return card.intervalMs === undefined ? model : { ...model, intervalMs: card.intervalMs };
}

function decodeTlv(
  frame: Frame,
  byKey: ReadonlyMap<number, Entry>,
  history: History | undefined,
): FrameResult {
  const draft = frameDraft();
  const cursor = byteCursor(frame.bytes);
  if (frame.bytes.length === 0) refuseRest(draft, 'truncated', frame.bytes, 0);
  let past = false;
  while (cursor.remaining() > 0) {
    const start = cursor.offset();
    const key = cursor.u16be();
    let outcome: 'read' | 'truncated' | 'unknown_field' = key === undefined ? 'truncated' : 'unknown_field';
    if (key === HISTORY && history !== undefined) {
      past = true;
      outcome = readHistory(cursor, history, draft);
    } else if (key !== undefined && !past) {
      // A history record may be longer than its table says: what follows one is only believed to be another.
      outcome = readEntry(cursor, key, byKey, draft);
    }
    if (outcome !== 'read') {
      // Without the length of this item nothing after it can be told apart.
      refuseRest(draft, outcome, frame.bytes, start);
      break;
    }
  }
  return draft;
}

function refuseRest(
  draft: FrameDraft,
  reason: 'truncated' | 'unknown_field',
  bytes: Uint8Array,
  at: number,
): void {
  const expected = reason === 'truncated' ? 'the rest of the frame' : 'a channel and type of this model';
  draft.refusals.push({ reason, field: `byte ${at}`, expected, received: frameExcerpt(bytes.subarray(at)) });
}

function readHistory(cursor: ByteCursor, history: History, draft: FrameDraft): 'read' | 'truncated' {
  const seconds = cursor.u32le();
  return seconds !== undefined && history.read(cursor, seconds * 1_000, draft) ? 'read' : 'truncated';
}

function readEntry(
  cursor: ByteCursor,
  key: number,
  byKey: ReadonlyMap<number, Entry>,
  draft: FrameDraft,
): 'read' | 'truncated' | 'unknown_field' {
  const attribute = attributes.get(key);
  if (attribute !== undefined) return cursor.bytes(attribute) === undefined ? 'truncated' : 'read';
  const entry = byKey.get(key);
  if (entry === undefined) return 'unknown_field';
  const raw = readRaw(cursor, entry.kind);
  if (raw === undefined || cursor.bytes(entry.skip ?? 0) === undefined) return 'truncated';
  keepRaw(draft, entry, raw);
  return 'read';
}

/** Reads one number as it is on the wire, unsigned. */
export function readRaw(cursor: ByteCursor, kind: Field['kind']): number | undefined {
  return kind === 'u8' ? cursor.u8() : cursor.u16le();
}

/** Keeps a raw number as a value of the field, unless it is one of the vendor's codes for a fault. */
export function keepRaw(draft: FrameDraft, field: Field, raw: number, measuredAt?: Instant): void {
  const { kind, divisor, channel, quantity } = field;
  const value = (kind === 'i16' && raw >= 0x8000 ? raw - 0x10000 : raw) / divisor;
  if (kind === 'i16') {
    // 0xFFFF stands for a failed and 0xFFFD for an out-of-range measurement, but also for -0.1 and -0.3 degC.
    const suspect = raw === 0xffff || raw === 0xfffd ? 'ambiguous_fault' : undefined;
    // An alarm repeats the value of the report it comes with.
    if (measuredAt === undefined && draft.measurements.some((m) => isSame(m, field, value))) return;
    keep(draft, field, value, measuredAt, suspect);
  } else if (raw === (kind === 'u8' ? 0xff : 0xffff)) {
    const expected = 'a measurement; all bits set means that the sensor failed';
    refuseSlot(draft, 'sensor_fault', { channel, quantity }, expected, `0x${raw.toString(16)}`);
  } else {
    keep(draft, field, value, measuredAt);
  }
}

function isSame(measurement: Measurement, field: Field, value: number): boolean {
  return (
    measurement.channel === field.channel &&
    measurement.quantity === field.quantity &&
    measurement.value === value &&
    measurement.measuredAt === undefined
  );
}

/** A history record that always holds the same fields, followed by `reserved` bytes. */
export function fixedHistory(fields: readonly Field[], reserved = 0): History {
  return {
    read: (cursor, measuredAt, draft) => {
      const raws = fields.map(({ kind }) => readRaw(cursor, kind));
      if (raws.includes(undefined) || cursor.bytes(reserved) === undefined) return false;
      for (const [i, field] of fields.entries()) keepRaw(draft, field, raws[i] ?? 0, measuredAt);
      return true;
    },
    write: (measurements) => {
      const bytes = fields.flatMap((field) => {
        const found = measurements.find((m) => m.channel === field.channel && m.quantity === field.quantity);
        return writeRaw(field, found?.value);
      });
      return [...bytes, ...new Array<number>(reserved).fill(0)];
    },
  };
}

/** The bytes of a value; all bits set when there is none. */
export function writeRaw({ kind, divisor }: Field, value: number | undefined): readonly number[] {
  const writer = byteWriter();
  if (kind === 'u8') writer.u8(value === undefined ? 0xff : toRaw(value, divisor));
  else if (kind === 'u16') writer.u16le(value === undefined ? 0xffff : toRaw(value, divisor));
  else writer.i16le(value === undefined ? -1 : toRaw(value, divisor));
  return [...writer.finish()];
}

function encodeTlv(measurements: readonly Measurement[], { entries, history }: TlvCard): Uint8Array {
  const bytes: number[] = [];
  for (const measurement of measurements) {
    const { channel, quantity, value, measuredAt } = measurement;
    if (measuredAt !== undefined) continue;
    const entry = entries.find(
      (e) => e.channel === channel && e.quantity === quantity && e.skip === undefined,
    );
    if (entry !== undefined) bytes.push(entry.key >> 8, entry.key & 0xff, ...writeRaw(entry, value));
  }
  const past = Map.groupBy(
    measurements.filter((m) => m.measuredAt !== undefined),
    (m) => m.measuredAt ?? 0,
  );
  for (const [measuredAt, record] of past) {
    if (history === undefined) throw new RangeError('this model keeps no history');
    const seconds = byteWriter()
      .u32le(Math.round(measuredAt / 1_000))
      .finish();
    bytes.push(HISTORY >> 8, HISTORY & 0xff, ...seconds, ...history.write(record));
  }
  return Uint8Array.from(bytes);
}
