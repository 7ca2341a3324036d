/**
 * Run by `npm test` before the tests: brings the servers they need on Debian as root; elsewhere says which one is
 * missing and how to name it. Services that the packages would start are kept from starting: the tests run their own.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { findProgram, knownServers, missingSentence } from './find.ts';

/** Debian asks this script whether a package may start its service; 101 means no. */
const POLICY = '/usr/sbin/policy-rc.d';

const missing = (): (typeof knownServers)[keyof typeof knownServers][] =>
  Object.values(knownServers).filter((server) => findProgram(server) === undefined);

function run(command: string, ...args: readonly string[]): void {
  const { status } = spawnSync(command, args, {
    stdio: 'inherit',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (status !== 0) console.error(`${command} ${args.join(' ')} ended with ${status}`);
}

function install(packages: readonly string[]): void {
  console.log(`installing what the tests need: ${packages.join(' ')}`);
  const ownPolicy = !existsSync(POLICY);
  if (ownPolicy) {
    writeFileSync(POLICY, '#!/bin/sh\nexit 101\n');
    chmodSync(POLICY, 0o755);
  }
  try {
    run('apt-get', 'update', '-qq');
    run('apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages);
  } finally {
    if (ownPolicy) rmSync(POLICY, { force: true });
  }
}

const canInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
const hasFont = existsSync('/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc');
const wanted = [
  ...missing().map(({ debian }) => debian),
  ...(existsSync('/usr/bin/mosquitto_pub') ? [] : ['mosquitto-clients']),
  // Screenshots of the page need Chinese letters.
  ...(hasFont ? [] : ['fonts-noto-cjk']),
];
if (wanted.length > 0 && canInstall) install(wanted);
for (const server of missing()) console.error(missingSentence(server));
if (missing().length > 0 && process.env.CI !== undefined) process.exit(1);
