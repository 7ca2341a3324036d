import type { InfluxOptions } from './influx-connection.ts';
import { openSqliteStore, type SqliteOptions } from './sqlite.ts';
import type { Store } from './store.ts';

export type StoreOptions =
  | ({ readonly kind: 'sqlite' } & SqliteOptions)
  | ({ readonly kind: 'influx' } & InfluxOptions);

export function openStore(options: StoreOptions): Store {
  if (options.kind === 'sqlite') return openSqliteStore(options);
  throw new Error('InfluxDB is being connected');
}
