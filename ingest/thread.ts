/** Ingest on a thread of its own: decoding and storing never delay a PUBACK or a page. */
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { Ingest, type IngestStatus } from './pipeline/ingest.ts';
import { openState, STATE_FILE } from './state/state.ts';
import { openStore, type StoreOptions } from './store/index.ts';

export interface IngestThreadData {
  readonly dataDir: string;
  readonly store: StoreOptions;
}

export type IngestThreadMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'status'; readonly status: IngestStatus };

/** How often the thread says how it is: a page that shows it is refreshed twice a second. */
const STATUS_MS = 500;

/** Starts ingest on this thread; the returned function ends it and closes what it opened. */
export async function startIngest(
  { dataDir, store: options }: IngestThreadData,
  onStatus: (status: IngestStatus) => void,
): Promise<() => Promise<void>> {
  const state = await openState(join(dataDir, STATE_FILE));
  const store = openStore(options);
  const ingest = new Ingest({ dataDir, state, store, storeKind: options.kind, clock: Date.now });
  // A store that is away is no reason not to start: the journal keeps what comes.
  await store.prepare();
  ingest.start();
  const timer = setInterval(() => onStatus(ingest.status()), STATUS_MS);
  return async () => {
    clearInterval(timer);
    await ingest.stop();
    await store.close();
    await state.close();
  };
}

async function runAsThread(port: NonNullable<typeof parentPort>, data: IngestThreadData): Promise<void> {
  const say = (message: IngestThreadMessage): void => port.postMessage(message);
  const stop = await startIngest(data, (status) => say({ kind: 'status', status }));
  port.once('message', () => {
    stop().then(() => process.exit(0));
  });
  say({ kind: 'ready' });
}

if (parentPort !== null) await runAsThread(parentPort, workerData);
