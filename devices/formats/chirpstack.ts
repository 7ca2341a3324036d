/**
 * ChirpStack v4, JSON integration: `application/<application>/device/<DevEUI>/event/<event>`. The device is the DevEUI
 * of the topic; `time` is when the network received the frame. A frame counter starts again when the device joins, so
 * the address it got at joining is part of the identity.
 */
import { frameDraft, keep } from '../frame.ts';
import { parseIso } from '../local-time.ts';
import type { Enveloped, Message } from '../model.ts';
import { excerpt, MAIN_CHANNEL } from '../reading.ts';
import { type Envelope, NOTHING, type Opened, oneDevice, refused } from './envelope.ts';
import { isObject, type JsonObject, parseJson } from './json.ts';
import { countOf, parseBase64, signalOf } from './lorawan.ts';

const EXPECTED = 'a ChirpStack v4 event as JSON (not Protobuf)';

export const chirpstack: Envelope = {
  id: 'chirpstack',
  title: 'ChirpStack v4',
  topics: 'application/+/device/+/event/+',
  matches: (topic) => topic.startsWith('application/') && topic.includes('/event/'),
  open,
};

function open(message: Message): Opened {
  const [root, , kind, eui = '', event, name = '', ...rest] = message.topic.split('/');
  if (root !== 'application' || kind !== 'device' || event !== 'event' || rest.length > 0 || eui === '')
    return NOTHING;
  if (name !== 'up' && name !== 'status') return NOTHING;
  const device = eui.toLowerCase();
  const parsed = parseJson(message.payload, EXPECTED);
  if ('refusal' in parsed) return refused(parsed.refusal, device);
  const { value } = parsed;
  if (!isObject(value))
    return refused({ reason: 'malformed', expected: EXPECTED, received: excerpt(value) }, device);
  const info = value.deviceInfo;
  if (isObject(info) && typeof info.devEui === 'string' && info.devEui.toLowerCase() !== device) {
    const expected = 'deviceInfo.devEui as in the topic';
    return refused(
      { reason: 'malformed', field: 'devEui', expected, received: excerpt(info.devEui) },
      device,
    );
  }
  return name === 'up' ? openUplink(value, device) : oneDevice(statusOf(value, device));
}

function openUplink(uplink: JsonObject, device: string): Opened {
  const fPort = countOf(uplink.fPort);
  const fCnt = countOf(uplink.fCnt);
  const bytes = uplink.data === undefined ? undefined : parseBase64(uplink.data);
  if (fPort === undefined || fCnt === undefined || (uplink.data !== undefined && bytes === undefined)) {
    const expected = 'data as base64, fPort and fCnt as counts';
    return refused({ reason: 'malformed', expected, received: excerpt(uplink.data ?? uplink.fPort) }, device);
  }
  const address = typeof uplink.devAddr === 'string' ? uplink.devAddr : '';
  return oneDevice({
    device,
    identity: `fcnt:${address}:${fCnt}`,
    ...timeOf(uplink),
    ...(bytes === undefined ? {} : { frame: { bytes, fPort } }),
    ...(isObject(uplink.object) ? { object: uplink.object } : {}),
    measurements: signalOf(uplink.rxInfo),
    refusals: [],
  });
}

/** The battery as the device told the network server, outside its own frames. */
function statusOf(status: JsonObject, device: string): Enveloped {
  const draft = frameDraft();
  const { batteryLevel, batteryLevelUnavailable, externalPowerSource } = status;
  if (typeof batteryLevel === 'number' && batteryLevelUnavailable !== true && externalPowerSource !== true) {
    keep(draft, { channel: MAIN_CHANNEL, quantity: 'battery_level' }, batteryLevel);
  }
  return { device, ...timeOf(status), ...draft };
}

function timeOf(event: JsonObject): Pick<Enveloped, 'clock' | 'measuredAt'> {
  const measuredAt = typeof event.time === 'string' ? parseIso(event.time) : undefined;
  return measuredAt === undefined ? { clock: 'server' } : { clock: 'network', measuredAt };
}
