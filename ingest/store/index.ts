/** Where readings live over time. */
export * from './series.ts';
export { openSqliteStore, type SqliteOptions } from './sqlite.ts';
export * from './store.ts';
