/** From an opened envelope to readings: which decoder reads the frame, and which clock stamps the values. */
import type { DecodeContext } from './formats/envelope.ts';
import { frameDraft, frameExcerpt } from './frame.ts';
import { mapFields } from './mapping.ts';
import type { Enveloped, Frame, FrameResult, Measurement, Message } from './model.ts';
import { findModel } from './models.ts';
import { isPossible, quantities } from './quantity.ts';
import { type ClockSource, type Decoded, excerpt, type Reading, type Refusal } from './reading.ts';
import { EARLIEST_PLAUSIBLE, type Instant, isPlausible } from './time.ts';

/** Decodes what an envelope held. Never throws. */
export function decodeEnveloped(opened: Enveloped, message: Message, context: DecodeContext): Decoded {
  const { device } = opened;
  const inner = decodeInner(opened, context, message.receivedAt);
  const { stamp, refusals } = stampOf(opened, message);
  const readings: Reading[] = [];
  for (const measurements of [opened.measurements, inner.measurements]) {
    for (const measurement of measurements) {
      const reading = toReading(measurement, device, stamp, message.receivedAt, refusals, context);
      if (reading !== undefined) readings.push(reading);
    }
  }
  const all = [...opened.refusals, ...inner.refusals, ...refusals].map((refusal) => ({ ...refusal, device }));
  const identity = opened.identity ?? inner.identity;
  return identity === undefined ? { readings, refusals: all } : { readings, refusals: all, identity };
}

/** What is inside: our decoder on the raw frame, else the user's codec on it, else the network's decoded object. */
function decodeInner(opened: Enveloped, context: DecodeContext, receivedAt: Instant): FrameResult {
  const { device, frame, object } = opened;
  const draft = frameDraft();
  if (frame === undefined && object === undefined) return draft;
  const id = opened.model ?? context.modelOf?.(device);
  const model = id === undefined ? undefined : findModel(id);
  const codec = context.codecOf?.(device);
  if (frame !== undefined && model !== undefined) return model.decode(frame);
  if (frame !== undefined && codec !== undefined) {
    const outcome = codec(frame, receivedAt);
    if ('refusal' in outcome) return { ...draft, refusals: [outcome.refusal] };
    return mapObject(outcome.object, frame, device, context);
  }
  if (id !== undefined && model === undefined) {
    const expected = 'a model of the catalogue';
    return { ...draft, refusals: [{ reason: 'unknown_model', field: excerpt(id), expected }] };
  }
  return mapObject(object, frame, device, context);
}

function mapObject(
  object: Enveloped['object'],
  frame: Frame | undefined,
  device: string,
  context: DecodeContext,
): FrameResult {
  const draft = frameDraft();
  const rules = context.fieldsOf?.(device);
  if (object === undefined || rules === undefined) {
    const expected = 'a model for this device, or a codec and what its fields are';
    const received = frame === undefined ? 'a decoded object' : frameExcerpt(frame.bytes);
    return { ...draft, refusals: [{ reason: 'unknown_model', expected, received }] };
  }
  mapFields(object, rules, draft);
  if (draft.measurements.length + draft.refusals.length === 0) {
    const expected = `one of the fields ${excerpt(rules.map(({ path }) => path).join(', '))}`;
    draft.refusals.push({
      reason: 'unknown_field',
      expected,
      received: excerpt(Object.keys(object).join(', ')),
    });
  }
  return draft;
}

interface Stamp {
  readonly measuredAt: Instant;
  readonly clock: ClockSource;
}

/** The time of the message's values; undefined when it has none that could be believed. */
function stampOf(opened: Enveloped, message: Message): { stamp: Stamp | undefined; refusals: Refusal[] } {
  const { measuredAt, clock } = opened;
  const { receivedAt, retained = false } = message;
  const server: Stamp = { measuredAt: receivedAt, clock: 'server' };
  if (measuredAt !== undefined && isPlausible(measuredAt, receivedAt))
    return { stamp: { measuredAt, clock }, refusals: [] };
  const refusals: Refusal[] = measuredAt === undefined ? [] : [refuseTime(measuredAt)];
  // What the broker kept was measured some time before a new subscriber received it.
  if (!retained) return { stamp: server, refusals };
  const expected = 'a retained message with a time of its own (last_seen, Time, ts)';
  const kept: Refusal = { reason: 'implausible_time', expected, received: 'a retained message without' };
  return { stamp: undefined, refusals: [...refusals, kept] };
}

function refuseTime(measuredAt: Instant): Refusal {
  const from = new Date(EARLIEST_PLAUSIBLE).toISOString();
  const expected = `a time from ${from} to 10 min ahead of the server`;
  return { reason: 'implausible_time', field: 'time', expected, received: excerpt(measuredAt) };
}

function toReading(
  measurement: Measurement,
  device: string,
  stamp: Stamp | undefined,
  receivedAt: Instant,
  refusals: Refusal[],
  context: DecodeContext,
): Reading | undefined {
  const { channel, value, suspect } = measurement;
  let at = stamp;
  if (measurement.measuredAt !== undefined) {
    if (!isPlausible(measurement.measuredAt, receivedAt)) {
      refusals.push({ ...refuseTime(measurement.measuredAt), channel, field: measurement.quantity });
      return undefined;
    }
    at = { measuredAt: measurement.measuredAt, clock: 'device' };
  }
  if (at === undefined) return undefined;
  const quantity = quantityIn(measurement, device, context);
  if (!isPossible(quantity, value)) {
    const expected = `${quantity} from ${quantities[quantity].min} to ${quantities[quantity].max}`;
    refusals.push({ reason: 'out_of_range', channel, field: quantity, expected, received: excerpt(value) });
    return undefined;
  }
  const reading = { device, channel, quantity, value, ...at, receivedAt };
  return suspect === undefined ? reading : { ...reading, suspect };
}

/** What the registry says is measured there, as long as the unit is the same. */
function quantityIn(
  { channel, quantity }: Measurement,
  device: string,
  context: DecodeContext,
): Reading['quantity'] {
  const told = context.quantityOf?.(device, channel, quantity);
  return told !== undefined && quantities[told].unit === quantities[quantity].unit ? told : quantity;
}
