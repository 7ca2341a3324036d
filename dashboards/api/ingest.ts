/** What this folder uses of `ingest`, in one place. */

export {
  type Device,
  defaultLimits,
  devices,
  type LatestValue,
  latestOfPlace,
  latestSince,
  openState,
  type Place,
  type PlaceLimit,
  parseLimits,
  places,
  type RefusalEntry,
  refusalCounts,
  refusals,
  type Site,
  type State,
  sites,
  verifyToken,
} from '../../ingest/index.ts';
export {
  type Aggregate,
  type Point,
  type SeriesFilter,
  type Store,
  StoreError,
} from '../../ingest/store/store.ts';
