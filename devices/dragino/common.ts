/** What Dragino's sensors share. */
import { type FrameDraft, keep, refuseFrame, refuseSlot, toRaw, valueAt } from '../frame.ts';
import type { FrameResult, Measurement } from '../model.ts';
import { MAIN_CHANNEL } from '../reading.ts';

export const DATA_PORT = 2;

/** Firmware version, band and battery, sent after joining. */
export const STATUS_PORT = 5;

/** The channel of the socket for an external probe. */
export const EXTERNAL = 'external';

/** What a temperature field holds when nothing answers: 327.67 or 3276.7 degC. */
export const UNPLUGGED = 0x7fff;

/** A frame on another port than the data: nothing to measure on the known ones, a refusal on others. */
export function readPort(fPort: number, silent: readonly number[], bytes: Uint8Array): FrameResult {
  if (silent.includes(fPort)) return { measurements: [], refusals: [] };
  return refuseFrame('unknown_field', `a frame on port ${DATA_PORT}`, bytes);
}

export const batterySlot = { channel: MAIN_CHANNEL, quantity: 'battery_voltage' } as const;

/** 14 bits of mV; the two above them are a state. A device that sends is neither at 0 V nor at 16 V. */
const BATTERY_BITS = 0x3fff;

export function readBattery(draft: FrameDraft, raw: number): void {
  const mV = raw & BATTERY_BITS;
  if (mV === 0 || mV === BATTERY_BITS)
    refuseSlot(draft, 'sensor_fault', batterySlot, 'a voltage', `${mV} mV`);
  else keep(draft, batterySlot, mV / 1_000);
}

/** @throws RangeError above the 16.383 V that the field holds */
export function batteryRaw(measurements: readonly Measurement[]): number {
  const raw = toRaw(valueAt(measurements, batterySlot.channel, batterySlot.quantity) ?? 0, 1_000);
  if (raw < 0 || raw >= BATTERY_BITS) throw new RangeError(`a battery of ${raw} mV does not fit 14 bits`);
  return raw;
}
