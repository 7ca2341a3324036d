/**
 * Dragino LSE01 soil sensor: 11 bytes, big-endian, port 2. Source: the vendor's user manual, payload table.
 *
 *   0-1  battery, mV (14 bits)            6-7   soil temperature, 0.01 degC
 *   2-3  external DS18B20, 0.1 degC       8-9   soil EC, uS/cm
 *   4-5  soil moisture, 0.01 %            10    bit 7: raw mode
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
import { MINUTE } from '../time.ts';
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

const LENGTH = 11;
const RAW_MODE = 0x80;

const probe = { channel: EXTERNAL, quantity: 'air_temperature' } as const;
const moisture = { channel: MAIN_CHANNEL, quantity: 'soil_moisture' } as const;
const temperature = { channel: MAIN_CHANNEL, quantity: 'soil_temperature' } as const;
const ec = { channel: MAIN_CHANNEL, quantity: 'soil_ec' } as const;
const slots = [batterySlot, probe, moisture, temperature, ec];

export const lse01: Model = {
  id: 'dragino/lse01',
  title: 'Dragino LSE01 soil moisture, temperature and EC',
  produces: slots,
  intervalMs: 20 * MINUTE,
  decode,
  encode: (measurements) => {
    checkEncodable('dragino/lse01', slots, measurements);
    return { bytes: encode(measurements), fPort: DATA_PORT };
  },
};

function decode({ bytes, fPort }: Frame): FrameResult {
  if (fPort !== DATA_PORT) return readPort(fPort, [STATUS_PORT], bytes);
  if (bytes.length !== LENGTH) return refuseFrame('truncated', `${LENGTH} bytes`, bytes);
  const cursor = byteCursor(bytes);
  const draft = frameDraft();
  readBattery(draft, cursor.u16be() ?? 0);
  readProbe(draft, cursor.i16be() ?? UNPLUGGED);
  const soil = [cursor.u16be() ?? 0, cursor.i16be() ?? 0, cursor.u16be() ?? 0] as const;
  if (((cursor.u8() ?? 0) & RAW_MODE) !== 0) {
    // Raw counts of the probe mean nothing without the calibration of its soil.
    for (const slot of [moisture, temperature, ec]) {
      refuseSlot(draft, 'unsupported', slot, 'calibrated values (AT+MOD=0)', toHex(bytes));
    }
    return draft;
  }
  readSoil(draft, soil);
  return draft;
}

function readProbe(draft: FrameDraft, raw: number): void {
  if (raw === UNPLUGGED) {
    refuseSlot(draft, 'probe_missing', probe, 'an external DS18B20', '0x7fff');
  } else {
    // Firmware without a probe input sends zero here, which is also a temperature.
    keep(draft, probe, raw / 10, undefined, raw === 0 ? 'ambiguous_fault' : undefined);
  }
}

function readSoil(
  draft: FrameDraft,
  [water, degrees, conductivity]: readonly [number, number, number],
): void {
  const failed = (slot: typeof moisture | typeof ec): void =>
    refuseSlot(draft, 'sensor_fault', slot, 'a measurement; all bits set means that there is none', '0xffff');
  if (water === 0xffff) failed(moisture);
  else keep(draft, moisture, water / 100);
  if (degrees === UNPLUGGED) refuseSlot(draft, 'sensor_fault', temperature, 'a temperature', '0x7fff');
  else keep(draft, temperature, degrees / 100);
  if (conductivity === 0xffff) failed(ec);
  else keep(draft, ec, conductivity / 1_000);
}

function encode(measurements: readonly Measurement[]): Uint8Array {
  const raw = (slot: (typeof slots)[number], divisor: number, missing: number): number => {
    const value = valueAt(measurements, slot.channel, slot.quantity);
    return value === undefined ? missing : toRaw(value, divisor);
  };
  return byteWriter()
    .u16be(batteryRaw(measurements))
    .i16be(raw(probe, 10, UNPLUGGED))
    .u16be(raw(moisture, 100, 0xffff))
    .i16be(raw(temperature, 100, UNPLUGGED))
    .u16be(raw(ec, 1_000, 0xffff))
    .u8(0)
    .finish();
}
