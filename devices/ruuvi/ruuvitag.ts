/**
 * RuuviTag, data format 5 (RAWv2): 24 bytes, big-endian. Source: the vendor's public format description, which also
 * names a "not available" value for each field.
 *
 *   0     5, the format             7-12   acceleration           16-17  sequence number
 *   1-2   temperature, 0.005 degC   13-14  11 bits battery (mV above 1600), 5 bits transmit power
 *   3-4   humidity, 0.0025 %        15     movement counter       18-23  MAC address
 *   5-6   pressure, Pa above 50000
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

const FORMAT = 5;
const LENGTH = 24;
const ABSENT = 0xffff;
const ABSENT_SIGNED = -0x8000;
const ABSENT_BATTERY = 2_047;

const air = { channel: MAIN_CHANNEL, quantity: 'air_temperature' } as const;
const humidity = { channel: MAIN_CHANNEL, quantity: 'relative_humidity' } as const;
const pressure = { channel: MAIN_CHANNEL, quantity: 'air_pressure' } as const;
const battery = { channel: MAIN_CHANNEL, quantity: 'battery_voltage' } as const;
const slots = [air, humidity, pressure, battery];
type Slot = (typeof slots)[number];

export const ruuvitag: Model = {
  id: 'ruuvi/ruuvitag',
  title: 'RuuviTag air temperature, humidity and pressure',
  produces: slots,
  decode,
  encode: (measurements) => {
    checkEncodable('ruuvi/ruuvitag', slots, measurements);
    return { bytes: encode(measurements), fPort: 0 };
  },
};

/** The tag's own address in a frame, or undefined when it is not given. */
export function macOf(bytes: Uint8Array): string | undefined {
  const mac = toHex(bytes.subarray(18, LENGTH));
  return mac.length !== 12 || mac === 'ffffffffffff' ? undefined : mac;
}

function decode({ bytes }: Frame): FrameResult {
  if (bytes.length !== 0 && bytes[0] !== FORMAT) {
    return refuseFrame('unsupported', `data format ${FORMAT} (RAWv2)`, bytes);
  }
  if (bytes.length !== LENGTH) return refuseFrame('truncated', `${LENGTH} bytes`, bytes);
  const cursor = byteCursor(bytes.subarray(1));
  const draft = frameDraft();
  keepUnless(draft, air, cursor.i16be() ?? 0, ABSENT_SIGNED, (raw) => raw / 200);
  keepUnless(draft, humidity, cursor.u16be() ?? 0, ABSENT, (raw) => raw / 400);
  keepUnless(draft, pressure, cursor.u16be() ?? 0, ABSENT, (raw) => (raw + 50_000) / 1_000);
  cursor.bytes(6);
  const power = (cursor.u16be() ?? 0) >> 5;
  keepUnless(draft, battery, power, ABSENT_BATTERY, (raw) => (raw + 1_600) / 1_000);
  cursor.u8();
  const sequence = cursor.u16be();
  return sequence === ABSENT ? draft : { ...draft, identity: `seq:${sequence}` };
}

function keepUnless(
  draft: FrameDraft,
  slot: Slot,
  raw: number,
  absent: number,
  value: (raw: number) => number,
): void {
  if (raw === absent)
    refuseSlot(draft, 'sensor_fault', slot, 'a measurement', 'the code for "not available"');
  else keep(draft, slot, value(raw));
}

function encode(measurements: readonly Measurement[]): Uint8Array {
  const raw = (slot: Slot, divisor: number, below: number, absent: number): number => {
    const value = valueAt(measurements, slot.channel, slot.quantity);
    return value === undefined ? absent : toRaw(value, divisor) - below;
  };
  return byteWriter()
    .u8(FORMAT)
    .i16be(raw(air, 200, 0, ABSENT_SIGNED))
    .u16be(raw(humidity, 400, 0, ABSENT))
    .u16be(raw(pressure, 1_000, 50_000, ABSENT))
    .u16be(0x8000)
    .u16be(0x8000)
    .u16be(0x8000)
    .u16be(raw(battery, 1_000, 1_600, ABSENT_BATTERY) * 32 + 31)
    .u8(0xff)
    .u16be(ABSENT)
    .u32be(0xffffffff)
    .u16be(0xffff)
    .finish();
}
