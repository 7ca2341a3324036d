import {
  type Device,
  devices,
  type Place,
  places,
  type Site,
  type State,
  sites,
} from '../../ingest/index.ts';

/** The registry as of one revision, in memory: it changes some times a day and is asked with every request. */
export interface RegistryView {
  readonly sites: readonly Site[];
  /** Retired ones too: their history stays readable. */
  readonly places: readonly Place[];
  readonly placeById: ReadonlyMap<string, Place>;
  readonly devices: readonly Device[];
  readonly retiredDevices: ReadonlySet<string>;
}

/** A function that answers the current registry, reading it again only when its revision has changed. */
export function registryView(state: State): () => Promise<RegistryView> {
  let known: { readonly revision: number; readonly view: Promise<RegistryView> } | undefined;
  return () => {
    const revision = state.revision();
    if (known?.revision === revision) return known.view;
    const view = read(state);
    known = { revision, view };
    view.catch(() => {
      known = undefined;
    });
    return view;
  };
}

async function read(state: State): Promise<RegistryView> {
  const [allSites, allPlaces, allDevices] = [await sites(state), await places(state), await devices(state)];
  return {
    sites: allSites,
    places: allPlaces,
    placeById: new Map(allPlaces.map((place) => [place.id, place])),
    devices: allDevices,
    retiredDevices: new Set(
      allDevices.filter((device) => device.retiredAt !== undefined).map(({ id }) => id),
    ),
  };
}
