/**
 * The Things Stack v3: `v3/<application>[@<tenant>]/devices/<device>/up`. The device is its DevEUI where the message
 * gives one (it stays the same on another network), else the device id. Fields that are 0, '' or false are left out.
 * A message marked `simulated` was made on the console and never counts.
 */
import { parseIso } from '../local-time.ts';
import type { Message } from '../model.ts';
import { excerpt } from '../reading.ts';
import { type Envelope, NOTHING, type Opened, oneDevice, refused } from './envelope.ts';
import { isObject, type JsonObject, parseJson } from './json.ts';
import { countOf, parseBase64, signalOf } from './lorawan.ts';

const EXPECTED = 'an uplink message of The Things Stack v3 as JSON';

export const theThingsStack: Envelope = {
  id: 'the-things-stack',
  title: 'The Things Stack v3',
  topics: 'v3/+/devices/+/up',
  matches: (topic) => topic.startsWith('v3/') && topic.includes('/devices/'),
  open,
};

function open(message: Message): Opened {
  const [, , devices, id = '', event, ...rest] = message.topic.split('/');
  if (devices !== 'devices' || id === '' || event !== 'up' || rest.length > 0) return NOTHING;
  const parsed = parseJson(message.payload, EXPECTED);
  if ('refusal' in parsed) return refused(parsed.refusal, id);
  const { value } = parsed;
  const ids = isObject(value) ? value.end_device_ids : undefined;
  if (!isObject(value) || !isObject(ids) || !isObject(value.uplink_message)) {
    return refused({ reason: 'malformed', expected: EXPECTED, received: excerpt(value) }, id);
  }
  if (ids.device_id !== id) {
    const expected = 'end_device_ids.device_id as in the topic';
    return refused(
      { reason: 'malformed', field: 'device_id', expected, received: excerpt(ids.device_id) },
      id,
    );
  }
  const device = typeof ids.dev_eui === 'string' && ids.dev_eui !== '' ? ids.dev_eui.toLowerCase() : id;
  if (value.simulated === true) {
    return refused(
      { reason: 'simulated', expected: 'an uplink from a device', received: 'simulated: true' },
      device,
    );
  }
  return openUplink(value, value.uplink_message, ids, device);
}

function openUplink(message: JsonObject, uplink: JsonObject, ids: JsonObject, device: string): Opened {
  const fPort = countOf(uplink.f_port);
  const fCnt = countOf(uplink.f_cnt);
  const payload = uplink.frm_payload;
  const bytes = payload === undefined ? undefined : parseBase64(payload);
  if (fPort === undefined || fCnt === undefined || (payload !== undefined && bytes === undefined)) {
    const expected = 'frm_payload as base64, f_port and f_cnt as counts';
    return refused({ reason: 'malformed', expected, received: excerpt(payload ?? uplink.f_port) }, device);
  }
  const session = [uplink.session_key_id, ids.dev_addr].find((text) => typeof text === 'string') ?? '';
  const times = [uplink.received_at, message.received_at];
  const measuredAt = times
    .map((text) => (typeof text === 'string' ? parseIso(text) : undefined))
    .find(Boolean);
  return oneDevice({
    device,
    identity: `fcnt:${session}:${fCnt}`,
    ...(measuredAt === undefined ? { clock: 'server' } : { clock: 'network', measuredAt }),
    ...(bytes === undefined ? {} : { frame: { bytes, fPort } }),
    ...(isObject(uplink.decoded_payload) ? { object: uplink.decoded_payload } : {}),
    measurements: signalOf(uplink.rx_metadata),
    refusals: [],
  });
}
