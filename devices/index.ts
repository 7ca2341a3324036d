/** What `devices` offers to the other folders; nothing outside imports a file of this folder directly. */

export type { BenchRow, Stopwatch } from './bench.ts';
export { benchCodec, benchDecode } from './bench.ts';
export type { ByteCursor, ByteWriter } from './bytes.ts';
export { byteCursor, byteWriter, parseHex, toHex } from './bytes.ts';
export type { CodecLimits, Sandbox, Variables } from './codec.ts';
export { CODEC_LIMITS, createSandbox } from './codec.ts';
export type { DecodedMessage } from './decode.ts';
export { decodeMessage } from './decode.ts';
export { envelopes } from './envelopes.ts';
export type { Example, ExampleKind } from './examples.ts';
export { examples } from './examples.ts';
export type { Codec, DecodeContext, Envelope, FormatState } from './formats/envelope.ts';
export { decodeNative, MAX_RECORDS, MAX_VALUES } from './formats/native.ts';
export { decodeSenml } from './formats/senml.ts';
export { encodeSparkplug } from './formats/sparkplug-payload.ts';
export { isLocalTime, parseIso, parseLocal } from './local-time.ts';
export type { FieldRule } from './mapping.ts';
export { mapFields } from './mapping.ts';
export type { Decode, Enveloped, Frame, FrameResult, Measurement, Message, Model } from './model.ts';
export { ANY_CHANNEL } from './model.ts';
export { findModel, models } from './models.ts';
export type { Quantity, QuantityName } from './quantity.ts';
export { isPossible, parseQuantity, quantities, quantityNames } from './quantity.ts';
export type { ClockSource, Decoded, Reading, Refusal, RefusalReason } from './reading.ts';
export {
  excerpt,
  limitRefusals,
  MAIN_CHANNEL,
  MAX_RECEIVED,
  MAX_REFUSALS,
  refusalReasons,
} from './reading.ts';
export type { Clock, Duration, Instant } from './time.ts';
export {
  DAY,
  EARLIEST_PLAUSIBLE,
  HOUR,
  isPlausible,
  MAX_AHEAD,
  MINUTE,
  parseDuration,
  SECOND,
} from './time.ts';
export type { DeviceTopic, Leaf } from './topic.ts';
export { deviceTopic, isId, leaves, parseDeviceTopic, TOPIC_ROOT } from './topic.ts';
export { isUnitOf, toCanonical } from './units.ts';
