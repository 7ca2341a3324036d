/** `npm run doctor`: is this machine fit, and is anything stuck? One line each; exit code 1 when something is wrong. */
import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import {
  ACCESS_FILE,
  brokerConfig,
  JournalReader,
  loadConfig,
  openAccess,
  readStoredMark,
} from '../../broker/index.ts';
import { ingestConfig, storeOptions } from '../config.ts';
import { openStore } from '../store/index.ts';

interface Finding {
  readonly what: string;
  /** What to do about it; absent when all is well. */
  readonly problem?: string;
}

/** Below this a day of outage does not fit. */
const MIN_FREE_BYTES = 1_000_000_000;
/** Groups looked at; more than this waiting is a backlog whatever the exact number. */
const BACKLOG_GROUPS = 1_000;
const EARLIEST_SANE_CLOCK = Date.UTC(2026, 0, 1);

function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    const end = (isUp: boolean) => () => {
      socket.destroy();
      done(isUp);
    };
    socket.on('connect', end(true)).on('error', end(false)).setTimeout(1_000, end(false));
  });
}

function checkDisk(dataDir: string): Finding {
  const what = `data directory ${dataDir}`;
  if (!existsSync(dataDir)) return { what: `${what} (not made yet)` };
  try {
    accessSync(dataDir, constants.W_OK);
  } catch {
    return { what, problem: 'cannot be written by this user: change its owner, or set GREENLANE_DATA' };
  }
  const { bavail, bsize } = statfsSync(dataDir);
  const freeBytes = bavail * bsize;
  const said = `${what}, ${(freeBytes / 1e9).toFixed(1)} GB free`;
  return freeBytes < MIN_FREE_BYTES
    ? { what: said, problem: 'less than 1 GB is free: make room' }
    : { what: said };
}

function checkJournal(dataDir: string): Finding {
  const reader = new JournalReader(dataDir);
  try {
    const waiting = reader.read(readStoredMark(dataDir), BACKLOG_GROUPS, 1e9);
    const messages = waiting.reduce((sum, group) => sum + group.messages, 0);
    const what = `journal: ${waiting.length >= BACKLOG_GROUPS ? 'more than ' : ''}${messages} messages not stored yet`;
    return waiting.length >= BACKLOG_GROUPS
      ? { what, problem: 'the store does not keep up or is away' }
      : { what };
  } catch (error) {
    return { what: 'journal', problem: `cannot be read: ${String(error)}` };
  } finally {
    reader.close();
  }
}

async function findings(): Promise<Finding[]> {
  const found: Finding[] = [{ what: `Node ${process.versions.node}` }];
  const loaded = loadConfig(z.looseObject({ ...brokerConfig, ...ingestConfig }), {
    file: process.env.GREENLANE_CONFIG ?? 'greenlane.yaml',
    mustExist: process.env.GREENLANE_CONFIG !== undefined,
    env: process.env,
  });
  if (!loaded.ok) return [...found, { what: 'configuration', problem: loaded.message }];
  const { data, mqtt, influx } = loaded.config;
  const dataDir = resolve(data);
  found.push(checkDisk(dataDir), checkJournal(dataDir));
  found.push({
    what: `MQTT port ${mqtt.port}: ${(await answers(mqtt.port)) ? 'answers' : 'free, nothing listens'}`,
  });
  if (existsSync(join(dataDir, ACCESS_FILE))) {
    const access = openAccess(join(dataDir, ACCESS_FILE), { clock: Date.now });
    const { ok, problem, credentials } = access.health();
    access.close();
    found.push(
      ok
        ? { what: `access list: ${credentials} credentials` }
        : { what: 'access list', problem: `${problem ?? 'damaged'}: nobody can connect` },
    );
  } else found.push({ what: 'access list: no device yet (npm run -s device -- add ...)' });
  const store = openStore(storeOptions(dataDir, influx));
  const outcome = existsSync(dataDir) || influx.url !== undefined ? await store.prepare() : undefined;
  await store.close();
  const where = influx.url === undefined ? 'embedded store' : `InfluxDB at ${influx.url}`;
  found.push(outcome?.kind === 'kept' ? { what: where, problem: outcome.message } : { what: where });
  found.push(
    Date.now() < EARLIEST_SANE_CLOCK
      ? {
          what: 'clock',
          problem: `says ${new Date().toISOString()}: set it, or readings without a time are misdated`,
        }
      : { what: `clock ${new Date().toISOString()}` },
  );
  return found;
}

const all = await findings();
for (const { what, problem } of all)
  console.log(problem === undefined ? `ok       ${what}` : `PROBLEM  ${what}: ${problem}`);
process.exit(all.some(({ problem }) => problem !== undefined) ? 1 : 0);
