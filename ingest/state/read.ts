import type { Selectable } from 'kysely';
import {
  type ClockSource,
  type Instant,
  parseQuantity,
  type QuantityName,
  type RefusalReason,
} from '../../devices/index.ts';
import type { LatestTable, PlaceKind, RefusalTable } from './schema.ts';
import type { State } from './state.ts';

/** What the API asks of the state. Lists come in the order of their ids unless said otherwise. */

export interface Site {
  readonly id: string;
  readonly name: string;
  readonly timeZone: string;
}

export interface Place {
  readonly id: string;
  readonly site: string;
  readonly name: string;
  readonly kind: PlaceKind;
  /** JSON of the place's own limits; see the registry's `parseLimits`. */
  readonly limitsJson: string | null;
  readonly createdAt: Instant;
  readonly retiredAt?: Instant;
}

export interface Device {
  readonly id: string;
  readonly site: string;
  readonly name: string;
  readonly model?: string;
  readonly createdAt: Instant;
  readonly retiredAt?: Instant;
  /** False when it has no valid credential and so cannot connect. */
  readonly mayConnect: boolean;
  readonly deployments: readonly DeviceDeployment[];
}

export interface DeviceDeployment {
  /** `*` for every channel without a deployment of its own. */
  readonly channel: string;
  readonly place: string;
  readonly from: Instant;
  readonly to?: Instant;
}

export interface LatestValue {
  readonly device: string;
  readonly channel: string;
  readonly quantity: QuantityName;
  readonly site: string;
  readonly place: string;
  readonly value: number;
  readonly measuredAt: Instant;
  readonly receivedAt: Instant;
  readonly clock: ClockSource;
  readonly suspect?: RefusalReason;
  readonly seq: number;
}

export interface RefusalEntry {
  readonly id: number;
  readonly at: Instant;
  readonly site?: string;
  readonly device?: string;
  readonly topic: string;
  readonly reason: RefusalReason;
  /** Parsed JSON: channel, field, expected, received, measuredAt where they apply. */
  readonly detail: unknown;
  readonly raw: Uint8Array;
  readonly rawBytes: number;
  readonly times: number;
}

export interface RefusalFilter {
  readonly device?: string | undefined;
  /** Included. */
  readonly from?: Instant | undefined;
  /** Excluded. */
  readonly to?: Instant | undefined;
  readonly limit: number;
}

export interface RefusalCount {
  /** Empty when nobody is known to have sent it. */
  readonly device: string;
  readonly reason: RefusalReason;
  readonly times: number;
}

/** Most rows one question may return: a page shows hundreds, and an answer has to fit the memory. */
export const ROWS_MAX = 10_000;

export async function sites(state: State): Promise<readonly Site[]> {
  return state.db.selectFrom('site').select(['id', 'name', 'time_zone as timeZone']).orderBy('id').execute();
}

/** Places of a site, or of all; retired ones included. */
export async function places(state: State, site?: string): Promise<readonly Place[]> {
  let query = state.db.selectFrom('place').selectAll().orderBy('id');
  if (site !== undefined) query = query.where('site', '=', site);
  const rows = await query.execute();
  return rows.map(({ created_at, retired_at, limits, ...rest }) => ({
    ...rest,
    limitsJson: limits,
    createdAt: created_at,
    ...(retired_at === null ? {} : { retiredAt: retired_at }),
  }));
}

/** Devices of a site, or of all, with their deployments in the order they began; retired ones included. */
export async function devices(state: State, site?: string): Promise<readonly Device[]> {
  return state.snapshot(async (trx) => {
    let query = trx
      .selectFrom('device')
      .leftJoin('credential', (join) =>
        join.onRef('credential.device', '=', 'device.id').on('credential.revoked_at', 'is', null),
      )
      .select(['device.id', 'site', 'name', 'model', 'device.created_at', 'retired_at', 'username'])
      .orderBy('device.id');
    if (site !== undefined) query = query.where('site', '=', site);
    const rows = await query.execute();
    const deployments = Map.groupBy(
      await trx.selectFrom('deployment').selectAll().orderBy('from_at').orderBy('id').execute(),
      ({ device }) => device,
    );
    return rows.map(({ id, name, model, created_at, retired_at, username, ...rest }) => ({
      id,
      site: rest.site,
      name,
      createdAt: created_at,
      mayConnect: username !== null && retired_at === null,
      ...(model === null ? {} : { model }),
      ...(retired_at === null ? {} : { retiredAt: retired_at }),
      deployments: (deployments.get(id) ?? []).map(({ channel, place, from_at, to_at }) => ({
        channel,
        place,
        from: from_at,
        ...(to_at === null ? {} : { to: to_at }),
      })),
    }));
  });
}

/** The last value of every channel and quantity at a place. */
export async function latestOfPlace(state: State, place: string): Promise<readonly LatestValue[]> {
  const rows = await state.db
    .selectFrom('latest')
    .selectAll()
    .where('place', '=', place)
    .orderBy('device')
    .orderBy('channel')
    .orderBy('quantity')
    .limit(ROWS_MAX)
    .execute();
  return rows.flatMap(latestValue);
}

/** Last values that changed after `seq`, in the order they changed. */
export async function latestSince(state: State, seq: number, limit: number): Promise<readonly LatestValue[]> {
  const rows = await state.db
    .selectFrom('latest')
    .selectAll()
    .where('seq', '>', seq)
    .orderBy('seq')
    .limit(Math.min(limit, ROWS_MAX))
    .execute();
  return rows.flatMap(latestValue);
}

/** Refusals, newest first. */
export async function refusals(state: State, filter: RefusalFilter): Promise<readonly RefusalEntry[]> {
  let query = state.db.selectFrom('refusal').selectAll().orderBy('at', 'desc').orderBy('id', 'desc');
  if (filter.device !== undefined) query = query.where('device', '=', filter.device);
  if (filter.from !== undefined) query = query.where('at', '>=', filter.from);
  if (filter.to !== undefined) query = query.where('at', '<', filter.to);
  const rows = await query.limit(Math.max(0, Math.min(filter.limit, ROWS_MAX))).execute();
  return rows.map(refusalEntry);
}

/** How often each device was refused for each reason, since the state was created. */
export async function refusalCounts(state: State): Promise<readonly RefusalCount[]> {
  return state.db.selectFrom('refusal_count').selectAll().orderBy('device').orderBy('reason').execute();
}

/** Keeps the newest `keep` refusals: the counts remember how many there were. */
export async function pruneRefusals(state: State, keep: number): Promise<void> {
  await state.db
    .deleteFrom('refusal')
    .where('id', '<=', (row) =>
      row
        .selectFrom('refusal as newest')
        .select((kept) => kept(kept.fn.max('newest.id'), '-', keep).as('last')),
    )
    .execute();
}

function latestValue({ measured_at, received_at, suspect, quantity, ...rest }: Selectable<LatestTable>) {
  const name = parseQuantity(quantity);
  // A quantity that a newer version wrote is not shown rather than shown without unit and name.
  if (name === undefined) return [];
  const value: LatestValue = {
    ...rest,
    quantity: name,
    measuredAt: measured_at,
    receivedAt: received_at,
    ...(suspect === null ? {} : { suspect }),
  };
  return [value];
}

function refusalEntry({ site, device, detail, raw_bytes, ...rest }: Selectable<RefusalTable>): RefusalEntry {
  return {
    ...rest,
    rawBytes: raw_bytes,
    detail: JSON.parse(detail),
    ...(site === null ? {} : { site }),
    ...(device === null ? {} : { device }),
  };
}
