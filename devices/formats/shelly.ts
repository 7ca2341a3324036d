/**
 * Shelly Gen2 and later: `<prefix>/events/rpc` (full states and changes alike: what a message does not mention has not
 * changed and is not a reading), `<prefix>/status/<component>`, `<prefix>/online`. The device is the topic's prefix.
 * Component 0 is the channel `main`, others (add-on probes from 100) are `probe-<id>`.
 */
import { type FrameDraft, frameDraft } from '../frame.ts';
import { type FieldRule, mapFields } from '../mapping.ts';
import type { Enveloped, Message } from '../model.ts';
import { excerpt, MAIN_CHANNEL } from '../reading.ts';
import { type Envelope, NOTHING, type Opened, oneDevice, refused } from './envelope.ts';
import { isObject, type JsonObject, parseJson } from './json.ts';

const EXPECTED = 'a Shelly notification or component status as a JSON object';
const STATUS = /^(.+)\/status\/([a-z]+:\d{1,3})$/;
const EVENTS = '/events/rpc';
const ONLINE = '/online';

export const shelly: Envelope = {
  id: 'shelly',
  title: 'Shelly Gen2+',
  topics: '+/events/rpc, +/status/+, +/online',
  matches: (topic) => topic.endsWith(EVENTS) || topic.endsWith(ONLINE) || STATUS.test(topic),
  open,
};

const components: ReadonlyMap<string, readonly FieldRule[]> = new Map([
  ['temperature', [{ path: 'tC', quantity: 'air_temperature' }]],
  ['humidity', [{ path: 'rh', quantity: 'relative_humidity' }]],
  ['illuminance', [{ path: 'lux', quantity: 'light' }]],
]);
const battery: readonly FieldRule[] = [
  { path: 'battery.percent', quantity: 'battery_level' },
  { path: 'battery.V', quantity: 'battery_voltage' },
];

function open(message: Message): Opened {
  const { topic, payload } = message;
  if (topic.endsWith(ONLINE)) return NOTHING;
  const status = STATUS.exec(topic);
  const device = status?.[1] ?? topic.slice(0, -EVENTS.length);
  const parsed = parseJson(payload, EXPECTED);
  if ('refusal' in parsed) return refused(parsed.refusal, device);
  const { value } = parsed;
  if (!isObject(value))
    return refused({ reason: 'malformed', expected: EXPECTED, received: excerpt(value) }, device);
  const draft = frameDraft();
  if (status !== null) {
    readComponent(status[2] ?? '', value, draft);
    return oneDevice({ device, clock: 'server', ...draft });
  }
  if (value.method !== 'NotifyStatus' && value.method !== 'NotifyFullStatus') return NOTHING;
  const { params } = value;
  if (!isObject(params)) return refused({ reason: 'malformed', field: 'params', expected: EXPECTED }, device);
  for (const [name, component] of Object.entries(params)) {
    if (isObject(component)) readComponent(name, component, draft);
  }
  return oneDevice({ device, ...timeOf(params), ...draft });
}

function readComponent(name: string, component: JsonObject, draft: FrameDraft): void {
  const [kind = '', id = '0'] = name.split(':');
  const channel = id === '0' ? MAIN_CHANNEL : `probe-${id}`;
  let rules = components.get(kind) ?? [];
  if (kind === 'devicepower') {
    // On a cable the empty battery compartment reports 0 %, which is no battery and not a flat one.
    const { external } = component;
    rules = isObject(external) && external.present === true ? [] : battery;
  }
  mapFields(
    component,
    rules.map((rule) => ({ ...rule, channel })),
    draft,
  );
}

/** `ts` is in seconds with a fraction, and null until the device knows the time. */
function timeOf({ ts }: JsonObject): Pick<Enveloped, 'clock' | 'measuredAt'> {
  return typeof ts === 'number'
    ? { clock: 'device', measuredAt: Math.round(ts * 1_000) }
    : { clock: 'server' };
}
