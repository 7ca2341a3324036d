import { Worker } from 'node:worker_threads';
import { type Duration, SECOND } from '../../devices/index.ts';

/** A thread that fails again and again is started this often at most: it may be a full disk that somebody frees. */
const RESTART_MOST_MS: Duration = 30 * SECOND;

export interface Supervised<Out> {
  /** Comes back with the first message, or fails when the thread could not start. */
  readonly started: Promise<Out>;
  readonly post: (message: unknown) => void;
  readonly stop: () => Promise<void>;
}

/**
 * Runs a thread and starts it again when it fails. What it had not committed it does again: that is what the journal's
 * offset is for.
 */
export function supervise<Out>(
  url: URL,
  workerData: unknown,
  onMessage: (message: Out) => void,
  onFailure: (error: unknown) => void,
): Supervised<Out> {
  let worker: Worker | undefined;
  let stopping = false;
  let delayMs: Duration = SECOND;
  let timer: NodeJS.Timeout | undefined;
  const { promise, resolve, reject } = Promise.withResolvers<Out>();

  const start = (): void => {
    const thread = new Worker(url, { workerData });
    worker = thread;
    let failure: unknown;
    thread.on('message', (message: Out) => {
      resolve(message);
      delayMs = SECOND;
      onMessage(message);
    });
    thread.on('error', (error) => {
      failure = error;
    });
    thread.on('exit', (code) => {
      worker = undefined;
      if (stopping) return;
      const error = failure ?? new Error(`the thread ended with code ${code}`);
      reject(error);
      onFailure(error);
      timer = setTimeout(start, delayMs);
      delayMs = Math.min(RESTART_MOST_MS, delayMs * 2);
    });
  };
  start();

  return {
    started: promise,
    post: (message) => worker?.postMessage(message),
    stop: async () => {
      stopping = true;
      clearTimeout(timer);
      const thread = worker;
      if (thread === undefined) return;
      const exited = new Promise<void>((done) => thread.once('exit', () => done()));
      thread.postMessage('stop');
      await exited;
    },
  };
}
