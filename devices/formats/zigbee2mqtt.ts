/**
 * Zigbee2MQTT: `zigbee2mqtt/<friendly name>`, where the name may contain `/`. A state is retained and may be hours old;
 * `last_seen` (when it is switched on) says when it was measured.
 */
import { frameDraft } from '../frame.ts';
import { parseIso } from '../local-time.ts';
import { type FieldRule, mapFields } from '../mapping.ts';
import type { Enveloped, Message } from '../model.ts';
import { excerpt } from '../reading.ts';
import { type DecodeContext, type Envelope, NOTHING, type Opened, oneDevice, refused } from './envelope.ts';
import { isObject, type JsonObject, parseJson } from './json.ts';

const ROOT = 'zigbee2mqtt/';
const EXPECTED = 'the state of a Zigbee device as a JSON object';

export const zigbee2mqtt: Envelope = {
  id: 'zigbee2mqtt',
  title: 'Zigbee2MQTT',
  topics: 'zigbee2mqtt/#',
  matches: (topic) => topic.startsWith(ROOT),
  open,
};

const rules: readonly FieldRule[] = [
  { path: 'temperature', quantity: 'air_temperature' },
  { path: 'humidity', quantity: 'relative_humidity' },
  { path: 'soil_temperature', quantity: 'soil_temperature' },
  { path: 'soil_moisture', quantity: 'soil_moisture' },
  { path: 'pressure', quantity: 'air_pressure', unit: 'hPa' },
  { path: 'co2', quantity: 'co2' },
  { path: 'battery', quantity: 'battery_level' },
  { path: 'contact', quantity: 'door_open', inverted: true },
];
const lux: FieldRule = { path: 'illuminance_lux', quantity: 'light' };
const luxSince2: FieldRule = { path: 'illuminance', quantity: 'light' };
const milliVolt: FieldRule = { path: 'voltage', quantity: 'battery_voltage', unit: 'mV' };

/** Numbers that are no measurement of the place. */
const ignored: ReadonlySet<string> = new Set([
  'linkquality',
  'last_seen',
  'device_temperature',
  'illuminance',
]);

function open(message: Message, context: DecodeContext): Opened {
  const device = message.topic.slice(ROOT.length);
  if (device.startsWith('bridge/') || /\/(availability|get|set)(\/|$)/.test(device)) return NOTHING;
  const parsed = parseJson(message.payload, EXPECTED);
  if ('refusal' in parsed) return refused(parsed.refusal, device);
  const { value } = parsed;
  if (!isObject(value))
    return refused({ reason: 'malformed', expected: EXPECTED, received: excerpt(value) }, device);
  return oneDevice({ device, ...timeOf(value), ...read(value, context.fieldsOf?.(device)) });
}

function read(
  state: JsonObject,
  own: readonly FieldRule[] | undefined,
): Pick<Enveloped, 'measurements' | 'refusals'> {
  const draft = frameDraft();
  const known = own ?? rulesFor(state);
  // Null is what a device says of a field before it measured for the first time.
  const measured = Object.fromEntries(Object.entries(state).filter(([, value]) => value !== null));
  mapFields(measured, known, draft);
  if (own !== undefined) return draft;
  for (const [name, value] of Object.entries(measured)) {
    if (typeof value !== 'number' || ignored.has(name) || known.some(({ path }) => path === name)) continue;
    const expected = 'a field with a quantity of the catalogue';
    draft.refusals.push({
      reason: 'unknown_field',
      field: excerpt(name),
      expected,
      received: excerpt(value),
    });
  }
  return draft;
}

function rulesFor(state: JsonObject): readonly FieldRule[] {
  // Before version 2 `illuminance` was a raw number and `illuminance_lux` came with it.
  const light = Object.hasOwn(state, 'illuminance_lux') ? lux : luxSince2;
  // A voltage is in mV and of a battery where there is one; that of a plug is in V and of the mains.
  return Object.hasOwn(state, 'battery') ? [...rules, light, milliVolt] : [...rules, light];
}

/** `last_seen` as the bridge writes it: ISO 8601 or milliseconds. */
function timeOf({ last_seen: seen }: JsonObject): Pick<Enveloped, 'clock' | 'measuredAt'> {
  const measuredAt = typeof seen === 'string' ? parseIso(seen) : typeof seen === 'number' ? seen : undefined;
  return measuredAt === undefined ? { clock: 'server' } : { clock: 'network', measuredAt };
}
