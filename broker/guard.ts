/** What a client may send at all, before anybody asks whether it may send it there (design section 6). */
import type { RefusalReason } from '../devices/index.ts';
import type { Identity } from './access.ts';

/** A logger's whole backlog fits; a camera does not belong here. */
export const MAX_PACKET_BYTES = 256 * 1024;
/** A CONNECT with will and credentials is a few hundred bytes; nobody unknown makes us hold more. */
export const MAX_PACKET_BYTES_BEFORE_AUTH = 4 * 1024;
/** Ours have 4 levels, Sparkplug's 5, ChirpStack's 6. */
export const MAX_TOPIC_LEVELS = 10;
export const MAX_TOPIC_BYTES = 256;
/** Status, configuration and a few last values; one per random topic would fill the memory. */
export const MAX_RETAINED_PER_DEVICE = 10;
/** A CONNECT that has not come by then will not come. */
export const CONNECT_TIMEOUT_MS = 5_000;
/** A dead connection holds its slot for 1.5 times this. */
export const MAX_KEEPALIVE_S = 20 * 60;
/** A client that does not read its own messages for this long is cut off, so that it cannot block others. */
export const DRAIN_TIMEOUT_MS = 10_000;
/** Sensors send a few messages a minute; this is a fault or an attack, and it is slowed, not dropped. */
export const MAX_MESSAGES_PER_SECOND = 1_000;
/** A gateway's backlog after an outage goes through at once up to here. */
export const BURST_MESSAGES = 10_000;

export interface Objection {
  readonly reason: RefusalReason;
  readonly expected: string;
}

/**
 * The MQTT parser turns bytes that are not UTF-8 into U+FFFD, so its presence means that; control characters are
 * forbidden by [MQTT-1.5.3-2] and would break logs.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this finds.
const UNCLEAN = /[\u0000-\u001f\u007f-\u009f\ufffd]/;

export function objectToText(text: string): Objection | undefined {
  return UNCLEAN.test(text)
    ? { reason: 'invalid_utf8', expected: 'valid UTF-8 without control characters' }
    : undefined;
}

function objectToShape(topic: string): Objection | undefined {
  const unclean = objectToText(topic);
  if (unclean !== undefined) return unclean;
  if (Buffer.byteLength(topic) > MAX_TOPIC_BYTES) {
    return { reason: 'foreign_topic', expected: `a topic of at most ${MAX_TOPIC_BYTES} bytes` };
  }
  let levels = 1;
  for (let i = 0; i < topic.length; i++) if (topic.charCodeAt(i) === 0x2f) levels += 1;
  return levels > MAX_TOPIC_LEVELS
    ? { reason: 'foreign_topic', expected: `a topic of at most ${MAX_TOPIC_LEVELS} levels` }
    : undefined;
}

/** May this identity publish there? The prefix ends with a slash, so `farm/a` does not open `farm/ab`. */
export function objectToPublish(identity: Identity, topic: string): Objection | undefined {
  const shape = objectToShape(topic);
  if (shape !== undefined) return shape;
  if (topic.startsWith(identity.prefix) && topic.length > identity.prefix.length) return undefined;
  return { reason: 'foreign_topic', expected: `a topic below ${identity.prefix}` };
}

/** May this identity subscribe to that filter? A filter's wildcards can only widen below the prefix. */
export function objectToSubscribe(identity: Identity, filter: string): Objection | undefined {
  return objectToPublish(identity, filter);
}
