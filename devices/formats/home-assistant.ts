/**
 * Devices that announce themselves by Home Assistant's MQTT discovery (ESPHome, OpenMQTTGateway, rtl_433 and others):
 * `homeassistant/<component>/[<node>/]<object>/config`, and one announcement for a whole device at
 * `homeassistant/device/<object>/config`. The announcement says which topic and field hold which quantity in which
 * unit; templates that do more than follow a path are refused, because they would have to be run.
 */
import { type FrameDraft, frameDraft, refuseSlot } from '../frame.ts';
import { fieldAt, mapValue } from '../mapping.ts';
import type { Enveloped, Message } from '../model.ts';
import { excerpt, type Refusal } from '../reading.ts';
import { type DecodeContext, type Envelope, NOTHING, type Opened, refused } from './envelope.ts';
import { type Entity, expand, MAX_ENTITIES, parseEntity, withEntities } from './home-assistant-config.ts';
import { isObject, type JsonObject, parseJson, parseText } from './json.ts';

const PREFIX = 'homeassistant/';
const EXPECTED = 'a discovery announcement as a JSON object';

export const homeAssistant: Envelope = {
  id: 'home-assistant',
  title: 'Home Assistant discovery',
  topics: 'homeassistant/# and the topics announced there',
  matches: (topic) => topic.startsWith(PREFIX),
  open: (message, context) => {
    if (isAnnounced(message.topic, context)) return openState(message, context);
    return message.topic.endsWith('/config') ? openConfig(message, context) : NOTHING;
  },
};

/** True when an announcement said that values come on this topic. */
export function isAnnounced(topic: string, { state }: DecodeContext): boolean {
  const known = state?.homeAssistant;
  return known !== undefined && Object.hasOwn(known.byTopic, topic);
}

function openConfig(message: Message, { state }: DecodeContext): Opened {
  const { topic, payload } = message;
  const [, component = '', ...names] = topic.split('/').slice(0, -1);
  const [nodeId, objectId] = names.length > 1 ? [names[0] ?? '', names[1] ?? ''] : ['', names[0] ?? ''];
  const added = new Map<string, Entity>();
  const refusals: Refusal[] = [];
  const add = (key: string, kind: string, config: JsonObject, id: string): void => {
    const entity = parseEntity(kind, config, id, nodeId);
    if (entity === undefined) return;
    if ('refusal' in entity) refusals.push({ ...entity.refusal, channel: id.slice(0, 64) });
    else added.set(key, entity);
  };
  // An empty announcement takes the earlier one back.
  if (payload.length > 0) {
    const parsed = parseJson(payload, EXPECTED);
    if ('refusal' in parsed) return refused(parsed.refusal);
    if (!isObject(parsed.value)) return refused({ reason: 'malformed', expected: EXPECTED });
    const config = expand(parsed.value);
    if (component !== 'device') add(topic, component, config, objectId);
    else addComponents(config, (id, kind, part) => add(`${topic}#${id}`, kind, part, id));
  }
  const before = state?.homeAssistant;
  if (added.size === 0 && before === undefined) return { devices: [], refusals };
  const after = withEntities(before, topic, added);
  if ([...added.keys()].some((key) => !Object.hasOwn(after.entities, key))) {
    refusals.push({ reason: 'too_many_records', expected: `at most ${MAX_ENTITIES} announced values` });
  }
  return { devices: [], refusals, state: { ...state, homeAssistant: after } };
}

/** The parts of a device's announcement; each takes what it leaves out from the whole. */
function addComponents(config: JsonObject, add: (id: string, kind: string, part: JsonObject) => void): void {
  const { components, ...shared } = config;
  if (!isObject(components)) return;
  for (const [id, part] of Object.entries(components)) {
    if (!isObject(part)) continue;
    const full = expand(part, shared);
    add(id, String(full.platform), full);
  }
}

function openState({ topic, payload }: Message, { state }: DecodeContext): Opened {
  const known = state?.homeAssistant;
  const entities = (known?.byTopic[topic] ?? []).flatMap((key) => known?.entities[key] ?? []);
  const text = parseText(payload);
  if (text === undefined) return refused({ reason: 'malformed', expected: 'a state as UTF-8 text' });
  let json: unknown;
  if (entities.some(({ path }) => path.length > 0)) {
    const parsed = parseJson(payload, 'a state as a JSON object');
    if ('refusal' in parsed) return refused(parsed.refusal, entities[0]?.device);
    json = parsed.value;
  }
  const drafts = new Map<string, FrameDraft>();
  for (const entity of entities) {
    const draft = drafts.get(entity.device) ?? frameDraft();
    drafts.set(entity.device, draft);
    const given =
      entity.path.length === 0 ? text : isObject(json) ? fieldAt(json, entity.path.join('.')) : undefined;
    if (given !== undefined) readState(given, entity, draft);
  }
  const devices = [...drafts].map(([device, draft]): Enveloped => ({ device, clock: 'server', ...draft }));
  return { devices, refusals: [] };
}

const NUMBER = /^\s*-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\s*$/;

/** Keeps one state; states are texts by nature, so a text that is a number in full is one. */
function readState(given: unknown, entity: Entity, draft: FrameDraft): void {
  const { channel, quantity, unit, on, off } = entity;
  const rule = {
    path: entity.path.at(-1) ?? 'state',
    quantity,
    channel,
    ...(unit === undefined ? {} : { unit }),
  };
  if (on !== undefined) {
    const isOn = String(given) === on;
    if (isOn || String(given) === off) mapValue(isOn, rule, draft);
    else refuseSlot(draft, 'not_a_number', entity, `${on} or ${off ?? ''}`, excerpt(given));
  } else {
    mapValue(typeof given === 'string' && NUMBER.test(given) ? Number(given) : given, rule, draft);
  }
}
