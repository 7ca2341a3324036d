/**
 * Dragino LHT65N: 11 bytes, big-endian, port 2. Source: the vendor's user manual, payload and datalog tables.
 *
 *   0-1  battery: 2 bits state, 14 bits mV      6     bit 7 no probe, bit 6 datalog, low 4 bits type of probe
 *   2-3  temperature, 0.01 degC                 7-10  probe, by its type
 *   4-5  humidity, 0.1 % (12 bits)
 *
 * With probe type 9, and in a datalog (several records of 11 bytes in a frame), bytes 0-1 are the probe's temperature
 * and bytes 7-10 Unix time. The time is UTC; nothing here depends on a time zone.
 */
import { byteCursor, byteWriter, toHex } from '../bytes.ts';
import {
  checkEncodable,
  type FrameDraft,
  frameDraft,
  keep,
  refuseFrame,
  refuseSlot,
  toRaw,
  valueAt,
} from '../frame.ts';
import type { Frame, FrameResult, Measurement, Model } from '../model.ts';
import { MAIN_CHANNEL } from '../reading.ts';
import { type Instant, MINUTE } from '../time.ts';
import {
  batteryRaw,
  batterySlot,
  DATA_PORT,
  EXTERNAL,
  readBattery,
  readPort,
  STATUS_PORT,
  UNPLUGGED,
} from './common.ts';

const RECORD = 11;
const NO_PROBE = 0x80;
const DATALOG = 0x40;
const TYPE = 0x0f;

const air = { channel: MAIN_CHANNEL, quantity: 'air_temperature' } as const;
const humidity = { channel: MAIN_CHANNEL, quantity: 'relative_humidity' } as const;
const probe = { channel: EXTERNAL, quantity: 'product_temperature' } as const;
const probeHumidity = { channel: EXTERNAL, quantity: 'relative_humidity' } as const;
const probeLight = { channel: EXTERNAL, quantity: 'light' } as const;
const slots = [batterySlot, air, humidity, probe, probeHumidity, probeLight];

/** Types of probe that give something else than a quantity of ours: interrupts, counters, voltages. */
const otherTypes: ReadonlySet<number> = new Set([4, 6, 7, 8, 10, 12, 13, 14]);

export const lht65n: Model = {
  id: 'dragino/lht65n',
  title: 'Dragino LHT65N air temperature and humidity with external probe',
  produces: slots,
  intervalMs: 20 * MINUTE,
  decode,
  encode: (measurements) => {
    checkEncodable('dragino/lht65n', slots, measurements);
    return { bytes: encode(measurements), fPort: DATA_PORT };
  },
};

function decode({ bytes, fPort }: Frame): FrameResult {
  if (fPort !== DATA_PORT) return readPort(fPort, [STATUS_PORT], bytes);
  if (bytes.length === 0 || bytes.length % RECORD !== 0) {
    return refuseFrame('truncated', `records of ${RECORD} bytes`, bytes);
  }
  const draft = frameDraft();
  if (bytes.every((byte) => byte === 0)) {
    // The documented answer to a poll for a time without records; as a frame it would read 0.00 degC.
    draft.refusals.push({
      reason: 'unsupported',
      expected: 'records of the time polled',
      received: toHex(bytes),
    });
    return draft;
  }
  for (let at = 0; at < bytes.length; at += RECORD) {
    const record = bytes.subarray(at, at + RECORD);
    if (isTimed(record)) readTimed(record, draft);
    else if (bytes.length === RECORD) readLive(record, draft);
    else {
      const expected = 'a datalog record with its time';
      draft.refusals.push({ reason: 'malformed', field: `byte ${at}`, expected, received: toHex(record) });
    }
  }
  return draft;
}

/**
 * True for a record with a time of its own. Bit 7 alone is either a missing probe, with 0x7FFF in its place, or a
 * record sent again, with a time in its place.
 */
function isTimed(record: Uint8Array): boolean {
  const flags = record[6] ?? 0;
  if ((flags & DATALOG) !== 0 || (flags & TYPE) === 9) return true;
  return (flags & NO_PROBE) !== 0 && !(record[7] === 0x7f && record[8] === 0xff);
}

function readLive(record: Uint8Array, draft: FrameDraft): void {
  const cursor = byteCursor(record);
  readBattery(draft, cursor.u16be() ?? 0);
  readBuiltIn(draft, cursor.i16be() ?? UNPLUGGED, cursor.u16be() ?? 0xfff);
  const flags = cursor.u8() ?? 0;
  const value = cursor.i16be() ?? UNPLUGGED;
  const second = cursor.u16be() ?? 0xffff;
  const type = flags & TYPE;
  if (type === 0 || type === 15) return;
  if (type === 5) keepUnless(draft, probeLight, value & 0xffff, 0xffff, 1);
  else if (otherTypes.has(type))
    refuseSlot(draft, 'unsupported', probe, 'a probe of temperature', `type ${type}`);
  else if ((flags & NO_PROBE) !== 0)
    refuseSlot(draft, 'probe_missing', probe, 'an external probe', toHex(record));
  else {
    readProbe(draft, value);
    if (type === 11) keepUnless(draft, probeHumidity, second, 0xffff, 10);
  }
}

function readTimed(record: Uint8Array, draft: FrameDraft): void {
  const cursor = byteCursor(record);
  const value = cursor.i16be() ?? UNPLUGGED;
  const degrees = cursor.i16be() ?? UNPLUGGED;
  const water = cursor.u16be() ?? 0xfff;
  const flags = cursor.u8() ?? 0;
  const measuredAt = (cursor.u32be() ?? 0) * 1_000;
  readBuiltIn(draft, degrees, water, measuredAt);
  const type = flags & TYPE;
  if (type === 5) keepUnless(draft, probeLight, value & 0xffff, 0xffff, 1, measuredAt);
  else if (otherTypes.has(type))
    refuseSlot(draft, 'unsupported', probe, 'a probe of temperature', `type ${type}`);
  else if (type !== 0 && type !== 15) readProbe(draft, value, measuredAt);
}

function readBuiltIn(draft: FrameDraft, degrees: number, water: number, measuredAt?: Instant): void {
  if (degrees === UNPLUGGED) refuseSlot(draft, 'sensor_fault', air, 'a temperature', '0x7fff');
  else keep(draft, air, degrees / 100, measuredAt);
  keepUnless(draft, humidity, water & 0xfff, 0xfff, 10, measuredAt);
}

function readProbe(draft: FrameDraft, raw: number, measuredAt?: Instant): void {
  if (raw === UNPLUGGED) refuseSlot(draft, 'probe_missing', probe, 'an external probe', '0x7fff');
  else keep(draft, probe, raw / 100, measuredAt);
}

type Slot = (typeof slots)[number];

function keepUnless(
  draft: FrameDraft,
  slot: Slot,
  raw: number,
  fault: number,
  divisor: number,
  at?: Instant,
): void {
  if (raw === fault)
    refuseSlot(
      draft,
      'sensor_fault',
      slot,
      'a measurement; all bits set means none',
      `0x${raw.toString(16)}`,
    );
  else keep(draft, slot, raw / divisor, at);
}

function encode(measurements: readonly Measurement[]): Uint8Array {
  const past = Map.groupBy(
    measurements.filter((m) => m.measuredAt !== undefined),
    (m) => m.measuredAt ?? 0,
  );
  const live = measurements.filter((m) => m.measuredAt === undefined);
  if (past.size > 0 && live.length > 0) throw new RangeError('a frame is either live or a datalog');
  if (past.size === 0) return encodeLive(live);
  return Uint8Array.from([...past].flatMap(([at, record]) => [...encodeTimed(record, at)]));
}

function rawOf(measurements: readonly Measurement[], slot: Slot, divisor: number, missing: number): number {
  const value = valueAt(measurements, slot.channel, slot.quantity);
  return value === undefined ? missing : toRaw(value, divisor);
}

/** The probe type that can carry what is there: SHT31, light, a temperature, or none. */
function typeOf(measurements: readonly Measurement[]): number {
  const has = (slot: Slot): boolean => valueAt(measurements, slot.channel, slot.quantity) !== undefined;
  if (has(probeLight) && (has(probe) || has(probeHumidity)))
    throw new RangeError('one external probe at a time');
  if (has(probeLight)) return 5;
  if (has(probeHumidity)) return 11;
  return has(probe) ? 1 : 0;
}

function encodeLive(measurements: readonly Measurement[]): Uint8Array {
  const type = typeOf(measurements);
  const first = type === 5 ? rawOf(measurements, probeLight, 1, 0xffff) : undefined;
  const degrees = rawOf(measurements, probe, 100, UNPLUGGED);
  const writer = byteWriter()
    .u16be(batteryRaw(measurements))
    .i16be(rawOf(measurements, air, 100, UNPLUGGED))
    .u16be(rawOf(measurements, humidity, 10, 0xfff))
    .u8(type);
  if (first === undefined) writer.i16be(degrees);
  else writer.u16be(first);
  return writer.u16be(type === 11 ? rawOf(measurements, probeHumidity, 10, 0xffff) : 0x7fff).finish();
}

function encodeTimed(measurements: readonly Measurement[], measuredAt: Instant): Uint8Array {
  if (valueAt(measurements, batterySlot.channel, batterySlot.quantity) !== undefined) {
    throw new RangeError('a datalog record holds no battery voltage');
  }
  const type = typeOf(measurements);
  if (type === 5 || type === 11)
    throw new RangeError('a datalog record holds the temperature of a probe only');
  return byteWriter()
    .i16be(rawOf(measurements, probe, 100, UNPLUGGED))
    .i16be(rawOf(measurements, air, 100, UNPLUGGED))
    .u16be(rawOf(measurements, humidity, 10, 0xfff))
    .u8(DATALOG | type)
    .u32be(Math.round(measuredAt / 1_000))
    .finish();
}
