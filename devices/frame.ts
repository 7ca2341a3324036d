/** What the decoders of frames share: collecting values and refusals, with the range check in one place. */
import { toHex } from './bytes.ts';
import type { FrameResult, Measurement } from './model.ts';
import { isPossible, type QuantityName, quantities } from './quantity.ts';
import { excerpt, type Refusal, type RefusalReason } from './reading.ts';
import type { Instant } from './time.ts';

export interface FrameDraft {
  readonly measurements: Measurement[];
  readonly refusals: Refusal[];
}

export function frameDraft(): FrameDraft {
  return { measurements: [], refusals: [] };
}

/** Where a value belongs. */
export interface Slot {
  readonly channel: string;
  readonly quantity: QuantityName;
}

/** Keeps a value, or refuses it when it cannot be: the one way into `measurements`. */
export function keep(
  draft: FrameDraft,
  { channel, quantity }: Slot,
  value: number,
  measuredAt?: Instant,
  suspect?: RefusalReason,
): void {
  if (!isPossible(quantity, value)) {
    const { unit, min, max } = quantities[quantity];
    const expected = `${quantity} from ${min} to ${max} ${unit}`;
    draft.refusals.push({
      reason: 'out_of_range',
      channel,
      field: quantity,
      expected,
      received: excerpt(value),
      ...(measuredAt === undefined ? {} : { measuredAt }),
    });
    return;
  }
  draft.measurements.push({
    channel,
    quantity,
    value,
    ...(measuredAt === undefined ? {} : { measuredAt }),
    ...(suspect === undefined ? {} : { suspect }),
  });
}

/** Refuses one value of a frame. */
export function refuseSlot(
  draft: FrameDraft,
  reason: RefusalReason,
  { channel, quantity }: Slot,
  expected: string,
  received: string,
): void {
  draft.refusals.push({ reason, channel, field: quantity, expected, received });
}

/** A frame that is refused as a whole, with its bytes as what came. */
export function refuseFrame(reason: RefusalReason, expected: string, bytes: Uint8Array): FrameResult {
  return { measurements: [], refusals: [{ reason, expected, received: frameExcerpt(bytes) }] };
}

/** The bytes of a frame as hexadecimal text, shortened. */
export function frameExcerpt(bytes: Uint8Array): string {
  return excerpt(toHex(bytes.subarray(0, 64)));
}

/** The integer a value is sent as: `value * divisor`, rounded. */
export function toRaw(value: number, divisor: number): number {
  // Adding zero turns -0 into 0, which is what the wire can carry.
  return Math.round(value * divisor) + 0;
}

/** The value of a slot in what is to be encoded. */
export function valueAt(
  measurements: readonly Measurement[],
  channel: string,
  quantity: QuantityName,
): number | undefined {
  return measurements.find((m) => m.channel === channel && m.quantity === quantity)?.value;
}

/** @throws RangeError when a measurement is not one that the model produces */
export function checkEncodable(
  model: string,
  slots: readonly Slot[],
  measurements: readonly Measurement[],
): void {
  for (const { channel, quantity } of measurements) {
    if (slots.some((slot) => slot.channel === channel && slot.quantity === quantity)) continue;
    throw new RangeError(`${model} does not measure ${quantity} on channel ${channel}`);
  }
}
