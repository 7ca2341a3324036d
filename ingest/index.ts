/** What `ingest` offers to the other folders; nothing outside imports a file of this folder directly. */

export { type InfluxConfig, ingestConfig, storeOptions } from './config.ts';
export { Ingest, type IngestStatus } from './pipeline/ingest.ts';
export * from './registry/index.ts';
export * from './state/read.ts';
export { type PlaceKind, placeKinds } from './state/schema.ts';
export { openState, STATE_FILE, type State } from './state/state.ts';
export * from './store/index.ts';
export type { IngestThreadData, IngestThreadMessage } from './thread.ts';
