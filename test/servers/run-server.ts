import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

export interface RunningServer {
  readonly pid: () => number | undefined;
  /** Ends it at once, as a crash would. */
  readonly kill: () => Promise<void>;
  /** Starts it again on the same port and data. */
  readonly restart: () => Promise<void>;
  /** Ends it and removes its data. */
  readonly stop: () => Promise<void>;
}

const START_MS = 20_000;

/** Runs a program until it is stopped, and waits until it answers. */
export async function runServer(
  program: string,
  args: readonly string[],
  isUp: () => Promise<boolean>,
  cleanUp: () => void,
): Promise<RunningServer> {
  let child: ChildProcess | undefined;
  // A test run that is interrupted must not leave servers behind.
  const endWithUs = (): void => {
    child?.kill('SIGKILL');
  };
  const start = async (): Promise<void> => {
    const one = spawn(program, args, { stdio: 'ignore' });
    child = one;
    process.once('exit', endWithUs);
    const deadline = Date.now() + START_MS;
    while (!(await isUp())) {
      if (one.exitCode !== null || Date.now() > deadline) throw new Error(`${program} did not start`);
      await delay(50);
    }
  };
  const kill = async (): Promise<void> => {
    const one = child;
    child = undefined;
    process.removeListener('exit', endWithUs);
    if (one === undefined || one.exitCode !== null) return;
    const exited = new Promise<void>((resolve) => one.once('exit', () => resolve()));
    one.kill('SIGKILL');
    await exited;
  };
  await start();
  return {
    pid: () => child?.pid,
    kill,
    restart: start,
    stop: async () => {
      await kill();
      cleanUp();
    },
  };
}
