import { findEnvelope } from './envelopes.ts';
import { decodeEnveloped } from './foreign.ts';
import type { DecodeContext, Envelope, FormatState } from './formats/envelope.ts';
import { homeAssistant, isAnnounced } from './formats/home-assistant.ts';
import { isObject, parseJson } from './formats/json.ts';
import { NATIVE_EXPECTED, readNative } from './formats/native.ts';
import { isSenml, readSenml } from './formats/senml.ts';
import type { Message } from './model.ts';
import { type Decoded, excerpt, limitRefusals } from './reading.ts';
import { parseDeviceTopic, TOPIC_ROOT } from './topic.ts';

/** What one message gave, and what later ones need to know of it. */
export interface DecodedMessage extends Decoded {
  /** Which format it came in: `native`, `senml`, or the id of an envelope. */
  readonly format?: string;
  /** The state for the next message, only when this one changed it. */
  readonly state?: FormatState;
}

const NOTHING: DecodedMessage = { readings: [], refusals: [] };
const EMPTY: DecodeContext = {};

/**
 * Turns one message into readings and refusals; the one entry for ingest and for `decode`. Pure, never throws.
 *
 * The device of a reading is the one of the topic for Greenlane's own formats, and the network's name for it
 * otherwise, which the registry maps to a device of ours: it may hold characters that no id of ours has.
 */
export function decodeMessage(message: Message, context: DecodeContext = EMPTY): DecodedMessage {
  const { topic } = message;
  if (topic.startsWith(`${TOPIC_ROOT}/`)) return decodeOwn(message);
  const envelope = findEnvelope(topic) ?? (isAnnounced(topic, context) ? homeAssistant : undefined);
  return envelope === undefined ? unknownTopic(topic) : decodeForeign(envelope, message, context);
}

function decodeOwn(message: Message): DecodedMessage {
  const topic = parseDeviceTopic(message.topic);
  if (topic === undefined) return unknownTopic(message.topic);
  // A last will or a command to the device says nothing about the food.
  return topic.leaf === 'up' ? decodeUp(message, topic.device) : NOTHING;
}

function unknownTopic(topic: string): DecodedMessage {
  const expected = 'greenlane/<site>/<device>/up, or a topic of a known network server, gateway or firmware';
  return { readings: [], refusals: [{ reason: 'unknown_topic', expected, received: excerpt(topic) }] };
}

function decodeUp(message: Message, device: string): DecodedMessage {
  const parsed = parseJson(message.payload, NATIVE_EXPECTED, true);
  if ('refusal' in parsed) return { readings: [], refusals: [{ ...parsed.refusal, device }] };
  const { value } = parsed;
  if (!isObject(value) && isSenml(value)) {
    return { ...readSenml(value, device, message.receivedAt), format: 'senml' };
  }
  return { ...readNative(value, device, message.receivedAt), format: 'native' };
}

function decodeForeign(envelope: Envelope, message: Message, context: DecodeContext): DecodedMessage {
  const { devices, refusals, state } = envelope.open(message, context);
  const decoded = devices.map((device) => decodeEnveloped(device, message, context));
  const [first] = decoded;
  const { identity } = first ?? NOTHING;
  return {
    readings:
      decoded.length === 1 && first !== undefined ? first.readings : decoded.flatMap((part) => part.readings),
    refusals: limitRefusals([...refusals, ...decoded.flatMap((part) => part.refusals)]),
    format: envelope.id,
    ...(identity === undefined ? {} : { identity }),
    ...(state === undefined ? {} : { state }),
  };
}
