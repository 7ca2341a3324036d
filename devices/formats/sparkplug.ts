/**
 * Sparkplug B: `spBv1.0/<group>/<NBIRTH|NDATA|DBIRTH|DDATA|...>/<edge node>[/<device>]`. The device is
 * `<group>/<edge node>[/<device>]`; the last part of a metric's name is the quantity, the parts before it the channel.
 * A metric's unit (`engUnit`) and alias come with its birth. After a missed message an alias may have changed its
 * meaning, so metrics without a name are refused until the node's next birth.
 */
import { frameDraft } from '../frame.ts';
import { mapValue } from '../mapping.ts';
import type { Measurement, Message } from '../model.ts';
import { quantityByName } from '../names.ts';
import { excerpt, MAIN_CHANNEL, type Refusal } from '../reading.ts';
import { isPlausible } from '../time.ts';
import { isId } from '../topic.ts';
import { type DecodeContext, type Envelope, NOTHING, type Opened, refused } from './envelope.ts';
import {
  metricNumber,
  parseSparkplug,
  property,
  type SparkplugMetric,
  type SparkplugPayload,
} from './sparkplug-payload.ts';
import {
  afterMessage,
  aliasKey,
  MAX_METRICS,
  type MetricInfo,
  type NodeState,
  nameKey,
  withNode,
} from './sparkplug-state.ts';

const ROOT = 'spBv1.0';
const births: ReadonlySet<string> = new Set(['NBIRTH', 'DBIRTH']);
const data: ReadonlySet<string> = new Set(['NDATA', 'DDATA']);
const deaths: ReadonlySet<string> = new Set(['NDEATH', 'DDEATH']);

/** Metrics about the node and its goods, not about the place. */
const ABOUT = /^(?:bdSeq$|Node Control\/|Device Control\/|Node Info|Device Info|Properties\/)/;

/** Quality of a value (specification 6.4.18): 192 is good, 0 bad, 500 stale. */
const GOOD = 192;

export const sparkplug: Envelope = {
  id: 'sparkplug',
  title: 'Sparkplug B',
  topics: 'spBv1.0/#',
  matches: (topic) => topic.startsWith(`${ROOT}/`),
  open,
};

interface Source {
  readonly kind: string;
  /** `<group>/<edge node>` */
  readonly node: string;
  /** Empty for the node itself. */
  readonly device: string;
  readonly name: string;
}

function open(message: Message, context: DecodeContext): Opened {
  const [, group = '', kind = '', edge = '', device = '', ...rest] = message.topic.split('/');
  const isKnown = births.has(kind) || data.has(kind) || deaths.has(kind);
  if (!isKnown || group === '' || edge === '' || rest.length > 0) return NOTHING;
  const node = `${group}/${edge}`;
  const source = { kind, node, device, name: device === '' ? node : `${node}/${device}` };
  const known = context.state?.sparkplug?.nodes;
  const before = known !== undefined && Object.hasOwn(known, node) ? known[node] : undefined;
  if (kind === 'NDEATH')
    return before === undefined ? NOTHING : remember(source, undefined, NOTHING, context);
  const payload = parseSparkplug(message.payload);
  if (payload === undefined || (payload.metrics?.length ?? 0) > MAX_METRICS) {
    const expected = `a Sparkplug B payload of at most ${MAX_METRICS} metrics`;
    return refused(
      { reason: 'malformed', expected, received: `${message.payload.length} bytes` },
      source.name,
    );
  }
  const after = births.has(kind) ? bornNode(source, payload, before) : afterMessage(before, payload.seq);
  const opened = deaths.has(kind) ? NOTHING : read(message, source, payload, after);
  return after === undefined ? opened : remember(source, after, opened, context);
}

function remember(
  { node }: Source,
  after: NodeState | undefined,
  opened: Opened,
  { state }: DecodeContext,
): Opened {
  return { ...opened, state: { ...state, sparkplug: withNode(state?.sparkplug, node, after) } };
}

/** The node with what a birth announces; that of the node itself starts over. */
function bornNode(
  { kind, device }: Source,
  payload: SparkplugPayload,
  before: NodeState | undefined,
): NodeState {
  const { seq = 0, metrics = [] } = payload;
  const node = kind === 'NBIRTH' ? { seq, lost: false, metrics: {} } : afterMessage(before, seq);
  const known = new Map(Object.entries(node?.metrics ?? {}));
  for (const metric of metrics) {
    const { name, alias, datatype } = metric;
    if (name === undefined || known.size >= MAX_METRICS) continue;
    const unit = property(metric, 'engUnit');
    const info: MetricInfo = {
      name: name.slice(0, 256),
      ...(datatype === undefined ? {} : { datatype }),
      ...(typeof unit === 'string' ? { unit: unit.slice(0, 32) } : {}),
    };
    known.set(alias === undefined ? nameKey(device, name) : aliasKey(alias), info);
  }
  return { seq, lost: node?.lost ?? false, metrics: Object.fromEntries(known) };
}

function read(
  { receivedAt }: Message,
  source: Source,
  payload: SparkplugPayload,
  node: NodeState | undefined,
): Opened {
  const measurements: Measurement[] = [];
  const refusals: Refusal[] = [];
  for (const metric of payload.metrics ?? []) {
    const info = infoOf(metric, source, node);
    if (info === undefined) {
      const expected =
        'a metric with a name, or an alias of the last birth without a missed message since (rebirth)';
      refusals.push({ reason: 'unknown_field', field: `alias ${metric.alias ?? ''}`, expected });
    } else if (!ABOUT.test(info.name)) {
      const result = readMetric(metric, info, births.has(source.kind));
      const at = metric.timestamp ?? payload.timestamp;
      // Stored history without an honest time has none; a live value has that of the message.
      const measuredAt =
        at !== undefined && (metric.isHistorical === true || isPlausible(at, receivedAt)) ? at : undefined;
      for (const m of result.measurements)
        measurements.push(measuredAt === undefined ? m : { ...m, measuredAt });
      refusals.push(...result.refusals);
    }
  }
  const { timestamp } = payload;
  const time =
    timestamp === undefined
      ? { clock: 'server' as const }
      : { clock: 'device' as const, measuredAt: timestamp };
  return { devices: [{ device: source.name, ...time, measurements, refusals }], refusals: [] };
}

function infoOf(
  metric: SparkplugMetric,
  { device, kind }: Source,
  node: NodeState | undefined,
): MetricInfo | undefined {
  const { name, alias } = metric;
  const announced = (key: string): MetricInfo | undefined =>
    node !== undefined && Object.hasOwn(node.metrics, key) ? node.metrics[key] : undefined;
  if (name !== undefined && name !== '') {
    return announced(alias === undefined ? nameKey(device, name) : aliasKey(alias)) ?? { name };
  }
  if (alias === undefined || (node?.lost === true && !births.has(kind))) return undefined;
  return announced(aliasKey(alias));
}

function readMetric(
  metric: SparkplugMetric,
  info: MetricInfo,
  isBirth: boolean,
): ReturnType<typeof frameDraft> {
  const draft = frameDraft();
  const parts = info.name.split('/');
  const quantity = quantityByName(parts.at(-1) ?? '');
  const channel = parts.length === 1 ? MAIN_CHANNEL : parts.slice(0, -1).join('.');
  const field = excerpt(info.name);
  if (quantity === undefined) {
    // Said once, at birth: a controller has hundreds of metrics that are not about the place.
    const expected = 'a name that ends in a quantity, such as room-1/air_temperature';
    if (isBirth) draft.refusals.push({ reason: 'unknown_quantity', field, expected });
  } else if (!isId(channel)) {
    const expected = 'a channel name of 1 to 64 of A-Z a-z 0-9 _ . -';
    draft.refusals.push({ reason: 'unknown_channel', field, expected, received: excerpt(channel) });
  } else {
    const quality = property(metric, 'Quality') ?? GOOD;
    if (quality !== GOOD) {
      const expected = `quality ${GOOD} (good)`;
      draft.refusals.push({
        reason: 'sensor_fault',
        channel,
        field: quantity,
        expected,
        received: `${quality}`,
      });
      return draft;
    }
    const given =
      metric.isNull === true
        ? null
        : (metricNumber(metric, metric.datatype ?? info.datatype) ?? metric.stringValue);
    const rule = { path: field, quantity, channel, ...(info.unit === undefined ? {} : { unit: info.unit }) };
    mapValue(given === undefined ? 'no value' : given, rule, draft);
  }
  return draft;
}
