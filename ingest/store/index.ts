/** Where readings live over time. */

export { openStore, type StoreOptions } from './open-store.ts';
export * from './series.ts';
export { openSqliteStore, type SqliteOptions } from './sqlite.ts';
export * from './store.ts';
