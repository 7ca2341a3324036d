import { isObject, parseJson } from './formats/json.ts';
import { NATIVE_EXPECTED, readNative } from './formats/native.ts';
import { isSenml, readSenml } from './formats/senml.ts';
import type { Message } from './model.ts';
import { type Decoded, excerpt } from './reading.ts';
import { parseDeviceTopic } from './topic.ts';

const NOTHING: Decoded = { readings: [], refusals: [] };

/** Turns one message into readings and refusals; the one entry for ingest and for `decode`. Pure, never throws. */
export function decodeMessage(message: Message): Decoded {
  const topic = parseDeviceTopic(message.topic);
  if (topic === undefined) {
    const expected =
      'greenlane/<site>/<device>/up, or a topic of a known network server, gateway or firmware';
    return {
      readings: [],
      refusals: [{ reason: 'unknown_topic', expected, received: excerpt(message.topic) }],
    };
  }
  // A last will or a command to the device says nothing about the food.
  if (topic.leaf !== 'up') return NOTHING;
  return decodeUp(message, topic.device);
}

function decodeUp(message: Message, device: string): Decoded {
  const parsed = parseJson(message.payload, NATIVE_EXPECTED, true);
  if ('refusal' in parsed) return { readings: [], refusals: [{ ...parsed.refusal, device }] };
  const { value } = parsed;
  if (!isObject(value) && isSenml(value)) return readSenml(value, device, message.receivedAt);
  return readNative(value, device, message.receivedAt);
}
