/** A real Greenlane in a process of its own, which a test may kill at any moment. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

/** A server that is not up by then will not come up. */
const START_MS = 20_000;

export interface ServerProcess {
  readonly pid: () => number | undefined;
  readonly mqttPort: number;
  readonly httpPort: number;
  readonly dataDir: string;
  readonly token: string;
  readonly api: (path: string) => Promise<unknown>;
  readonly start: () => Promise<void>;
  /** Ends it at once, as a power cut would. */
  readonly kill: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly addDevice: (
    id: string,
    place?: string,
  ) => Promise<{ readonly username: string; readonly password: string }>;
}

export async function serverProcess(
  dataDir: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const [mqttPort, httpPort] = [await freePort(), await freePort()];
  const environment = {
    ...process.env,
    GREENLANE_DATA: dataDir,
    GREENLANE_MQTT_PORT: String(mqttPort),
    GREENLANE_HTTP_PORT: String(httpPort),
    GREENLANE_MQTT_HOST: '127.0.0.1',
    GREENLANE_HTTP_HOST: '127.0.0.1',
    ...env,
  };
  const command = async (script: string, ...args: readonly string[]): Promise<string> => {
    const { stdout } = await run(process.execPath, [resolve(root, script), ...args], {
      cwd: root,
      env: environment,
    });
    return stdout.trim();
  };
  const token = await command('ingest/cli/token.ts');
  let child: ChildProcess | undefined;
  let said = '';

  const exited = (one: ChildProcess): Promise<void> =>
    new Promise((done) => {
      if (one.exitCode !== null || one.signalCode !== null) done();
      else one.once('exit', () => done());
    });

  const start = async (): Promise<void> => {
    said = '';
    const one = spawn(process.execPath, [resolve(root, 'dashboards/main.ts')], {
      cwd: root,
      env: environment,
    });
    child = one;
    for (const stream of [one.stdout, one.stderr]) {
      stream?.on('data', (text) => {
        said = (said + text).slice(-20_000);
      });
    }
    const deadline = Date.now() + START_MS;
    while (Date.now() < deadline) {
      if (one.exitCode !== null) throw new Error(`the server ended: ${said}`);
      const up = await fetch(`http://127.0.0.1:${httpPort}/healthz`).then(
        (answer) => answer.ok,
        () => false,
      );
      if (up) return;
      await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error(`the server did not come up: ${said}`);
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const one = child;
    child = undefined;
    if (one === undefined) return;
    one.kill(signal);
    await exited(one);
  };
  return {
    pid: () => child?.pid,
    mqttPort,
    httpPort,
    dataDir,
    token,
    start,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    api: async (path) => {
      const answer = await fetch(`http://127.0.0.1:${httpPort}${path}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      return answer.json();
    },
    addDevice: async (id, place = 'room-1') => {
      const { username, password } = JSON.parse(
        await command(
          'ingest/cli/device.ts',
          'add',
          id,
          '--site',
          'farm',
          '--place',
          place,
          '--kind',
          'room',
        ),
      );
      return { username, password };
    },
  };
}
