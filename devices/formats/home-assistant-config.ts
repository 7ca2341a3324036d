/** Home Assistant's MQTT discovery: what a device announces, kept as data for the messages that follow. */
import { quantityByName } from '../names.ts';
import type { QuantityName } from '../quantity.ts';
import { excerpt, MAIN_CHANNEL, type Refusal } from '../reading.ts';
import { isId } from '../topic.ts';
import { isUnitOf } from '../units.ts';
import { isObject, type JsonObject } from './json.ts';

/** One announced value. */
export interface Entity {
  readonly device: string;
  readonly channel: string;
  readonly quantity: QuantityName;
  readonly unit?: string;
  readonly stateTopic: string;
  /** Names to follow into the state's JSON; none when the state is the value itself. */
  readonly path: readonly string[];
  /** What a binary sensor says. */
  readonly on?: string;
  readonly off?: string;
}

export interface HomeAssistantState {
  /** By configuration topic, or topic and component. */
  readonly entities: Readonly<Record<string, Entity>>;
  /** Keys of `entities` by the topic their state comes on. */
  readonly byTopic: Readonly<Record<string, readonly string[]>>;
}

/** Announced values kept: a village has hundreds; a state of this size is copied in a millisecond. */
export const MAX_ENTITIES = 2_000;

/** Texts of an announcement that become names; longer ones are cut to what a topic may hold. */
const MAX_NAME = 256;

const classes: ReadonlyMap<string, QuantityName> = new Map([
  ['temperature', 'air_temperature'],
  ['humidity', 'relative_humidity'],
  ['atmospheric_pressure', 'air_pressure'],
  ['pressure', 'air_pressure'],
  ['carbon_dioxide', 'co2'],
  ['illuminance', 'light'],
  ['moisture', 'soil_moisture'],
  ['conductivity', 'soil_ec'],
  ['ph', 'soil_ph'],
  ['battery', 'battery_level'],
  ['signal_strength', 'signal_rssi'],
  ['wind_speed', 'wind_speed'],
  ['wind_direction', 'wind_direction'],
  ['precipitation', 'rainfall'],
  ['irradiance', 'solar_radiation'],
]);
const doors: ReadonlySet<unknown> = new Set(['door', 'garage_door', 'opening', 'window']);

/** Short names that an announcement may use, of those that are read here. */
const abbreviations: Readonly<Record<string, string>> = {
  cmps: 'components',
  dev: 'device',
  dev_cla: 'device_class',
  ids: 'identifiers',
  p: 'platform',
  pl_off: 'payload_off',
  pl_on: 'payload_on',
  stat_t: 'state_topic',
  unit_of_meas: 'unit_of_measurement',
  uniq_id: 'unique_id',
  val_tpl: 'value_template',
};

/** The same object with the long names, and with `~` in its topics replaced by the base topic. */
export function expand(config: JsonObject, outer: JsonObject = {}): JsonObject {
  const long: Record<string, unknown> = { ...outer };
  for (const [name, value] of Object.entries(config)) {
    const full = Object.hasOwn(abbreviations, name) ? (abbreviations[name] ?? name) : name;
    if (full !== '__proto__') long[full] = value;
  }
  const base = long['~'];
  const topic = long.state_topic;
  if (typeof base === 'string' && typeof topic === 'string') {
    long.state_topic = topic.replace(/^~/, () => base).replace(/~$/, () => base);
  }
  return long;
}

export type ParsedEntity = Entity | { readonly refusal: Refusal } | undefined;

/**
 * Reads one announced value.
 * @param component `sensor` or `binary_sensor`; others carry no reading and give undefined
 */
export function parseEntity(
  component: string,
  config: JsonObject,
  objectId: string,
  nodeId: string,
): ParsedEntity {
  if (component !== 'sensor' && component !== 'binary_sensor') return undefined;
  const { state_topic: stateTopic, device_class: deviceClass, unit_of_measurement: unit } = config;
  const refusal = (reason: Refusal['reason'], field: string, expected: string): ParsedEntity => {
    return { refusal: { reason, field, expected, received: excerpt(config[field] ?? 'nothing') } };
  };
  if (typeof stateTopic !== 'string' || stateTopic.length > MAX_NAME) {
    return refusal('malformed', 'state_topic', 'the topic of the state');
  }
  const isDoor = component === 'binary_sensor';
  const quantity = isDoor && doors.has(deviceClass) ? 'door_open' : classes.get(String(deviceClass));
  if (quantity === undefined || (isDoor && quantity !== 'door_open')) {
    return refusal('unknown_quantity', 'device_class', 'a device class with a quantity of the catalogue');
  }
  if (typeof unit === 'string' && !isUnitOf(quantity, unit)) {
    return refusal('unknown_unit', 'unit_of_measurement', `a unit of ${quantity}`);
  }
  const path = parseTemplate(config.value_template);
  if (path === undefined) {
    return refusal('unsupported', 'value_template', 'a template of the form {{ value_json.a.b }}');
  }
  const device = deviceOf(config, nodeId === '' ? objectId : nodeId);
  const channel = channelOf(path, quantity, objectId);
  if (channel === undefined)
    return refusal('unknown_channel', 'value_template', 'names of A-Z a-z 0-9 _ . -');
  const entity = { device, channel, quantity, stateTopic, path };
  if (!isDoor) return typeof unit === 'string' ? { ...entity, unit } : entity;
  const { payload_on: on = 'ON', payload_off: off = 'OFF' } = config;
  return { ...entity, on: String(on), off: String(off) };
}

function deviceOf(config: JsonObject, fallback: string): string {
  const about = isObject(config.device) ? expand(config.device) : {};
  const ids: unknown = Array.isArray(about.identifiers) ? about.identifiers[0] : about.identifiers;
  return (typeof ids === 'string' && ids !== '' ? ids : fallback).slice(0, MAX_NAME);
}

/**
 * The names before the last one in a path are the channel. Without any, a plain name of the quantity is the main
 * channel, and anything else tells two sensors of one kind apart.
 */
function channelOf(path: readonly string[], quantity: QuantityName, objectId: string): string | undefined {
  const leaf = path.at(-1) ?? objectId;
  const isPlain = quantityByName(leaf) === quantity || (quantity === 'door_open' && leaf === 'contact');
  const channel = path.length > 1 ? path.slice(0, -1).join('.') : isPlain ? MAIN_CHANNEL : leaf;
  return isId(channel) ? channel : undefined;
}

/** A filter after the value changes nothing that matters here; a default for a missing value is not used. */
const FILTERS = /(?:\s*\|\s*(?:float|int|is_defined|round)(?:\s*\([^)|]{0,20}\))?)*/.source;
const VALUE = new RegExp(`^\\{\\{\\s*value${FILTERS}\\s*\\}\\}$`);
const JSON_VALUE = new RegExp(
  `^\\{\\{\\s*value_json((?:\\.[A-Za-z_]\\w*|\\[\\s*(?:'[^'\\]]{1,64}'|"[^"\\]]{1,64}")\\s*\\])+)${FILTERS}\\s*\\}\\}$`,
);
const STEP = /\.([A-Za-z_]\w*)|\[\s*(?:'([^']+)'|"([^"]+)")\s*\]/g;

/** The path a template follows; undefined when it does more than that. */
export function parseTemplate(template: unknown): readonly string[] | undefined {
  if (template === undefined) return [];
  if (typeof template !== 'string' || template.length > MAX_NAME) return undefined;
  const text = template.trim();
  if (VALUE.test(text)) return [];
  const steps = JSON_VALUE.exec(text)?.[1];
  if (steps === undefined) return undefined;
  return [...steps.matchAll(STEP)].map(([, dotted, single, double]) => dotted ?? single ?? double ?? '');
}

/** The state with one announcement's entities in place of those it had before. */
export function withEntities(
  state: HomeAssistantState | undefined,
  owner: string,
  added: ReadonlyMap<string, Entity>,
): HomeAssistantState {
  const kept = Object.entries(state?.entities ?? {}).filter(
    ([key]) => key !== owner && !key.startsWith(`${owner}#`),
  );
  const entries = [...kept, ...added].slice(0, MAX_ENTITIES);
  const byTopic = Map.groupBy(entries, ([, { stateTopic }]) => stateTopic);
  return {
    entities: Object.fromEntries(entries),
    byTopic: Object.fromEntries([...byTopic].map(([topic, list]) => [topic, list.map(([key]) => key)])),
  };
}
