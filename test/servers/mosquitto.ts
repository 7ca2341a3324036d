import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/free-port.ts';
import { knownServers, requireProgram } from './find.ts';
import { type RunningServer, runServer } from './run-server.ts';

/** A real Mosquitto on a free loopback port that lets anybody in; undefined when this machine has none. */
export async function startMosquitto(): Promise<(RunningServer & { readonly port: number }) | undefined> {
  const program = requireProgram(knownServers.mosquitto);
  if (program === undefined) return undefined;
  const dir = mkdtempSync(join(tmpdir(), 'greenlane-mosquitto-'));
  const port = await freePort();
  const config = join(dir, 'mosquitto.conf');
  writeFileSync(
    config,
    `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nmax_inflight_messages 1000\nlog_type none\n`,
  );
  const isUp = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
  const server = await runServer(program, ['-c', config], isUp, () =>
    rmSync(dir, { recursive: true, force: true }),
  );
  return { ...server, port };
}
