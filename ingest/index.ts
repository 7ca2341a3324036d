/** What `ingest` offers to the other folders; nothing outside imports a file of this folder directly. */

export { syncAccessFile } from './registry/access-sync.ts';
export type { Credential } from './registry/credentials.ts';
export { issueCredential, revokeCredential, rotateCredential } from './registry/credentials.ts';
export type { Deployment } from './registry/deployment.ts';
export { ALWAYS, EVERY_CHANNEL } from './registry/deployment.ts';
export type { Move, NewDevice } from './registry/devices.ts';
export { addDevice, moveDevice, retireDevice } from './registry/devices.ts';
export type { Outcome, Problem } from './registry/outcome.ts';
export type { PlaceLimit } from './registry/place-limits.ts';
export { defaultLimits, parseLimits, placeLimitsSchema } from './registry/place-limits.ts';
export type { Registered, Registration } from './registry/register.ts';
export { registerDevice } from './registry/register.ts';
export type { NewPlace, NewSite } from './registry/sites.ts';
export { addPlace, addSite } from './registry/sites.ts';
export type { KnownDevice, RegistrySnapshot, Resolved } from './registry/snapshot.ts';
export { loadSnapshot, snapshotRevision } from './registry/snapshot.ts';
export type { ApiToken } from './registry/tokens.ts';
export { addToken, listTokens, revokeToken, verifyToken } from './registry/tokens.ts';
export type {
  Device,
  DeviceDeployment,
  LatestValue,
  Place,
  RefusalCount,
  RefusalEntry,
  RefusalFilter,
  Site,
} from './state/read.ts';
export {
  devices,
  latestOfPlace,
  latestSince,
  places,
  pruneRefusals,
  refusalCounts,
  refusals,
  sites,
} from './state/read.ts';
export type { Database, PlaceKind } from './state/schema.ts';
export { placeKinds, RAW_BYTES_MAX } from './state/schema.ts';
export type { State } from './state/state.ts';
export { openState, STATE_FILE } from './state/state.ts';
