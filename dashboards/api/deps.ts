import type { FastifyBaseLogger } from 'fastify';
import type { Clock } from '../../devices/index.ts';
import type { State, Store } from '../../ingest/index.ts';
import type { SystemStatus } from './status.ts';

/** Everything the API needs; nothing is reached by any other way. */
export interface ApiDeps {
  readonly state: State;
  readonly store: Store;
  readonly status: () => SystemStatus;
  readonly clock: Clock;
  /** True for the demo on loopback: no token is asked, and only loopback host names are served. */
  readonly open: boolean;
  readonly log?: FastifyBaseLogger;
  /** Folder of the built page; the default is `dashboards/web/dist`. */
  readonly webRoot?: string;
  /** Requests per minute and address. */
  readonly requestsPerMinute?: number;
  /** How often the state is asked for changes, in milliseconds. */
  readonly livePollMs?: number;
}
