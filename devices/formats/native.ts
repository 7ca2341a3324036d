/**
 * Greenlane's own JSON, on `greenlane/<site>/<device>/up`:
 *
 *   {"ts": 1790000000000, "seq": 17, "air_temperature": 4.2, "relative_humidity": 91.5}
 *   {"ts": 1790000000000, "channel": {"probe-1": {"product_temperature": 3.9}}}
 *   [{"ts": ...}, {"ts": ...}]     a buffered batch, oldest first or not
 *
 * `ts` is UTC milliseconds (left out: the server's time), `seq` an integer that counts messages (left out: none).
 */
import type { Message } from '../model.ts';
import { isPossible, parseQuantity, type QuantityName, quantities } from '../quantity.ts';
import {
  type ClockSource,
  type Decoded,
  excerpt,
  limitRefusals,
  MAIN_CHANNEL,
  type Reading,
  type Refusal,
} from '../reading.ts';
import { DAY, type Instant, isPlausible } from '../time.ts';
import { isId } from '../topic.ts';
import { isObject, type JsonObject, parseJson } from './json.ts';

/** Records in one batch: a week at one per 10 minutes, and as much as a small device can hold in memory. */
export const MAX_RECORDS = 1_000;

/** Values in one record: the whole catalogue on ten probes; more is not one device. */
export const MAX_VALUES = 256;

export const NATIVE_EXPECTED =
  'a JSON object such as {"ts": 1790000000000, "air_temperature": 4.2}, or an array of such objects';

const TS_EXPECTED = 'ts as an integer, UTC milliseconds since 1970, from 2015 to 10 min ahead of the server';

interface Target {
  readonly device: string;
  readonly receivedAt: Instant;
  readonly readings: Reading[];
  readonly refusals: Refusal[];
}

/** The time of one record, and whose it is. */
interface Stamp {
  readonly measuredAt: Instant;
  readonly clock: ClockSource;
}

/** Decodes a payload of the native format; see the head of this file. Never throws. */
export function decodeNative(message: Message, device: string): Decoded {
  const parsed = parseJson(message.payload, NATIVE_EXPECTED, true);
  if ('refusal' in parsed) return { readings: [], refusals: [{ ...parsed.refusal, device }] };
  return readNative(parsed.value, device, message.receivedAt);
}

/** The same for a payload that is parsed already. */
export function readNative(value: unknown, device: string, receivedAt: Instant): Decoded {
  const target: Target = { device, receivedAt, readings: [], refusals: [] };
  let identity: string | undefined;
  if (Array.isArray(value)) readBatch(value, target);
  else if (isObject(value)) identity = readSingle(value, target);
  else refuse(target, { reason: 'malformed', expected: NATIVE_EXPECTED, received: excerpt(value) });
  const { readings, refusals } = target;
  const decoded = { readings, refusals: limitRefusals(refusals) };
  return identity === undefined ? decoded : { ...decoded, identity };
}

function readSingle(record: JsonObject, target: Target): string | undefined {
  let stamp = stampOf(record.ts, target.receivedAt);
  if (stamp === undefined) {
    // One record just arrived, so the server's time is honest for it, and the clock of the device is told apart.
    refuseTime(record.ts, target);
    stamp = { measuredAt: target.receivedAt, clock: 'server' };
  }
  readRecord(record, stamp, target);
  return typeof record.seq === 'number' && isSequence(record.seq) ? `seq:${record.seq}` : undefined;
}

function readBatch(records: readonly unknown[], target: Target): void {
  if (records.length > MAX_RECORDS) {
    const expected = `at most ${MAX_RECORDS} records in a message`;
    refuse(target, { reason: 'too_many_records', expected, received: `${records.length} records` });
    return;
  }
  if (records.length === 0)
    refuse(target, { reason: 'malformed', expected: NATIVE_EXPECTED, received: '[]' });
  for (const record of records) {
    if (!isObject(record)) {
      refuse(target, { reason: 'malformed', expected: NATIVE_EXPECTED, received: excerpt(record) });
      continue;
    }
    // A record out of a buffer was not measured now, so without its own time it has none.
    const stamp = record.ts === undefined ? undefined : stampOf(record.ts, target.receivedAt);
    if (stamp === undefined) refuseTime(record.ts, target);
    else readRecord(record, stamp, target);
  }
}

/** The record's time, the server's when it gives none, undefined when it cannot be believed. */
function stampOf(ts: unknown, receivedAt: Instant): Stamp | undefined {
  if (ts === undefined) return { measuredAt: receivedAt, clock: 'server' };
  if (typeof ts !== 'number' || !Number.isInteger(ts) || !isPlausible(ts, receivedAt)) return undefined;
  return { measuredAt: ts, clock: 'device' };
}

function refuseTime(ts: unknown, target: Target): void {
  const isSeconds = typeof ts === 'number' && Math.abs(ts * 1_000 - target.receivedAt) < 365 * DAY;
  const expected = isSeconds ? `${TS_EXPECTED}; this looks like seconds` : TS_EXPECTED;
  refuse(target, { reason: 'implausible_time', field: 'ts', expected, received: excerpt(ts ?? 'no ts') });
}

function readRecord(record: JsonObject, stamp: Stamp, target: Target): void {
  const before = target.readings.length + target.refusals.length;
  let values = 0;
  for (const key in record) {
    if (key === 'ts') continue;
    if (key === 'seq') {
      checkSequence(record.seq, target);
    } else if (key === 'channel') {
      values += readChannels(record.channel, stamp, target, MAX_VALUES - values);
    } else if (++values > MAX_VALUES) {
      refuseSize(target);
      return;
    } else {
      readValue(key, record[key], MAIN_CHANNEL, stamp, target);
    }
  }
  if (target.readings.length + target.refusals.length === before) {
    refuse(target, {
      reason: 'malformed',
      expected: 'at least one quantity',
      received: 'a record without any',
    });
  }
}

/** @returns how many values were looked at */
function readChannels(channels: unknown, stamp: Stamp, target: Target, limit: number): number {
  const expected = 'channel as {"probe-1": {"product_temperature": 3.9}}';
  if (!isObject(channels)) {
    refuse(target, { reason: 'malformed', field: 'channel', expected, received: excerpt(channels) });
    return 0;
  }
  let values = 0;
  for (const channel in channels) {
    const record = channels[channel];
    if (!isId(channel)) {
      const rule = 'a channel name of 1 to 64 of A-Z a-z 0-9 _ . -';
      refuse(target, { reason: 'unknown_channel', expected: rule, received: excerpt(channel) });
    } else if (!isObject(record)) {
      refuse(target, { reason: 'malformed', channel, field: 'channel', expected, received: excerpt(record) });
    } else {
      for (const key in record) {
        values += 1;
        if (values > limit) {
          refuseSize(target);
          return values;
        }
        readValue(key, record[key], channel, stamp, target);
      }
    }
  }
  return values;
}

function readValue(key: string, given: unknown, channel: string, stamp: Stamp, target: Target): void {
  const quantity = parseQuantity(key);
  if (quantity === undefined) {
    const expected = 'a quantity of the catalogue, such as air_temperature or relative_humidity';
    refuse(target, {
      reason: 'unknown_quantity',
      channel,
      field: excerpt(key),
      expected,
      received: excerpt(given),
    });
    return;
  }
  const value =
    given === true && quantity === 'door_open' ? 1 : given === false && quantity === 'door_open' ? 0 : given;
  if (typeof value !== 'number') {
    refuseValue('not_a_number', quantity, given, channel, stamp, target);
  } else if (!isPossible(quantity, value)) {
    refuseValue('out_of_range', quantity, given, channel, stamp, target);
  } else {
    const { device, receivedAt } = target;
    const { measuredAt, clock } = stamp;
    target.readings.push({ device, channel, quantity, value, measuredAt, receivedAt, clock });
  }
}

function refuseValue(
  reason: 'not_a_number' | 'out_of_range',
  quantity: QuantityName,
  given: unknown,
  channel: string,
  { measuredAt }: Stamp,
  target: Target,
): void {
  const { unit, min, max } = quantities[quantity];
  const expected = `${quantity} as a number from ${min} to ${max} ${unit}`;
  refuse(target, { reason, channel, field: quantity, expected, received: excerpt(given), measuredAt });
}

function isSequence(seq: number): boolean {
  return Number.isSafeInteger(seq) && seq >= 0;
}

function checkSequence(seq: unknown, target: Target): void {
  if (typeof seq === 'number' && isSequence(seq)) return;
  const expected = 'seq as an integer that counts messages from 0';
  refuse(target, { reason: 'not_a_number', field: 'seq', expected, received: excerpt(seq) });
}

function refuseSize(target: Target): void {
  const expected = `at most ${MAX_VALUES} values in a record`;
  refuse(target, { reason: 'too_many_records', expected, received: 'more' });
}

function refuse(target: Target, refusal: Refusal): void {
  target.refusals.push({ ...refusal, device: target.device });
}
