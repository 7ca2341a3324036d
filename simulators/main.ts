/** `npm run simulate -- village|load ...`: see `--help`. */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import { z } from 'zod';
import { DAY, deviceTopic, parseDuration, SECOND } from '../devices/index.ts';
import { connectFleet } from './fleet.ts';
import { runLoad } from './load.ts';
import { loadVillage } from './village.ts';

const USAGE = `Simulated devices over real MQTT.

  npm run simulate -- village --url mqtt://127.0.0.1:1883 --credentials file.json
      [--history 2d] [--every 10s] [--for 10m] [--seed 1] [--json]
  npm run simulate -- load --url mqtt://127.0.0.1:1883 --credentials file.json
      [--devices 100] [--interval 5s] [--for 1m]

The credentials file is {"<device>": {"username", "password"}}, as npm run device -- add prints them.`;

/** Input that cannot work; the message names the option and the fix. */
class UsageError extends Error {}

const credentialsSchema = z.record(z.string(), z.object({ username: z.string(), password: z.string() }));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: 'string', default: 'mqtt://127.0.0.1:1883' },
    credentials: { type: 'string' },
    history: { type: 'string' },
    every: { type: 'string', default: '10s' },
    for: { type: 'string' },
    seed: { type: 'string', default: '1' },
    devices: { type: 'string', default: '100' },
    interval: { type: 'string', default: '5s' },
    qos: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

function duration(option: string, text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new UsageError(`--${option}: "${text}" is not a duration; write 10s, 5m or 2d`);
  return ms;
}

function whole(option: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new UsageError(`--${option}: "${text}" is not a whole number above 0`);
  return number;
}

function readCredentials(): z.infer<typeof credentialsSchema> {
  if (values.credentials === undefined)
    throw new UsageError('--credentials: name the file with the passwords of the devices');
  const parsed = credentialsSchema.safeParse(JSON.parse(readFileSync(values.credentials, 'utf8')));
  if (!parsed.success)
    throw new UsageError(
      `--credentials: ${values.credentials} must be {"<device>": {"username", "password"}}`,
    );
  return parsed.data;
}

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());

/** Waits, or comes back at once when the run is being stopped. */
async function pause(ms: number): Promise<void> {
  await delay(ms, undefined, { signal: stopping.signal }).catch(() => {});
}

async function village(): Promise<void> {
  const now = Date.now();
  const fleet = await connectFleet({
    url: values.url,
    village: loadVillage(),
    credentials: readCredentials(),
    seed: whole('seed', values.seed),
    now,
  });
  if (values.history !== undefined) {
    const bar = new SingleBar({ format: 'history {bar} {value}/{total} minutes', noTTYOutput: false });
    if (!values.json) bar.start(1, 0);
    const records = await fleet.history(duration('history', values.history), (sent, total) => {
      if (values.json) return;
      bar.setTotal(total);
      bar.update(sent);
    });
    bar.stop();
    if (values.json) console.log(JSON.stringify({ event: 'history-complete', records, ...fleet.counts() }));
  }
  const end = values.for === undefined ? Number.POSITIVE_INFINITY : now + duration('for', values.for);
  const everyMs = duration('every', values.every);
  while (!stopping.signal.aborted && Date.now() < end) {
    await fleet.speak(Date.now());
    if (!values.json) process.stdout.write(`\r${JSON.stringify(fleet.counts())} `);
    await pause(everyMs);
  }
  await fleet.stop();
}

async function load(): Promise<void> {
  const credentials = Object.values(readCredentials());
  const devices = Math.min(whole('devices', values.devices), credentials.length);
  const { hostname, port } = new URL(values.url);
  const site = loadVillage().site.id;
  const intervalMs = duration('interval', values.interval);
  if (values.qos !== '1')
    throw new UsageError('--qos: only 1 is measured, because only it is acknowledged by one packet');
  const figures = await runLoad({
    host: hostname,
    port: Number(port || 1883),
    connections: devices,
    mode: { kind: 'rate', ratePerS: (devices * SECOND) / intervalMs },
    durationMs: values.for === undefined ? DAY : duration('for', values.for),
    topicOf: (n) => deviceTopic(site, credentials[n]?.username ?? '', 'up'),
    payloadOf: (seq, n, ts) => `{"ts":${ts},"seq":${seq},"air_temperature":4.${n % 10}}`,
    credentialsOf: (n) => ({ clientId: credentials[n]?.username ?? '', ...credentials[n] }),
    signal: stopping.signal,
    onSecond: ({ second, connected, sent, acknowledged, latency }) =>
      console.log(
        `${second} s  connected ${connected}  sent ${sent}  acknowledged ${acknowledged}  p50 ${latency.p50Ms.toFixed(2)} ms  p99 ${latency.p99Ms.toFixed(2)} ms`,
      ),
  });
  console.log(JSON.stringify(figures, null, 2));
}

try {
  const [command = 'village'] = positionals;
  if (values.help) console.log(USAGE);
  else if (command === 'village') await village();
  else if (command === 'load') await load();
  else throw new UsageError(`"${command}" is neither village nor load\n\n${USAGE}`);
  process.exit(0);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(error instanceof UsageError ? 2 : 1);
}
