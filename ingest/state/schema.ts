import type { Generated } from 'kysely';
import type { ClockSource, Instant, RefusalReason } from '../../devices/index.ts';

/**
 * The tables of `state.db` as the queries see them. All instants are UTC milliseconds. Columns are only ever added;
 * a later table (calibrations, enrolments, users) points at these by id and changes none of them.
 */
export interface Database {
  site: SiteTable;
  place: PlaceTable;
  device: DeviceTable;
  deployment: DeploymentTable;
  credential: CredentialTable;
  api_token: ApiTokenTable;
  registry_revision: RegistryRevisionTable;
  progress: ProgressTable;
  latest: LatestTable;
  refusal: RefusalTable;
  refusal_count: RefusalCountTable;
  seen: SeenTable;
  stamp: StampTable;
  rollup_due: RollupDueTable;
}

export interface SiteTable {
  id: string;
  name: string;
  /** IANA name; decides where a day begins. */
  time_zone: string;
  created_at: Instant;
}

/** What a place is; it also decides the measurement its readings are kept under. */
export const placeKinds = ['plot', 'room', 'bin', 'vehicle'] as const;
export type PlaceKind = (typeof placeKinds)[number];

export interface PlaceTable {
  id: string;
  site: string;
  name: string;
  kind: PlaceKind;
  /** JSON array of PlaceLimit; null means the defaults of the kind. */
  limits: string | null;
  created_at: Instant;
  retired_at: Instant | null;
}

export interface DeviceTable {
  id: string;
  site: string;
  name: string;
  /** `<vendor>/<model>`; null for a device that speaks Greenlane's own formats. */
  model: string | null;
  created_at: Instant;
  retired_at: Instant | null;
}

/** From when to when a channel of a device measured a place. */
export interface DeploymentTable {
  id: Generated<number>;
  device: string;
  /** `*` stands for every channel that has no deployment of its own. */
  channel: string;
  place: string;
  /** Included. */
  from_at: Instant;
  /** Excluded; null while it lasts. */
  to_at: Instant | null;
}

export interface CredentialTable {
  username: string;
  device: string;
  /** How `hash` was made from the password and `salt`; see the access file. */
  kdf: string;
  salt: string;
  hash: string;
  created_at: Instant;
  rotated_at: Instant | null;
  revoked_at: Instant | null;
}

export interface ApiTokenTable {
  id: string;
  /** SHA-256 in hex: the token is 256 random bits, so nothing slower would protect it better. */
  hash: string;
  name: string;
  created_at: Instant;
  last_used_at: Instant | null;
  revoked_at: Instant | null;
}

/** One row (id 1); its number grows with every change of site, place, device, deployment or credential. */
export interface RegistryRevisionTable {
  id: number;
  revision: number;
}

/** How far a reader of the journal has come. */
export interface ProgressTable {
  name: string;
  group_id: number;
}

/** The last measured value of each channel and quantity. */
export interface LatestTable {
  device: string;
  channel: string;
  quantity: string;
  site: string;
  place: string;
  value: number;
  measured_at: Instant;
  received_at: Instant;
  clock: ClockSource;
  suspect: RefusalReason | null;
  /** Grows with every change, so that a live view can ask what is new. */
  seq: number;
}

export interface RefusalTable {
  id: Generated<number>;
  at: Instant;
  site: string | null;
  device: string | null;
  topic: string;
  reason: RefusalReason;
  /** JSON: channel, field, expected, received, measuredAt. */
  detail: string;
  /** The start of the message, at most RAW_BYTES_MAX. */
  raw: Uint8Array;
  /** Size of the whole message. */
  raw_bytes: number;
  /** How often the same was refused in a row. */
  times: Generated<number>;
}

/** Longest part of a refused message kept with its refusal: enough to recognise a frame, too short to hoard. */
export const RAW_BYTES_MAX = 512;

export interface RefusalCountTable {
  /** Empty when nobody is known to have sent it. */
  device: string;
  reason: RefusalReason;
  times: number;
}

/** Network identities of messages without a device clock, to tell a second copy from a second measurement. */
export interface SeenTable {
  device: string;
  identity: string;
  at: Instant;
}

/** The last instant given to a device without a clock, so that two messages never share one. */
export interface StampTable {
  device: string;
  last_at: Instant;
}

/** Hours whose rollup is out of date. */
export interface RollupDueTable {
  measurement: string;
  hour: Instant;
  due_at: Instant;
}
