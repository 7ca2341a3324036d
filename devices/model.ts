import type { QuantityName } from './quantity.ts';
import type { ClockSource, Decoded, Refusal, RefusalReason } from './reading.ts';
import type { Duration, Instant } from './time.ts';

/** What the broker hands on: one message as it arrived, and when. */
export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly receivedAt: Instant;
  /** The broker kept it for a new subscriber: it may be hours old, so the time of receipt says nothing. */
  readonly retained?: boolean;
}

/** One value out of a frame, before it is known which device, place or clock it belongs to. */
export interface Measurement {
  readonly channel: string;
  readonly quantity: QuantityName;
  readonly value: number;
  /** Only when the frame itself carries a time (history, datalog). */
  readonly measuredAt?: Instant;
  readonly suspect?: RefusalReason;
}

/** A binary payload as a radio network delivers it. */
export interface Frame {
  readonly bytes: Uint8Array;
  readonly fPort: number;
}

/** What a model makes of one frame. */
export interface FrameResult {
  readonly measurements: readonly Measurement[];
  readonly refusals: readonly Refusal[];
  /** Only when the frame itself counts messages. */
  readonly identity?: string;
}

/** A make of device: a card that says what it measures, and what its bytes mean. Pure. */
export interface Model {
  /** `<vendor>/<model>` in lower case. */
  readonly id: string;
  readonly title: string;
  /** Every channel and quantity that `decode` can produce; ANY_CHANNEL where the device chooses the channel. */
  readonly produces: readonly { readonly channel: string; readonly quantity: QuantityName }[];
  /** How often it reports as delivered, where the vendor says so. */
  readonly intervalMs?: Duration;
  /** Never throws: whatever is wrong with the bytes becomes a refusal. */
  readonly decode: (frame: Frame) => FrameResult;
  /**
   * The inverse, for simulators: what `decode` gives for the result is what was put in, as exactly as the frame can
   * say it.
   * @throws RangeError for a value that no frame of this model can carry
   */
  readonly encode: (measurements: readonly Measurement[]) => Frame;
}

/** Stands in `produces` for the channel names that the device or its installer chooses. */
export const ANY_CHANNEL = '*';

/** How a message arrives: the wrapping a network server, gateway or firmware puts around values or frames. */
export interface Enveloped {
  /** The device as the network names it. */
  readonly device: string;
  readonly identity?: string;
  readonly measuredAt?: Instant;
  readonly clock: ClockSource;
  /** Raw frame for a model to decode; where both are present it wins over `object`. */
  readonly frame?: Frame;
  /** Set when the envelope itself says what the frame is; otherwise the registry does. */
  readonly model?: string;
  /** What the network's own decoder made of the frame; read only by field names that the registry gives. */
  readonly object?: Readonly<Record<string, unknown>>;
  /** What the envelope says by itself, such as the signal strength. */
  readonly measurements: readonly Measurement[];
  readonly refusals: readonly Refusal[];
}

/** A format that decodes by itself, without asking which model the device is. */
export type Decode = (message: Message, device: string) => Decoded;
