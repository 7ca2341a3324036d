import type { FieldRule } from '../mapping.ts';
import type { Enveloped, Frame, Message } from '../model.ts';
import type { QuantityName } from '../quantity.ts';
import type { Refusal } from '../reading.ts';
import type { Instant } from '../time.ts';
import type { HomeAssistantState } from './home-assistant-config.ts';
import type { SparkplugState } from './sparkplug-state.ts';

/** What the registry and the messages before know, handed in with each message; nothing here is looked up elsewhere. */
export interface DecodeContext {
  /** Model id of a foreign device, by the name its network gives it. */
  readonly modelOf?: (device: string) => string | undefined;
  /** A user's own codec for a device whose model is not one of ours. */
  readonly codecOf?: (device: string) => Codec | undefined;
  /** What the fields of a decoded object are: those of the device's codec or of its network's decoder. */
  readonly fieldsOf?: (device: string) => readonly FieldRule[] | undefined;
  /** IANA time zone of the local times a device writes. */
  readonly timeZoneOf?: (device: string) => string | undefined;
  /** What a channel really measures where it is mounted: an air probe put into a fruit. Same unit only. */
  readonly quantityOf?: (device: string, channel: string, quantity: QuantityName) => QuantityName | undefined;
  /** What earlier messages announced; the result gives it back when it changed. */
  readonly state?: FormatState;
}

/** Announcements that later messages depend on. Plain data, to be committed with the journal's offset. */
export interface FormatState {
  readonly homeAssistant?: HomeAssistantState;
  readonly sparkplug?: SparkplugState;
}

/** What a user's decoder makes of a frame: an object for the field rules, or why there is none. */
export type Codec = (
  frame: Frame,
  receivedAt: Instant,
) => { readonly object: Readonly<Record<string, unknown>> } | { readonly refusal: Refusal };

/** A message taken out of its wrapping. */
export interface Opened {
  readonly devices: readonly Enveloped[];
  readonly refusals: readonly Refusal[];
  readonly state?: FormatState;
}

/** How messages of one network server, gateway or firmware arrive. */
export interface Envelope {
  readonly id: string;
  readonly title: string;
  /** Topics it reads, as a person would write them. */
  readonly topics: string;
  readonly matches: (topic: string) => boolean;
  /** Never throws. */
  readonly open: (message: Message, context: DecodeContext) => Opened;
}

/** A message of the format that carries no reading: a join, a presence, a command. */
export const NOTHING: Opened = { devices: [], refusals: [] };

export function oneDevice(device: Enveloped): Opened {
  return { devices: [device], refusals: [] };
}

export function refused(refusal: Refusal, device?: string): Opened {
  return { devices: [], refusals: [device === undefined ? refusal : { ...refusal, device }] };
}
