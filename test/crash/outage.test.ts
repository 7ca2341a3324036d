/** Outages of everything below the broker: nothing acknowledged is lost, devices are slowed, and the reason is visible. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { runAckedPublisher } from '../../simulators/index.ts';
import { startInflux } from '../servers/influx.ts';
import { freePort } from '../support/free-port.ts';
import { type ServerProcess, serverProcess } from '../support/server-process.ts';

const cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function serverOn(dir: string, env: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
  const server = await serverProcess(dir, env);
  cleanUps.push(() => server.kill());
  return server;
}

function dataDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'greenlane-outage-'));
  cleanUps.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

async function publisherOn(server: ServerProcess, padding = '') {
  const { username, password } = await server.addDevice('probe-1');
  await server.start();
  const publisher = runAckedPublisher({
    host: '127.0.0.1',
    port: server.mqttPort,
    credentials: { clientId: username, username, password },
    topic: `greenlane/farm/${username}/up`,
    payloadOf: (seq, ts) => `{"ts":${ts},"seq":${seq},"co2":${seq % 100_000}}${padding}`,
    ratePerS: 400,
    window: 50,
  });
  cleanUps.push(() => publisher.kill());
  return publisher;
}

async function readiness(server: ServerProcess): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${server.httpPort}/readyz`);
  return `${answer.status} ${await answer.text()}`;
}

/** Every acknowledged reading is in the store exactly once. */
async function expectAllStored(
  server: ServerProcess,
  acknowledged: readonly { readonly ts: number }[],
): Promise<void> {
  const first = acknowledged[0]?.ts ?? 0;
  const last = acknowledged.at(-1)?.ts ?? 0;
  const query = new URLSearchParams({
    device: 'probe-1',
    quantity: 'co2',
    every: 'raw',
    from: new Date(first - 1).toISOString(),
    to: new Date(last + 60_000).toISOString(),
  });
  const times = async (): Promise<number[]> => {
    const answer = await server.api(`/api/v1/series?${query}`);
    if (
      typeof answer !== 'object' ||
      answer === null ||
      !('points' in answer) ||
      !Array.isArray(answer.points)
    )
      return [];
    return answer.points.map((point: unknown) => (Array.isArray(point) ? Number(point[0]) : Number.NaN));
  };
  await expect
    .poll(
      async () => {
        const stored = new Set(await times());
        return acknowledged.filter(({ ts }) => !stored.has(ts)).length;
      },
      { timeout: 60_000, interval: 500 },
    )
    .toBe(0);
  const all = await times();
  expect(all.length).toBe(new Set(all).size);
}

test('InfluxDB killed for 5 s and restarted: devices notice nothing, nothing is lost', {
  timeout: 120_000,
}, async () => {
  const influx = await startInflux();
  if (influx === undefined) return;
  cleanUps.push(() => influx.stop());
  const server = await serverOn(dataDir(), { GREENLANE_INFLUX_URL: influx.url });
  const publisher = await publisherOn(server);
  await delay(1_500);
  await influx.kill();
  const before = publisher.acknowledged.length;
  await expect.poll(() => readiness(server), { timeout: 15_000 }).toMatch(/^503 .*cannot be reached/);
  await delay(3_000);
  expect(publisher.acknowledged.length).toBeGreaterThan(before + 500);
  await influx.restart();
  await expect.poll(() => readiness(server), { timeout: 30_000 }).toMatch(/^200/);
  expect(await publisher.stop(20_000)).toBe(true);
  await expectAllStored(server, publisher.acknowledged);
});

test('InfluxDB answering 401 for 5 s: nothing is lost, and /readyz says what to correct', {
  timeout: 120_000,
}, async () => {
  const influx = await startInflux();
  if (influx === undefined) return;
  cleanUps.push(() => influx.stop());
  let isDenied = false;
  const proxy = createServer((incoming, outgoing) => {
    if (isDenied) {
      incoming.resume();
      outgoing.writeHead(401).end('{"error":"authorization failed"}');
      return;
    }
    const onward = request(
      `${influx.url}${incoming.url}`,
      { method: incoming.method, headers: incoming.headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  const port = await freePort();
  await new Promise<void>((done) => proxy.listen(port, '127.0.0.1', done));
  cleanUps.push(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const server = await serverOn(dataDir(), { GREENLANE_INFLUX_URL: `http://127.0.0.1:${port}` });
  const publisher = await publisherOn(server);
  await delay(1_500);
  isDenied = true;
  await expect.poll(() => readiness(server), { timeout: 15_000 }).toMatch(/^503 .*refuses our credentials/);
  await delay(5_000);
  isDenied = false;
  await expect.poll(() => readiness(server), { timeout: 30_000 }).toMatch(/^200/);
  expect(await publisher.stop(20_000)).toBe(true);
  await expectAllStored(server, publisher.acknowledged);
});

test('a full data disk: devices are held back and told nothing false; with room again everything is stored', {
  timeout: 180_000,
}, async (context) => {
  const dir = dataDir();
  const disk = join(dir, 'disk');
  mkdirSync(disk);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', disk]).status !== 0) {
    // A container without the right to mount; the journal's own limit is tested beside its code.
    context.skip('no right to mount a small file system');
  }
  cleanUps.push(() => {
    spawnSync('umount', ['-l', disk]);
  });
  const server = await serverOn(disk);
  const ballast = join(disk, 'ballast');
  const publisher = await publisherOn(server, ' '.repeat(2_000));
  writeFileSync(ballast, Buffer.alloc(12_000_000));
  await expect.poll(() => readiness(server), { timeout: 90_000 }).toMatch(/^503 .*(full|cannot be written)/i);
  const during = publisher.acknowledged.length;
  await delay(2_000);
  expect(publisher.acknowledged.length - during).toBeLessThan(400);
  rmSync(ballast);
  await expect.poll(() => publisher.acknowledged.length, { timeout: 60_000 }).toBeGreaterThan(during + 200);
  await publisher.stop(20_000);
  await expectAllStored(server, publisher.acknowledged);
});
