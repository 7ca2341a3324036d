import { openInfluxStore } from './influx.ts';
import type { InfluxOptions } from './influx-connection.ts';
import { openSqliteStore, type SqliteOptions } from './sqlite.ts';
import type { Store } from './store.ts';

/** Which store, as the configuration chose it. Plain data: it crosses to threads. */
export type StoreOptions =
  | ({ readonly kind: 'sqlite' } & SqliteOptions)
  | ({ readonly kind: 'influx' } & InfluxOptions);

/** Opens a store; a server that is away does not fail here but in `write`, which keeps the points. */
export function openStore(options: StoreOptions): Store {
  return options.kind === 'sqlite' ? openSqliteStore(options) : openInfluxStore(options);
}
