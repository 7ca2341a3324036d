import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/free-port.ts';
import { knownServers, requireProgram } from './find.ts';
import { type RunningServer, runServer } from './run-server.ts';

export interface InfluxServer extends RunningServer {
  readonly url: string;
}

/**
 * A real InfluxDB 1.x on a free loopback port with throw-away data; undefined when this machine has none.
 * With `auth` nobody may do anything until an administrator was made: `CREATE USER x WITH PASSWORD 'y' WITH ALL PRIVILEGES`.
 */
export async function startInflux(
  options: { readonly auth?: boolean } = {},
): Promise<InfluxServer | undefined> {
  const program = requireProgram(knownServers.influxd);
  if (program === undefined) return undefined;
  const dir = mkdtempSync(join(tmpdir(), 'greenlane-influx-'));
  const [port, backup] = [await freePort(), await freePort()];
  const config = join(dir, 'influxdb.conf');
  writeFileSync(
    config,
    `reporting-disabled = true
bind-address = "127.0.0.1:${backup}"
[meta]
  dir = "${dir}/meta"
  logging-enabled = false
[data]
  dir = "${dir}/data"
  wal-dir = "${dir}/wal"
  wal-fsync-delay = "0s"
  query-log-enabled = false
  index-version = "inmem"
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${port}"
  log-enabled = false
  max-body-size = 0
  auth-enabled = ${options.auth === true}
[subscriber]
  enabled = false
[continuous_queries]
  enabled = false
`,
  );
  const url = `http://127.0.0.1:${port}`;
  const isUp = (): Promise<boolean> =>
    fetch(`${url}/ping`).then(
      (answer) => answer.ok,
      () => false,
    );
  const server = await runServer(program, ['-config', config], isUp, () =>
    rmSync(dir, { recursive: true, force: true }),
  );
  return { ...server, url };
}
