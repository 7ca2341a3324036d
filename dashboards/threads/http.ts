/** The API and the page on a thread of their own: a heavy question never delays a PUBACK. */
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { openState, openStore, STATE_FILE, type StoreOptions } from '../../ingest/index.ts';
import { buildApp } from '../api/app.ts';
import { type SystemStatus, startingStatus } from '../api/status.ts';

export interface HttpThreadData {
  readonly dataDir: string;
  readonly store: StoreOptions;
  readonly host: string;
  readonly port: number;
  /** No token is asked: the demo, on loopback. */
  readonly open: boolean;
}

export type HttpThreadMessage =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

export type HttpThreadRequest = 'stop' | { readonly status: SystemStatus };

async function run(port: NonNullable<typeof parentPort>, data: HttpThreadData): Promise<void> {
  const say = (message: HttpThreadMessage): void => port.postMessage(message);
  const state = await openState(join(data.dataDir, STATE_FILE));
  const store = openStore(data.store);
  let status = startingStatus(data.store.kind);
  const app = await buildApp({ state, store, status: () => status, clock: Date.now, open: data.open });
  port.on('message', (request: HttpThreadRequest) => {
    if (request !== 'stop') {
      status = request.status;
      return;
    }
    app
      .close()
      .then(() => store.close())
      .then(() => state.close())
      .finally(() => process.exit(0));
  });
  try {
    await app.listen({ host: data.host, port: data.port });
    const address = app.server.address();
    say({
      kind: 'listening',
      port: typeof address === 'object' && address !== null ? address.port : data.port,
    });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    say({ kind: 'failed', code, message: error instanceof Error ? error.message : String(error) });
  }
}

if (parentPort !== null) await run(parentPort, workerData);
