import { generate } from 'mqtt-packet';
import { afterEach, expect, test } from 'vitest';
import { ackScanner } from './load/ack-scanner.ts';
import { type AckServer, type AckServerOptions, startAckServer } from './load/ack-server.ts';
import { type LoadOptions, type LoadSecond, runLoad } from './load.ts';

const servers: AckServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serverOf(options: AckServerOptions = {}): Promise<AckServer> {
  const server = await startAckServer(options);
  servers.push(server);
  return server;
}

function optionsOf(server: AckServer, given: Partial<LoadOptions>): LoadOptions {
  return {
    host: '127.0.0.1',
    port: server.port,
    connections: 3,
    mode: { kind: 'saturate', window: 8 },
    topicOf: (index) => `greenlane/bench/d${index}/up`,
    payloadOf: (seq, index, ts) => JSON.stringify({ ts, seq, air_temperature: index + 0.25 }),
    credentialsOf: (index) => ({ clientId: `d${index}`, username: `d${index}`, password: 'x' }),
    ...given,
  };
}

test('1000 messages are sent once each, every one is counted, and seq and ts never repeat on a device', async () => {
  const seen = new Map<string, { ts: number; seq: number; air_temperature: number }[]>();
  const server = await serverOf({
    onPublish: ({ topic, payload }) => {
      seen.set(topic, [...(seen.get(topic) ?? []), JSON.parse(payload.toString())]);
      return true;
    },
  });
  const before = Date.now();
  const figures = await runLoad(optionsOf(server, { messages: 1000 }));
  expect(figures).toMatchObject({ sent: 1000, acknowledged: 1000, unacknowledged: 0, unexpected: 0 });
  expect(figures.connected).toBe(3);
  expect(server.published()).toBe(1000);
  expect([...seen.values()].reduce((sum, list) => sum + list.length, 0)).toBe(1000);
  for (const [topic, list] of seen) {
    expect(list.map(({ seq }) => seq)).toEqual(list.map((_, n) => n));
    for (let n = 1; n < list.length; n += 1) expect(list[n]!.ts).toBeGreaterThan(list[n - 1]!.ts);
    expect(list[0]!.ts).toBeGreaterThanOrEqual(before);
    const device = Number(/d(\d)/.exec(topic)![1]);
    expect(new Set(list.map((record) => record.air_temperature))).toEqual(new Set([device + 0.25]));
  }
});

test('a rate of 500/s for 400 ms makes exactly 201 messages due, whatever the server does', async () => {
  const server = await serverOf();
  const mode = { kind: 'rate', ratePerS: 500 } as const;
  const figures = await runLoad(optionsOf(server, { connections: 4, mode, durationMs: 400 }));
  expect(figures).toMatchObject({ sent: 201, acknowledged: 201, unacknowledged: 0 });
});

test('a server that stalls for 300 ms shows the stall in every message due meanwhile, not in one', async () => {
  let stalledUntil = 0;
  const held: (() => void)[] = [];
  const server = await serverOf({
    onPublish: ({ packetId }, socket) => {
      if (stalledUntil === 0) {
        stalledUntil = Date.now() + 300;
        setTimeout(() => {
          for (const release of held.splice(0)) release();
        }, 300);
      }
      if (Date.now() >= stalledUntil) return true;
      held.push(() => socket.write(generate({ cmd: 'puback', messageId: packetId })));
      return false;
    },
  });
  // A window of 4 is full after 20 ms: what is due later cannot even be sent, and must count all the same.
  const mode = { kind: 'rate', ratePerS: 200, window: 4 } as const;
  const figures = await runLoad(optionsOf(server, { connections: 1, mode, durationMs: 600 }));
  expect(figures.acknowledged).toBe(121);
  // 60 of 121 messages were due during the stall and waited 150 ms on average; a closed loop would report 4.
  expect(figures.latency.p90Ms).toBeGreaterThan(150);
  expect(figures.latency.p50Ms).toBeLessThan(150);
  expect(figures.latency.maxMs).toBeGreaterThan(250);
});

test('a connection cut with messages in flight sends them again marked DUP, and counts each once', async () => {
  let cut = false;
  const copies: boolean[] = [];
  const acknowledged = new Set<string>();
  const server = await serverOf({
    onPublish: ({ connection, dup, topic, payload }, socket) => {
      if (!cut && connection === 0) {
        cut = true;
        socket.destroy();
      }
      if (socket.destroyed) return false;
      copies.push(dup);
      acknowledged.add(`${topic} ${JSON.parse(payload.toString()).seq}`);
      return true;
    },
  });
  const figures = await runLoad(optionsOf(server, { connections: 1, messages: 100 }));
  expect(figures).toMatchObject({ sent: 100, acknowledged: 100, disconnects: 1, unexpected: 0 });
  expect(copies.filter((dup) => dup).length).toBe(8);
  expect(acknowledged.size).toBe(100);
});

test('PUBACKs that answer nothing are counted apart and never as acknowledged', async () => {
  const server = await serverOf({
    onPublish: ({ packetId }, socket) => {
      socket.write(generate({ cmd: 'puback', messageId: packetId }));
      socket.write(generate({ cmd: 'puback', messageId: 60_000 }));
      return false;
    },
  });
  const figures = await runLoad(optionsOf(server, { messages: 50 }));
  expect(figures).toMatchObject({ acknowledged: 50, unexpected: 50 });
});

test('a refused connection is named by its code and the others carry the load', async () => {
  const server = await serverOf({ connackOf: (connection) => (connection === 1 ? 5 : 0) });
  const figures = await runLoad(optionsOf(server, { messages: 90 }));
  expect(figures).toMatchObject({ connected: 2, refused: { 'CONNACK return code 5': 1 }, acknowledged: 90 });
});

test('no connection at all is an error that says where and why', async () => {
  const server = await serverOf({ connackOf: () => 4 });
  const run = runLoad(optionsOf(server, { messages: 1 }));
  await expect(run).rejects.toThrow(
    /no connection to mqtt:\/\/127.0.0.1:\d+ was accepted: CONNACK return code 4/,
  );
});

test('a server that never acknowledges leaves every message unacknowledged after the drain time', async () => {
  const server = await serverOf({ onPublish: () => false });
  const figures = await runLoad(optionsOf(server, { durationMs: 50, drainMs: 50 }));
  expect(figures).toMatchObject({ sent: 24, acknowledged: 0, unacknowledged: 24 });
});

test('each second is reported with what happened in it', async () => {
  const server = await serverOf();
  const seconds: LoadSecond[] = [];
  const mode = { kind: 'rate', ratePerS: 100 } as const;
  const run = { mode, durationMs: 2_100, onSecond: (second: LoadSecond) => seconds.push(second) };
  const figures = await runLoad(optionsOf(server, run));
  expect(seconds.length).toBe(2);
  const counted = seconds.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  expect(counted).toBeGreaterThan(180);
  expect(counted).toBeLessThanOrEqual(figures.acknowledged);
});

test('a stream of CONNACK, PUBACK and PINGRESP reads the same however TCP cuts it', () => {
  const stream = Buffer.concat([
    generate({ cmd: 'connack', returnCode: 0, sessionPresent: false }),
    generate({ cmd: 'puback', messageId: 1 }),
    generate({ cmd: 'pingresp' }),
    generate({ cmd: 'puback', messageId: 65_535 }),
    generate({ cmd: 'puback', messageId: 0x4002 }),
  ]);
  for (let first = 0; first <= stream.length; first += 1) {
    for (let second = first; second <= stream.length; second += 1) {
      const seen: string[] = [];
      const scanner = ackScanner({
        onConnack: (code) => seen.push(`connack ${code}`),
        onPuback: (packetId) => seen.push(`puback ${packetId}`),
      });
      for (const part of [stream.subarray(0, first), stream.subarray(first, second), stream.subarray(second)])
        expect(scanner.scan(part, part.length)).toBe(true);
      expect(seen).toEqual(['connack 0', 'puback 1', 'puback 65535', 'puback 16386']);
    }
  }
});
