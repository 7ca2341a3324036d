/**
 * SenML (RFC 8428), JSON representation, on `greenlane/<site>/<device>/up`.
 *
 * The device is the one of the topic. The full name (base name + name) says the channel and the quantity:
 *   1. a leading `urn:dev:<kind>:<id>` or the topic's device id is dropped, and so is a base name ending in : / or _;
 *   2. what is left is cut at : and /; the last part is the quantity, the parts before it the channel (joined by .);
 *   3. the last part is a quantity of the catalogue, or one of `aliases` in names.ts; if it is neither, or nothing is left,
 *      the quantity follows from the unit where the unit leaves no doubt (`byUnit`).
 * The value is converted from its unit; without a unit it must be in the catalogue's.
 */
import type { Message } from '../model.ts';
import { quantityByName } from '../names.ts';
import { isPossible, type QuantityName, quantities } from '../quantity.ts';
import {
  type Decoded,
  excerpt,
  limitRefusals,
  MAIN_CHANNEL,
  type Reading,
  type Refusal,
} from '../reading.ts';
import { type Instant, isPlausible } from '../time.ts';
import { isId } from '../topic.ts';
import { toCanonical } from '../units.ts';
import { isObject, type JsonObject, parseJson } from './json.ts';
import { MAX_RECORDS } from './native.ts';

const byUnit: ReadonlyMap<string, QuantityName> = new Map([
  ['Cel', 'air_temperature'],
  ['%RH', 'relative_humidity'],
  ['%EL', 'battery_level'],
  ['lx', 'light'],
  ['lat', 'latitude'],
  ['lon', 'longitude'],
]);

/** Labels of RFC 8428 table 1. An unknown one may be ignored unless it ends in _ (section 4.4). */
const labels: ReadonlySet<string> = new Set([
  'bn',
  'bt',
  'bu',
  'bv',
  'bs',
  'bver',
  'n',
  'u',
  'v',
  'vs',
  'vb',
  'vd',
  's',
  't',
  'ut',
]);

/** Times below this are seconds before or after now, others since 1970 (RFC 8428 section 4.5.3). */
const RELATIVE_BELOW_S = 2 ** 28;

/** The version this reads (RFC 8428 section 4.4); a higher one may mean something else by the same labels. */
const VERSION = 10;

const EXPECTED =
  'a SenML pack such as [{"bn": "urn:dev:mac:0024befffe804ff1:", "n": "t", "u": "Cel", "v": 4.2}]';

interface Base {
  name: string;
  time: number;
  unit: string | undefined;
  value: number;
  sum: boolean;
}

interface Context {
  readonly device: string;
  readonly receivedAt: Instant;
  /** A pack about one instant is a single record: without a usable time it was measured about now. */
  readonly single: boolean;
  readonly readings: Reading[];
  readonly refusals: Refusal[];
}

/** True for a parsed payload that is a SenML pack and not a batch of native records. */
export function isSenml(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  const first: unknown = value[0];
  return isObject(first) && Object.keys(first).some((key) => labels.has(key));
}

/** Decodes a SenML pack; see the head of this file. Never throws. */
export function decodeSenml(message: Message, device: string): Decoded {
  const parsed = parseJson(message.payload, EXPECTED, true);
  if ('refusal' in parsed) return { readings: [], refusals: [{ ...parsed.refusal, device }] };
  return readSenml(parsed.value, device, message.receivedAt);
}

/** The same for a payload that is parsed already. */
export function readSenml(pack: unknown, device: string, receivedAt: Instant): Decoded {
  const whole = (refusal: Refusal): Decoded => ({ readings: [], refusals: [{ ...refusal, device }] });
  if (!Array.isArray(pack) || pack.length === 0) {
    return whole({ reason: 'malformed', expected: EXPECTED, received: excerpt(pack) });
  }
  if (pack.length > MAX_RECORDS) {
    const expected = `at most ${MAX_RECORDS} records in a message`;
    return whole({ reason: 'too_many_records', expected, received: `${pack.length} records` });
  }
  const records: readonly unknown[] = pack;
  const context: Context = { device, receivedAt, single: isSingle(records), readings: [], refusals: [] };
  const base: Base = { name: '', time: 0, unit: undefined, value: 0, sum: false };
  for (const record of records) {
    if (!isObject(record)) {
      refuse(context, { reason: 'malformed', expected: EXPECTED, received: excerpt(record) });
      continue;
    }
    const wrong = takeBase(record, base);
    // The records after a base field that is not understood depend on it: none of them can be read honestly.
    if (wrong !== undefined) return whole(wrong);
    readRecord(record, base, context);
  }
  return { readings: context.readings, refusals: limitRefusals(context.refusals) };
}

/** True when no two records of the pack are about different instants. */
function isSingle(records: readonly unknown[]): boolean {
  const times = new Set<unknown>();
  let base: unknown = 0;
  for (const record of records) {
    if (!isObject(record)) continue;
    base = record.bt ?? base;
    if (hasValue(record)) times.add(`${String(base)}+${String(record.t ?? 0)}`);
  }
  return times.size <= 1;
}

function hasValue(record: JsonObject): boolean {
  return ['n', 'v', 'vs', 'vb', 'vd', 's'].some((label) => record[label] !== undefined);
}

/** Takes over the record's base fields, or says what is wrong with one of them. */
function takeBase(record: JsonObject, base: Base): Refusal | undefined {
  const { bn, bt, bu, bv, bs, bver } = record;
  const wrong = (field: string, expected: string, received: unknown): Refusal => {
    return { reason: 'malformed', field, expected: `${field} as ${expected}`, received: excerpt(received) };
  };
  if (bver !== undefined && (typeof bver !== 'number' || bver > VERSION)) {
    return wrong('bver', `a version up to ${VERSION}`, bver);
  }
  if (bn !== undefined && typeof bn !== 'string') return wrong('bn', 'a text', bn);
  if (bu !== undefined && typeof bu !== 'string') return wrong('bu', 'a text', bu);
  if (bt !== undefined && typeof bt !== 'number') return wrong('bt', 'seconds', bt);
  if (bv !== undefined && typeof bv !== 'number') return wrong('bv', 'a number', bv);
  if (bn !== undefined) base.name = bn;
  if (bu !== undefined) base.unit = bu;
  if (bt !== undefined) base.time = bt;
  if (bv !== undefined) base.value = bv;
  if (bs !== undefined) base.sum = true;
  return undefined;
}

function readRecord(record: JsonObject, base: Base, context: Context): void {
  if (!hasValue(record)) return;
  for (const label in record) {
    if (label.endsWith('_') && !labels.has(label)) {
      const expected = 'no label that must be understood (one ending in _)';
      refuse(context, { reason: 'unknown_field', field: excerpt(label), expected });
      return;
    }
  }
  const unit = record.u ?? base.unit;
  const target = targetOf(record, base, unit, context);
  if (target === undefined) return;
  const { channel, quantity } = target;
  if (record.s !== undefined || base.sum) {
    const expected = 'values; a sum over time (s, bs) is not a reading';
    refuse(context, {
      reason: 'unsupported',
      channel,
      field: quantity,
      expected,
      received: excerpt(record.s),
    });
    if (record.v === undefined) return;
  }
  const given = numberOf(record, base, quantity);
  if (given === undefined) {
    const received = excerpt(record.v ?? record.vs ?? record.vd ?? record.vb ?? 'no value');
    const expected = `${quantity} as a number in v`;
    refuse(context, { reason: 'not_a_number', channel, field: quantity, expected, received });
    return;
  }
  const value = typeof unit === 'string' ? toCanonical(quantity, given, unit) : given;
  if (value === undefined) {
    const expected = `${quantity} in ${quantities[quantity].unit}`;
    refuse(context, { reason: 'unknown_unit', channel, field: quantity, expected, received: excerpt(unit) });
    return;
  }
  stampAndKeep(record, base, { channel, quantity, value, given }, context);
}

/** The record's number: v plus the base value; for a door also a boolean. */
function numberOf(record: JsonObject, base: Base, quantity: QuantityName): number | undefined {
  if (typeof record.v === 'number') return record.v + base.value;
  if (record.v === undefined && typeof record.vb === 'boolean' && quantity === 'door_open') {
    return record.vb ? 1 : 0;
  }
  return undefined;
}

interface Kept {
  readonly channel: string;
  readonly quantity: QuantityName;
  readonly value: number;
  readonly given: number;
}

function stampAndKeep(record: JsonObject, base: Base, kept: Kept, context: Context): void {
  const { device, receivedAt } = context;
  const { channel, quantity, value } = kept;
  const seconds =
    typeof record.t === 'number' ? record.t + base.time : record.t === undefined ? base.time : Number.NaN;
  const isRelative = Math.abs(seconds) < RELATIVE_BELOW_S;
  let measuredAt = Math.round(seconds * 1_000) + (isRelative ? receivedAt : 0);
  // A time relative to the receipt was made when the message arrived, as a network's: a copy of it would differ.
  let clock: Reading['clock'] = !isRelative ? 'device' : seconds === 0 ? 'server' : 'network';
  if (!isPlausible(measuredAt, receivedAt)) {
    const expected =
      'bt + t in seconds: since 1970, from 2015 to 10 min ahead of the server, or relative to now';
    const received = excerpt(record.t ?? record.bt ?? base.time);
    refuse(context, { reason: 'implausible_time', channel, field: 't', expected, received });
    if (!context.single) return;
    measuredAt = receivedAt;
    clock = 'server';
  }
  if (!isPossible(quantity, value)) {
    const { unit, min, max } = quantities[quantity];
    const expected = `${quantity} from ${min} to ${max} ${unit}`;
    const received = excerpt(kept.given);
    refuse(context, { reason: 'out_of_range', channel, field: quantity, expected, received, measuredAt });
    return;
  }
  context.readings.push({ device, channel, quantity, value, measuredAt, receivedAt, clock });
}

/** The channel and quantity a record is about; refuses when its name or unit leaves them open. */
function targetOf(
  record: JsonObject,
  base: Base,
  unit: unknown,
  context: Context,
): { channel: string; quantity: QuantityName } | undefined {
  const { n = '' } = record;
  if (typeof n !== 'string' || (unit !== undefined && typeof unit !== 'string')) {
    const expected = 'n and u as texts';
    refuse(context, { reason: 'malformed', field: 'n', expected, received: excerpt(n) });
    return undefined;
  }
  const parts = nameParts(base.name, n, context.device);
  let quantity = quantityByName(parts.at(-1) ?? '');
  let before: readonly string[] = parts.slice(0, -1);
  if (quantity === undefined && unit !== undefined) {
    quantity = byUnit.get(unit);
    before = parts;
  }
  const field = excerpt(base.name + n);
  if (quantity === undefined) {
    const expected = 'a name that ends in a quantity, such as probe-1/product_temperature';
    refuse(context, { reason: 'unknown_quantity', field, expected, received: excerpt(unit ?? 'no unit') });
    return undefined;
  }
  const channel = before.length === 0 ? MAIN_CHANNEL : before.join('.');
  if (!isId(channel)) {
    const expected = 'a channel name of 1 to 64 of A-Z a-z 0-9 _ . -';
    refuse(context, { reason: 'unknown_channel', field, expected, received: excerpt(channel) });
    return undefined;
  }
  return { channel, quantity };
}

const DEVICE_URN = /^urn:dev:[^:/]+:[^:/_]*/;

/** What is left of a full name once the device is taken off it, in parts. */
function nameParts(baseName: string, name: string, device: string): readonly string[] {
  const isDevice = /[:/_]$/.test(baseName) && name !== '' && !baseName.startsWith('urn:dev:');
  const full = isDevice ? name : baseName + name;
  const parts = full
    .replace(DEVICE_URN, '')
    .split(/[:/]/)
    .map((part) => part.replace(/^_/, ''))
    .filter((part) => part !== '');
  return parts[0] === device ? parts.slice(1) : parts;
}

function refuse(context: Context, refusal: Refusal): void {
  context.refusals.push({ ...refusal, device: context.device });
}
