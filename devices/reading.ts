import type { QuantityName } from './quantity.ts';
import type { Instant } from './time.ts';

/** Which clock stamped a reading: the sensor's own, the radio network's, or ours when neither was usable. */
export type ClockSource = 'device' | 'network' | 'server';

/** One measured value, in the quantity's canonical unit. */
export interface Reading {
  readonly device: string;
  /** Which probe or position of the device; `main` when it has only one. */
  readonly channel: string;
  readonly quantity: QuantityName;
  readonly value: number;
  readonly measuredAt: Instant;
  readonly receivedAt: Instant;
  readonly clock: ClockSource;
  /** Set when the value is legal but must not be charted or graded (a vendor's fault code, a frozen probe). */
  readonly suspect?: RefusalReason;
}

/** The channel of a device that has only one. */
export const MAIN_CHANNEL = 'main';

/**
 * Why something was not taken as a reading. Closed: each is a metric label, a text in two languages and a row in
 * the refusals list. Adding one is safe, renaming or removing one breaks dashboards.
 */
export const refusalReasons = [
  // at the broker's door
  'unknown_device',
  'bad_credentials',
  'client_id_mismatch',
  'foreign_topic',
  'packet_too_large',
  'invalid_utf8',
  'malformed_packet',
  'too_many_attempts',
  'too_many_retained',
  // the message as a whole
  'unknown_topic',
  'unknown_model',
  'malformed',
  'truncated',
  'checksum',
  'duplicate',
  'simulated',
  'too_many_records',
  'codec_failed',
  // one value of it
  'unknown_quantity',
  'unknown_field',
  'unknown_unit',
  'unknown_channel',
  'not_a_number',
  'out_of_range',
  'implausible_time',
  'time_zone_missing',
  'sensor_fault',
  'probe_missing',
  'ambiguous_fault',
  'unsupported',
  // what a series of values shows
  'frozen',
  'rate_of_change',
  'spike',
  // the store's own words
  'store_rejected',
] as const;

export type RefusalReason = (typeof refusalReasons)[number];

/** What was refused, why, and where in the message. */
export interface Refusal {
  readonly reason: RefusalReason;
  readonly device?: string;
  readonly channel?: string;
  /** The quantity's or field's name as the message gave it, shortened. */
  readonly field?: string;
  /** What would have been accepted, in words a person can act on. */
  readonly expected?: string;
  /** What came instead, shortened to MAX_RECEIVED characters. */
  readonly received?: string;
  readonly measuredAt?: Instant;
}

/** Longest excerpt of refused input kept in words; the raw bytes are kept beside it. */
export const MAX_RECEIVED = 80;

/** A short, printable form of anything that came from outside, for a refusal's `received`. */
export function excerpt(value: unknown): string {
  let text: string;
  if (typeof value === 'string') text = value.slice(0, MAX_RECEIVED + 1);
  else if (typeof value === 'object' && value !== null)
    text = Array.isArray(value) ? 'an array' : 'an object';
  else text = String(value);
  if (text.length > MAX_RECEIVED) text = `${text.slice(0, MAX_RECEIVED - 1)}…`;
  return text.replace(UNPRINTABLE, '\ufffd').toWellFormed();
}

// Control, direction and line separator characters would disturb a log line or a page. Half a character, where the
// text was cut, is replaced as well.
const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** Refusals kept of one message: enough to see what is wrong, and one message cannot fill the refusals list. */
export const MAX_REFUSALS = 100;

/** The same refusals, or the first of them and one that says how many more there were. */
export function limitRefusals(refusals: readonly Refusal[]): readonly Refusal[] {
  if (refusals.length <= MAX_REFUSALS) return refusals;
  const kept = refusals.slice(0, MAX_REFUSALS - 1);
  const expected = `at most ${MAX_REFUSALS} faults in a message`;
  const rest: Refusal = {
    reason: 'too_many_records',
    expected,
    received: `${refusals.length - kept.length} more`,
  };
  const device = refusals[0]?.device;
  return [...kept, device === undefined ? rest : { ...rest, device }];
}

/** What one message gave. */
export interface Decoded {
  readonly readings: readonly Reading[];
  readonly refusals: readonly Refusal[];
  /**
   * Names the message in its network (DevEUI + fCnt, sequence number), to tell a second copy from a second
   * measurement when the device has no clock; undefined when the format carries none.
   */
  readonly identity?: string;
}
