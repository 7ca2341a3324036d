/**
 * The frame of Seeed's SenseCAP S210x sensors: pieces of 7 bytes (channel, id u16, value i32 / 1000, little-endian),
 * then a CRC-16. Source: the vendor's measurement id list. The CRC is CRC-16/KERMIT (polynomial 0x1021, reflected,
 * initial value 0), low byte first: found by checking every common CRC against the vendor's sample frame, which only
 * this one fits; the vendor's own decoder accepts any.
 */
import { byteCursor, byteWriter } from '../bytes.ts';
import {
  checkEncodable,
  type FrameDraft,
  frameDraft,
  frameExcerpt,
  keep,
  refuseFrame,
  refuseSlot,
  toRaw,
} from '../frame.ts';
import type { Frame, FrameResult, Measurement, Model } from '../model.ts';
import type { QuantityName } from '../quantity.ts';
import { MAIN_CHANNEL } from '../reading.ts';
import { HOUR } from '../time.ts';

const PIECE = 7;
const CRC = 2;
const DATA_PORT = 2;

/** The sensor's own channel; a piece of another one would be another probe. */
const SENSOR_CHANNEL = 1;

/** Values are sent in thousandths. */
const DIVISOR = 1_000;

const BATTERY_AND_INTERVAL = 7;
const SENSOR_REMOVED = 0x120;

/** Versions and the serial number of the sensor. */
const silent: ReadonlySet<number> = new Set([0, 1, 2, 3, 4]);

const battery = { channel: MAIN_CHANNEL, quantity: 'battery_level' } as const;

/** Measurement ids and what they are; units are those of the catalogue, EC in dS/m. */
export const measurementIds = {
  air_temperature: 4097,
  relative_humidity: 4098,
  light: 4099,
  co2: 4100,
  soil_temperature: 4102,
  soil_moisture: 4103,
  soil_ph: 4106,
  soil_ec: 4108,
} as const satisfies Partial<Record<QuantityName, number>>;

/** Makes a model that measures the given quantities. */
export function sensecapModel(
  id: string,
  title: string,
  measures: readonly (keyof typeof measurementIds)[],
): Model {
  const byId = new Map<number, QuantityName>(
    measures.map((quantity) => [measurementIds[quantity], quantity]),
  );
  const produces = [battery, ...measures.map((quantity) => ({ channel: MAIN_CHANNEL, quantity }))];
  return {
    id,
    title,
    produces,
    intervalMs: HOUR,
    decode: (frame) => decode(frame, byId),
    encode: (measurements) => {
      checkEncodable(id, produces, measurements);
      return { bytes: encode(measurements, byId), fPort: DATA_PORT };
    },
  };
}

function decode({ bytes }: Frame, byId: ReadonlyMap<number, QuantityName>): FrameResult {
  const length = bytes.length - CRC;
  if (length < PIECE || length % PIECE !== 0) {
    return refuseFrame('truncated', `pieces of ${PIECE} bytes and ${CRC} of checksum`, bytes);
  }
  const sum = crc16(bytes.subarray(0, length));
  if (sum !== (bytes[length] ?? 0) + (bytes[length + 1] ?? 0) * 256) {
    return refuseFrame('checksum', `a frame whose checksum is 0x${sum.toString(16)}`, bytes);
  }
  const draft = frameDraft();
  for (let at = 0; at < length; at += PIECE) readPiece(bytes.subarray(at, at + PIECE), byId, draft);
  return draft;
}

function readPiece(piece: Uint8Array, byId: ReadonlyMap<number, QuantityName>, draft: FrameDraft): void {
  const cursor = byteCursor(piece);
  const channel = cursor.u8() ?? 0;
  const id = cursor.u16le() ?? 0;
  const quantity = byId.get(id);
  if (silent.has(id)) return;
  if (id === BATTERY_AND_INTERVAL) {
    keep(draft, battery, cursor.u16le() ?? 0);
  } else if (id === SENSOR_REMOVED) {
    draft.refusals.push({
      reason: 'probe_missing',
      expected: 'a sensor head',
      received: frameExcerpt(piece),
    });
  } else if (quantity === undefined) {
    const expected = 'a measurement of this model';
    draft.refusals.push({
      reason: 'unknown_field',
      field: `id ${id}`,
      expected,
      received: frameExcerpt(piece),
    });
  } else if (channel !== SENSOR_CHANNEL) {
    const slot = { channel: `${channel}`, quantity };
    refuseSlot(draft, 'unknown_channel', slot, `channel ${SENSOR_CHANNEL}`, frameExcerpt(piece));
  } else {
    readValue(draft, quantity, cursor.i32le() ?? 0);
  }
}

function readValue(draft: FrameDraft, quantity: QuantityName, raw: number): void {
  const slot = { channel: MAIN_CHANNEL, quantity };
  if (raw === 0x7fffffff || raw === -0x80000000) {
    refuseSlot(draft, 'sensor_fault', slot, 'a measurement, not the end of the scale', `${raw}`);
  } else {
    // All bits set is what a silent bus reads, and also -0.001.
    keep(draft, slot, raw / DIVISOR, undefined, raw === -1 ? 'ambiguous_fault' : undefined);
  }
}

function encode(measurements: readonly Measurement[], byId: ReadonlyMap<number, QuantityName>): Uint8Array {
  const ids = new Map([...byId].map(([id, quantity]) => [quantity, id]));
  const writer = byteWriter();
  for (const { quantity, value } of measurements) {
    const id = ids.get(quantity);
    if (id === undefined) {
      const intervalMin = HOUR / 60_000;
      writer.u8(0).u16le(BATTERY_AND_INTERVAL).u16le(toRaw(value, 1)).u16le(intervalMin);
    } else {
      writer.u8(SENSOR_CHANNEL).u16le(id).i32le(toRaw(value, DIVISOR));
    }
  }
  const body = writer.finish();
  const sum = crc16(body);
  return Uint8Array.from([...body, sum & 0xff, sum >> 8]);
}

/** CRC-16/KERMIT. */
export function crc16(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum & 1) === 1 ? (sum >> 1) ^ 0x8408 : sum >> 1;
  }
  return sum;
}
