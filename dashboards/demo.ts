/**
 * `npm run demo`: a village on this machine alone. Broker, ingest, API and page in this process, the simulated devices
 * in another one that speaks MQTT as real ones would. Everything is in a folder that is thrown away at the end.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { DAY } from '../devices/index.ts';
import {
  addPlace,
  addSite,
  type Outcome,
  openState,
  placeKinds,
  registerDevice,
  STATE_FILE,
} from '../ingest/index.ts';
import { StartError, type System, startSystem } from './system.ts';

const LOOPBACK = '127.0.0.1';
/** Three weeks of a small village; a demo left running over a holiday must not fill the disk. */
const JOURNAL_BYTES = 500_000_000;
/** The page is worth opening when the two days are there; a machine too slow for that gets the address anyway. */
const HISTORY_PATIENCE_MS = 9_000;

const villageSchema = z.object({
  site: z.object({
    id: z.string(),
    name: z.object({ zh: z.string(), en: z.string() }),
    timeZone: z.string(),
  }),
  places: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(placeKinds),
      name: z.object({ zh: z.string(), en: z.string() }),
    }),
  ),
  devices: z.array(z.object({ id: z.string(), place: z.string() })),
});

function accept<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.problem.field}: ${outcome.problem.message}`);
  return outcome.value;
}

/** Registers the village and leaves its devices' passwords in a file for the simulators. */
async function registerVillage(dataDir: string): Promise<string> {
  const file = fileURLToPath(new URL('../simulators/village.json', import.meta.url));
  const village = villageSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const state = await openState(join(dataDir, STATE_FILE));
  const now = Date.now();
  const credentials: Record<string, unknown> = {};
  try {
    const { id: site, timeZone, name } = village.site;
    accept(await addSite(state, { id: site, name: `${name.zh} ${name.en}`, timeZone }, now));
    for (const { id, kind, name } of village.places) {
      accept(await addPlace(state, { id, site, kind, name: `${name.zh} ${name.en}` }, now));
    }
    for (const { id, place } of village.devices) {
      const { credential } = accept(await registerDevice(state, { id, site, place, timeZone }, now));
      credentials[id] = credential;
    }
  } finally {
    await state.close();
  }
  const path = join(dataDir, 'demo-credentials.json');
  writeFileSync(path, JSON.stringify(credentials), { mode: 0o600 });
  return path;
}

function startDevices(mqttPort: number, credentials: string): ChildProcess {
  const script = fileURLToPath(new URL('../simulators/main.ts', import.meta.url));
  const url = `mqtt://${LOOPBACK}:${mqttPort}`;
  return spawn(
    process.execPath,
    [script, 'village', '--url', url, '--credentials', credentials, '--history', '2d', '--json'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
}

/** Comes back when the devices have sent their history, or when waiting longer helps nobody. */
function historyComplete(devices: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, HISTORY_PATIENCE_MS);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    devices.once('exit', done);
    if (devices.stdout === null) return;
    createInterface({ input: devices.stdout }).on('line', (line) => {
      if (line.includes('"history-complete"')) done();
    });
  });
}

function portOf(variable: string, fallback: number): number {
  const text = process.env[variable];
  const port = text === undefined ? fallback : Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new StartError(`${variable} must be a port from 0 to 65535, not "${text}".`);
}

async function stopOnSignal(system: System, devices: ChildProcess, cleanUp: () => void): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  devices.kill('SIGINT');
  await system.stop();
  cleanUp();
}

async function demo(): Promise<void> {
  const given = process.env.GREENLANE_DATA;
  const dataDir = given ?? mkdtempSync(join(tmpdir(), 'greenlane-demo-'));
  const cleanUp = (): void => {
    if (given === undefined) rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    mkdirSync(dataDir, { recursive: true });
    const mqttPort = portOf('GREENLANE_MQTT_PORT', 1883);
    const httpPort = portOf('GREENLANE_HTTP_PORT', 8080);
    const credentials = await registerVillage(dataDir);
    const system = await startSystem({
      dataDir,
      mqtt: { host: LOOPBACK, port: mqttPort, maxConnections: 1_000 },
      journal: { keep: DAY, maxBytes: JOURNAL_BYTES },
      http: { host: LOOPBACK, port: httpPort },
      store: { kind: 'sqlite', path: join(dataDir, 'readings.db') },
      open: true,
      clock: Date.now,
      onFailure: (part, error) =>
        console.error(`${part}: ${error instanceof Error ? error.stack : String(error)}`),
    });
    const devices = startDevices(system.mqttPort, credentials);
    await historyComplete(devices);
    console.log(`Greenlane demo village: http://localhost:${system.httpPort}   (Ctrl-C ends it)`);
    await stopOnSignal(system, devices, cleanUp);
  } catch (error) {
    cleanUp();
    throw error;
  }
}

try {
  await demo();
  process.exit(0);
} catch (error) {
  if (error instanceof StartError) console.error(error.message);
  else console.error(error);
  process.exit(1);
}
