import type { QuantityName } from './quantity.ts';
import type { ClockSource, Decoded, Refusal, RefusalReason } from './reading.ts';
import type { Instant } from './time.ts';

/** What the broker hands on: one message as it arrived, and when. */
export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly receivedAt: Instant;
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
}

/** A make of device: a card that says what it measures, and what its bytes mean. Pure. */
export interface Model {
  /** `<vendor>/<model>` in lower case. */
  readonly id: string;
  readonly title: string;
  /** Every channel and quantity that `decode` can produce. */
  readonly produces: readonly { readonly channel: string; readonly quantity: QuantityName }[];
  readonly decode: (frame: Frame) => FrameResult;
}

/** How a message arrives: the wrapping a network server, gateway or firmware puts around values or frames. */
export interface Enveloped {
  /** The device as the network names it. */
  readonly device: string;
  readonly identity?: string;
  readonly measuredAt?: Instant;
  readonly clock: ClockSource;
  /** Raw frame for a model to decode; where both are present it wins over `measurements`. */
  readonly frame?: Frame;
  readonly measurements: readonly Measurement[];
  readonly refusals: readonly Refusal[];
}

/** A format that decodes by itself, without asking which model the device is. */
export type Decode = (message: Message, device: string) => Decoded;
