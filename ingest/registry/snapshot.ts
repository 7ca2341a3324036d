import type { Instant } from '../../devices/index.ts';
import type { PlaceKind } from '../state/schema.ts';
import type { State } from '../state/state.ts';
import { type Deployment, deploymentLookup } from './deployment.ts';

/** Where a reading belongs. The same place is the same object within one snapshot, so it can key a cache. */
export interface Resolved {
  readonly site: string;
  readonly place: string;
  readonly kind: PlaceKind;
}

export interface KnownDevice {
  readonly id: string;
  readonly site: string;
  readonly model?: string;
  readonly retiredAt?: Instant;
}

/** The registry as of one revision, in memory and immutable, for ingest's hot path. */
export interface RegistrySnapshot {
  readonly revision: number;
  /**
   * The place that `channel` of `device` measured at `at`; undefined when the device is unknown or was nowhere then.
   * The site is the place's: a logger that travels belongs to the site where it is.
   */
  readonly resolve: (device: string, channel: string, at: Instant) => Resolved | undefined;
  readonly device: (id: string) => KnownDevice | undefined;
  /** IANA time zone of a site. */
  readonly timeZone: (site: string) => string | undefined;
}

export interface RegistryRows {
  readonly revision: number;
  readonly sites: readonly { readonly id: string; readonly timeZone: string }[];
  readonly places: readonly { readonly id: string; readonly site: string; readonly kind: PlaceKind }[];
  readonly devices: readonly KnownDevice[];
  readonly deployments: readonly (Deployment & { readonly device: string })[];
}

/** Builds the lookups; pure. */
export function registrySnapshot(rows: RegistryRows): RegistrySnapshot {
  const timeZones = new Map(rows.sites.map(({ id, timeZone }) => [id, timeZone]));
  const places = new Map<string, Resolved>(
    rows.places.map(({ id, site, kind }) => [id, { site, place: id, kind }]),
  );
  const devices = new Map(rows.devices.map((device) => [device.id, device]));
  const lookups = new Map(
    [...Map.groupBy(rows.deployments, ({ device }) => device)].map(([device, list]) => [
      device,
      deploymentLookup(list),
    ]),
  );
  return {
    revision: rows.revision,
    resolve: (device, channel, at) => {
      const deployment = lookups.get(device)?.(channel, at);
      return deployment === undefined ? undefined : places.get(deployment.place);
    },
    device: (id) => devices.get(id),
    timeZone: (site) => timeZones.get(site),
  };
}

/** Reads the whole registry as of one moment. */
export function loadSnapshot(state: State): Promise<RegistrySnapshot> {
  return state.snapshot(async (trx) => {
    const { revision } = await trx
      .selectFrom('registry_revision')
      .select('revision')
      .executeTakeFirstOrThrow();
    const sites = await trx.selectFrom('site').select(['id', 'time_zone as timeZone']).execute();
    const places = await trx.selectFrom('place').select(['id', 'site', 'kind']).execute();
    const devices = await trx.selectFrom('device').select(['id', 'site', 'model', 'retired_at']).execute();
    const deployments = await trx
      .selectFrom('deployment')
      .select(['id', 'device', 'channel', 'place', 'from_at as from', 'to_at'])
      .execute();
    return registrySnapshot({
      revision,
      sites,
      places,
      devices: devices.map(({ id, site, model, retired_at }) => ({
        id,
        site,
        ...(model === null ? {} : { model }),
        ...(retired_at === null ? {} : { retiredAt: retired_at }),
      })),
      deployments: deployments.map(({ to_at, ...rest }) => (to_at === null ? rest : { ...rest, to: to_at })),
    });
  });
}

/** The registry's present revision: when it differs from a snapshot's, the snapshot is out of date. */
export function snapshotRevision(state: State): number {
  return state.revision();
}
