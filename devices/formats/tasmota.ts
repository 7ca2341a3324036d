/**
 * Tasmota: `tele/<topic>/SENSOR`, or `<topic>/tele/SENSOR` as some configure it. A probe is known by its `Id`, because
 * the number in its name changes when probes are added. `Time` is local without an offset unless SetOption52 is on, so
 * a time zone has to be known; `TempUnit` may be F.
 */
import { type FrameDraft, frameDraft } from '../frame.ts';
import { isLocalTime, parseIso, parseLocal } from '../local-time.ts';
import { type FieldRule, mapValue } from '../mapping.ts';
import type { Enveloped, Message } from '../model.ts';
import { excerpt, type Refusal } from '../reading.ts';
import { isId } from '../topic.ts';
import { type DecodeContext, type Envelope, NOTHING, type Opened, oneDevice, refused } from './envelope.ts';
import { isObject, type JsonObject, parseJson } from './json.ts';

const EXPECTED =
  'a Tasmota SENSOR message such as {"Time": "...", "DS18B20": {"Temperature": 4.2}, "TempUnit": "C"}';

export const tasmota: Envelope = {
  id: 'tasmota',
  title: 'Tasmota',
  topics: 'tele/+/SENSOR',
  matches: (topic) => topic.startsWith('tele/') || topic.includes('/tele/'),
  open,
};

/** Fields of a sensor; `unit` is of those that the message does not set itself. */
const fields: ReadonlyMap<string, Omit<FieldRule, 'path'>> = new Map([
  ['Temperature', { quantity: 'air_temperature' }],
  ['Humidity', { quantity: 'relative_humidity' }],
  ['Pressure', { quantity: 'air_pressure' }],
  ['Illuminance', { quantity: 'light' }],
  ['CarbonDioxide', { quantity: 'co2' }],
]);

/** Numbers that follow from the others or from the height that was configured. */
const derived: ReadonlySet<string> = new Set(['DewPoint', 'HeatIndex', 'SeaPressure']);

function open(message: Message, context: DecodeContext): Opened {
  const levels = message.topic.split('/');
  const leaf = levels.pop();
  const device = levels.filter((level) => level !== 'tele').join('/');
  if (leaf !== 'SENSOR' || device === '') return NOTHING;
  const parsed = parseJson(message.payload, EXPECTED);
  if ('refusal' in parsed) return refused(parsed.refusal, device);
  const { value } = parsed;
  if (!isObject(value))
    return refused({ reason: 'malformed', expected: EXPECTED, received: excerpt(value) }, device);
  const draft = frameDraft();
  for (const [name, sensor] of Object.entries(value)) {
    if (isObject(sensor)) readSensor(name, sensor, value, draft);
  }
  const { time, refusals } = timeOf(value, device, message, context);
  const { measurements } = draft;
  return oneDevice({ device, ...time, measurements, refusals: [...draft.refusals, ...refusals] });
}

function readSensor(name: string, sensor: JsonObject, units: JsonObject, draft: FrameDraft): void {
  const id = typeof sensor.Id === 'string' && isId(sensor.Id) ? sensor.Id : name;
  if (!isId(id)) {
    draft.refusals.push({
      reason: 'unknown_channel',
      expected: 'a sensor with a plain name',
      received: excerpt(id),
    });
    return;
  }
  for (const [field, given] of Object.entries(sensor)) {
    const known = fields.get(field);
    if (known !== undefined) {
      mapValue(given, { ...known, path: field, channel: id, ...unitOf(known.quantity, units) }, draft);
    } else if (typeof given === 'number' && !derived.has(field)) {
      const expected = `one of ${[...fields.keys()].join(', ')}`;
      const received = excerpt(given);
      draft.refusals.push({
        reason: 'unknown_field',
        channel: id,
        field: excerpt(field),
        expected,
        received,
      });
    }
  }
}

/** The unit of a field where the message sets it. Degrees are C unless it says F; pressure is hPa unless it says so. */
function unitOf(quantity: string, { TempUnit, PressureUnit }: JsonObject): { readonly unit?: string } {
  if (quantity === 'air_temperature') return { unit: TempUnit === 'F' ? '[degF]' : 'Cel' };
  if (quantity === 'air_pressure') return { unit: typeof PressureUnit === 'string' ? PressureUnit : 'hPa' };
  return {};
}

function timeOf(
  { Time }: JsonObject,
  device: string,
  { receivedAt }: Message,
  { timeZoneOf }: DecodeContext,
): { time: Pick<Enveloped, 'clock' | 'measuredAt'>; refusals: readonly Refusal[] } {
  if (typeof Time !== 'string') return { time: { clock: 'server' }, refusals: [] };
  const zone = timeZoneOf?.(device);
  const measuredAt = parseIso(Time) ?? (zone === undefined ? undefined : parseLocal(Time, zone, receivedAt));
  if (measuredAt !== undefined) return { time: { clock: 'device', measuredAt }, refusals: [] };
  const reason = isLocalTime(Time) && zone === undefined ? 'time_zone_missing' : 'implausible_time';
  const expected = 'a time zone for this device (such as Asia/Shanghai), or SetOption52 1 on it';
  return {
    time: { clock: 'server' },
    refusals: [{ reason, field: 'Time', expected, received: excerpt(Time) }],
  };
}
