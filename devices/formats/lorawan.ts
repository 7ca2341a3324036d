/** What the LoRaWAN network servers share. */
import { Buffer } from 'node:buffer';
import { frameDraft, keep } from '../frame.ts';
import type { Measurement } from '../model.ts';
import { MAIN_CHANNEL } from '../reading.ts';
import { isObject } from './json.ts';

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** The bytes of a base64 text; undefined for anything else, which Buffer would read in part. */
export function parseBase64(text: unknown): Uint8Array | undefined {
  if (typeof text !== 'string' || text.length % 4 !== 0 || !BASE64.test(text)) return undefined;
  return Buffer.from(text, 'base64');
}

/** Gateways that heard one message: more than any network has. */
const MAX_GATEWAYS = 100;

/** Signal strength and ratio at the gateway that heard the device best. */
export function signalOf(gateways: unknown): readonly Measurement[] {
  if (!Array.isArray(gateways)) return [];
  const list: readonly unknown[] = gateways;
  let best: { rssi: number; snr: unknown } | undefined;
  for (const gateway of list.slice(0, MAX_GATEWAYS)) {
    if (!isObject(gateway) || typeof gateway.rssi !== 'number') continue;
    if (best === undefined || gateway.rssi > best.rssi) best = { rssi: gateway.rssi, snr: gateway.snr };
  }
  if (best === undefined) return [];
  const draft = frameDraft();
  keep(draft, { channel: MAIN_CHANNEL, quantity: 'signal_rssi' }, best.rssi);
  if (typeof best.snr === 'number') keep(draft, { channel: MAIN_CHANNEL, quantity: 'signal_snr' }, best.snr);
  return draft.measurements;
}

/** A count or port that proto3 JSON leaves out when it is zero. */
export function countOf(value: unknown): number | undefined {
  if (value === undefined) return 0;
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
