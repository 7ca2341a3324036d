import { accessSync, constants } from 'node:fs';

/** A real server the tests use, how to name one's own, and the Debian package that has it. */
export interface KnownServer {
  readonly name: string;
  readonly variable: string;
  readonly paths: readonly string[];
  readonly debian: string;
}

export const knownServers = {
  influxd: {
    name: 'InfluxDB 1.x (influxd)',
    variable: 'GREENLANE_TEST_INFLUXD',
    paths: ['/usr/bin/influxd'],
    debian: 'influxdb',
  },
  mosquitto: {
    name: 'Mosquitto 2 (mosquitto)',
    variable: 'GREENLANE_TEST_MOSQUITTO',
    paths: ['/usr/sbin/mosquitto'],
    debian: 'mosquitto',
  },
  chromium: {
    name: 'Chromium',
    variable: 'GREENLANE_TEST_CHROMIUM',
    paths: ['/usr/bin/chromium'],
    debian: 'chromium',
  },
} as const satisfies Readonly<Record<string, KnownServer>>;

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The program's path, or undefined when this machine has none. */
export function findProgram(server: KnownServer): string | undefined {
  const own = process.env[server.variable];
  return [...(own === undefined || own === '' ? [] : [own]), ...server.paths].find(isExecutable);
}

export function missingSentence({ name, variable }: KnownServer): string {
  return `${name} is missing: install it, or name its path in ${variable}`;
}

/**
 * The program's path. In CI a missing one is an error; elsewhere undefined, so that a test can skip and say so.
 */
export function requireProgram(server: KnownServer): string | undefined {
  const path = findProgram(server);
  if (path === undefined && process.env.CI !== undefined) throw new Error(missingSentence(server));
  if (path === undefined) console.warn(missingSentence(server));
  return path;
}
