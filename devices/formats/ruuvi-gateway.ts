/**
 * Ruuvi Gateway: `ruuvi/<gateway MAC>/<tag MAC>` with the tag's Bluetooth advertisement as hexadecimal text; times are
 * seconds as texts. The device is the tag's MAC in lower case without colons.
 */
import { parseHex } from '../bytes.ts';
import { frameDraft, keep } from '../frame.ts';
import type { Message } from '../model.ts';
import { excerpt, MAIN_CHANNEL } from '../reading.ts';
import { macOf, ruuvitag } from '../ruuvi/ruuvitag.ts';
import { type Envelope, NOTHING, type Opened, oneDevice, refused } from './envelope.ts';
import { isObject, type JsonObject, parseJson } from './json.ts';

const EXPECTED =
  'an advertisement of a Ruuvi tag such as {"ts": "1653668027", "rssi": -26, "data": "0201061BFF9904..."}';
const MAC = /^[0-9a-f]{12}$/;

export const ruuviGateway: Envelope = {
  id: 'ruuvi-gateway',
  title: 'Ruuvi Gateway',
  topics: 'ruuvi/+/+',
  matches: (topic) => topic.startsWith('ruuvi/'),
  open,
};

function open(message: Message): Opened {
  const [, , tag = '', ...rest] = message.topic.split('/');
  const device = tag.replaceAll(':', '').toLowerCase();
  // gw_status and the like are about the gateway itself.
  if (rest.length > 0 || !MAC.test(device)) return NOTHING;
  const parsed = parseJson(message.payload, EXPECTED);
  if ('refusal' in parsed) return refused(parsed.refusal, device);
  const { value } = parsed;
  const bytes = isObject(value) && typeof value.data === 'string' ? parseHex(value.data) : undefined;
  if (!isObject(value) || bytes === undefined) {
    return refused(
      { reason: 'malformed', field: 'data', expected: EXPECTED, received: excerpt(value) },
      device,
    );
  }
  const frame = manufacturerData(bytes);
  if (frame === undefined) {
    const expected = 'the manufacturer data of Ruuvi (FF 9904) in the advertisement';
    return refused({ reason: 'truncated', field: 'data', expected, received: excerpt(value.data) }, device);
  }
  const mac = macOf(frame);
  if (mac !== undefined && mac !== device) {
    return refused(
      { reason: 'malformed', field: 'data', expected: `the frame of ${device}`, received: mac },
      device,
    );
  }
  return openFrame(value, frame, device);
}

function openFrame(value: JsonObject, bytes: Uint8Array, device: string): Opened {
  const draft = frameDraft();
  if (typeof value.rssi === 'number') {
    keep(draft, { channel: MAIN_CHANNEL, quantity: 'signal_rssi' }, value.rssi);
  }
  const seconds = typeof value.ts === 'string' && /^\d{1,12}$/.test(value.ts) ? Number(value.ts) : value.ts;
  return oneDevice({
    device,
    ...(typeof seconds === 'number'
      ? { clock: 'network', measuredAt: seconds * 1_000 }
      : { clock: 'server' }),
    model: ruuvitag.id,
    frame: { bytes, fPort: 0 },
    ...draft,
  });
}

/** What follows the company number 0x0499 in a Bluetooth advertisement: pieces of length, type and data. */
function manufacturerData(bytes: Uint8Array): Uint8Array | undefined {
  for (let at = 0; at + 1 < bytes.length; at += 1 + (bytes[at] ?? 0)) {
    const length = bytes[at] ?? 0;
    const piece = bytes.subarray(at + 1, at + 1 + length);
    if (length < 3 || piece.length < length) continue;
    if (piece[0] === 0xff && piece[1] === 0x99 && piece[2] === 0x04) return piece.subarray(3);
  }
  return undefined;
}
