/**
 * Cayenne LPP: channel (1 byte), type (1 byte), data, big-endian. Source: the format's public table (myDevices;
 * types are IPSO object ids minus 3200). Never guessed from the bytes: Milesight's frames look the same and are
 * little-endian, so a device is Cayenne LPP only where the registry says so.
 */
import { type ByteCursor, byteCursor, byteWriter } from '../bytes.ts';
import { type FrameDraft, frameDraft, frameExcerpt, keep, toRaw } from '../frame.ts';
import { ANY_CHANNEL, type Frame, type FrameResult, type Measurement, type Model } from '../model.ts';
import type { QuantityName } from '../quantity.ts';

interface LppType {
  readonly type: number;
  readonly quantity: QuantityName;
  readonly kind: 'u8' | 'u16be' | 'i16be';
  /** value = raw / divisor, in the catalogue's unit. */
  readonly divisor: number;
}

const types: readonly LppType[] = [
  { type: 0x65, quantity: 'light', kind: 'u16be', divisor: 1 },
  { type: 0x67, quantity: 'air_temperature', kind: 'i16be', divisor: 10 },
  { type: 0x68, quantity: 'relative_humidity', kind: 'u8', divisor: 2 },
  // Sent in 0.1 hPa, kept in kPa.
  { type: 0x73, quantity: 'air_pressure', kind: 'u16be', divisor: 100 },
];
const byType = new Map(types.map((type) => [type.type, type]));

/** Types without a quantity of ours, by their length: digital and analog in and out, presence, motion, turn rate. */
const otherTypes: ReadonlyMap<number, number> = new Map([
  [0x00, 1],
  [0x01, 1],
  [0x02, 2],
  [0x03, 2],
  [0x66, 1],
  [0x71, 6],
  [0x86, 6],
]);

const POSITION = 0x88;
/** Latitude and longitude are sent in 0.0001 degrees, three bytes each, then three of altitude. */
const POSITION_DIVISOR = 10_000;

export const lpp: Model = {
  id: 'cayenne/lpp',
  title: 'Cayenne LPP (any device that sends it)',
  produces: [...types.map(({ quantity }) => quantity), 'latitude' as const, 'longitude' as const].map(
    (quantity) => ({
      channel: ANY_CHANNEL,
      quantity,
    }),
  ),
  decode,
  encode: (measurements) => ({ bytes: encode(measurements), fPort: 1 }),
};

function decode({ bytes }: Frame): FrameResult {
  const draft = frameDraft();
  const cursor = byteCursor(bytes);
  if (bytes.length === 0) draft.refusals.push({ reason: 'truncated', expected: 'at least one value' });
  while (cursor.remaining() > 0) {
    const start = cursor.offset();
    const outcome = readItem(cursor, draft);
    if (outcome === 'read') continue;
    const received = frameExcerpt(bytes.subarray(start));
    const expected = outcome === 'truncated' ? 'the rest of the frame' : 'a type of Cayenne LPP';
    draft.refusals.push({ reason: outcome, field: `byte ${start}`, expected, received });
    break;
  }
  return draft;
}

function readItem(cursor: ByteCursor, draft: FrameDraft): 'read' | 'truncated' | 'unknown_field' {
  const number = cursor.u8();
  const code = cursor.u8();
  if (number === undefined || code === undefined) return 'truncated';
  const channel = `${number}`;
  const type = byType.get(code);
  if (type !== undefined) {
    const raw = cursor[type.kind]();
    if (raw === undefined) return 'truncated';
    keep(draft, { channel, quantity: type.quantity }, raw / type.divisor);
    return 'read';
  }
  if (code === POSITION) return readPosition(cursor, channel, draft);
  const length = otherTypes.get(code);
  if (length === undefined) return 'unknown_field';
  if (cursor.bytes(length) === undefined) return 'truncated';
  const expected = 'a type with a quantity of the catalogue';
  draft.refusals.push({ reason: 'unsupported', channel, field: `type ${code}`, expected });
  return 'read';
}

function readPosition(cursor: ByteCursor, channel: string, draft: FrameDraft): 'read' | 'truncated' {
  const bytes = cursor.bytes(9);
  if (bytes === undefined) return 'truncated';
  keep(draft, { channel, quantity: 'latitude' }, i24(bytes, 0) / POSITION_DIVISOR);
  keep(draft, { channel, quantity: 'longitude' }, i24(bytes, 3) / POSITION_DIVISOR);
  return 'read';
}

function i24(bytes: Uint8Array, at: number): number {
  const raw = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
  return raw >= 0x800000 ? raw - 0x1000000 : raw;
}

function encode(measurements: readonly Measurement[]): Uint8Array {
  const writer = byteWriter();
  for (const { channel, quantity, value, measuredAt } of measurements) {
    if (measuredAt !== undefined) throw new RangeError('Cayenne LPP carries no time');
    const number = Number(channel);
    if (quantity === 'longitude') continue;
    writer.u8(number);
    const type = types.find((t) => t.quantity === quantity);
    if (quantity === 'latitude') {
      const longitude = measurements.find((m) => m.channel === channel && m.quantity === 'longitude');
      if (longitude === undefined) throw new RangeError('a latitude needs its longitude');
      writer.u8(POSITION);
      for (const degrees of [value, longitude.value, 0]) writeI24(writer, toRaw(degrees, POSITION_DIVISOR));
    } else if (type === undefined) {
      throw new RangeError(`Cayenne LPP has no type for ${quantity}`);
    } else {
      writer.u8(type.type)[type.kind](toRaw(value, type.divisor));
    }
  }
  return writer.finish();
}

function writeI24(writer: ReturnType<typeof byteWriter>, raw: number): void {
  const bits = raw < 0 ? raw + 0x1000000 : raw;
  writer.u8(bits >> 16).u16be(bits & 0xffff);
}
