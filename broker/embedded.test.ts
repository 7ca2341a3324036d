/** Every guard of the broker, tried over real sockets with real clients. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { generate } from 'mqtt-packet';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Access, Verdict } from './access.ts';
import { type Broker, startBroker } from './broker.ts';
import { JournalReader } from './journal/reader.ts';
import { groupRecords, type JournalRecord } from './journal/record.ts';

const NOW = 1_790_000_000_000;

/** Anyone whose password is `right`, under a client id equal to the user name. */
function testAccess(): Access & { revoke: (username: string) => void } {
  const listeners: ((usernames: readonly string[]) => void)[] = [];
  return {
    authenticate: async ({ username, password, clientId }): Promise<Verdict> => {
      if (password !== 'right')
        return { ok: false, reason: 'bad_credentials', expected: 'the right password' };
      if (clientId !== username)
        return { ok: false, reason: 'client_id_mismatch', expected: `client id ${username}` };
      return {
        ok: true,
        identity: { username, site: 'farm', device: username, prefix: `greenlane/farm/${username}/` },
      };
    },
    onChange: (listener) => listeners.push(listener),
    close: () => {},
    revoke: (username) => {
      for (const listener of listeners) listener([username]);
    },
  };
}

let dir: string;
let broker: Broker;
let access: ReturnType<typeof testAccess>;
let now = NOW;
const clients: MqttClient[] = [];
const sockets: Socket[] = [];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'greenlane-broker-'));
  access = testAccess();
  now = NOW;
  broker = await startBroker({
    host: '127.0.0.1',
    port: 0,
    maxConnections: 100,
    journal: { dataDir: dir, keep: 1e9, maxBytes: 1e9 },
    access,
    clock: () => now,
  });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(clients.splice(0).map((client) => client.endAsync(true)));
  await broker.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function connect(id: string, options: IClientOptions = {}): Promise<MqttClient> {
  const client = await connectAsync(`mqtt://127.0.0.1:${broker.port}`, {
    clientId: id,
    username: id,
    password: 'right',
    reconnectPeriod: 0,
    ...options,
  });
  clients.push(client);
  return client;
}

const closing = (client: MqttClient): Promise<void> =>
  new Promise((resolve) => client.once('close', () => resolve()));

function rawSocket(): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connectTcp(broker.port, '127.0.0.1', () => resolve(socket));
    socket.on('error', () => {});
    sockets.push(socket);
  });
}

const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.closed) resolve();
    else {
      socket.resume();
      socket.once('close', () => resolve());
    }
  });

function journal(): JournalRecord[] {
  const reader = new JournalReader(dir);
  try {
    return reader.read(0, 1e6, 1e9).flatMap((group) => [...groupRecords(group.body)]);
  } finally {
    reader.close();
  }
}
const messages = (): string[] =>
  journal()
    .filter((record) => record.kind === 'message')
    .map((record) => `${record.topic} ${Buffer.from(record.payload).toString()}`);
const refusals = (): string[] =>
  journal()
    .filter((record) => record.kind === 'refusal')
    .map((record) => String(JSON.parse(Buffer.from(record.payload).toString()).reason));

describe('publishing', () => {
  test.each([0, 1, 2] as const)('a QoS %i message is in the journal, once', async (qos) => {
    const client = await connect('probe-1');
    await client.publishAsync('greenlane/farm/probe-1/up', '{"air_temperature":4.2}', { qos });
    await expect.poll(messages).toEqual(['greenlane/farm/probe-1/up {"air_temperature":4.2}']);
  });

  test('a QoS 1 message is on disk before its PUBACK', async () => {
    const client = await connect('probe-1');
    for (let n = 0; n < 50; n++) {
      await client.publishAsync('greenlane/farm/probe-1/up', String(n), { qos: 1 });
      expect(messages()).toHaveLength(n + 1);
    }
  });

  test.each([
    'greenlane/farm/probe-2/up',
    'greenlane/farm/probe-10/up',
    'greenlane/other/probe-1/up',
    '$SYS/x',
    'up',
  ])(
    'to the foreign topic %s closes the connection, stores nothing and leaves others alone',
    async (topic) => {
      const [bad, good] = await Promise.all([connect('probe-1'), connect('probe-2')]);
      const ended = closing(bad);
      bad.publish(topic, 'x', { qos: 1 });
      await ended;
      await good.publishAsync('greenlane/farm/probe-2/up', '1', { qos: 1 });
      await expect.poll(refusals).toEqual(['foreign_topic']);
      expect(messages()).toEqual(['greenlane/farm/probe-2/up 1']);
    },
  );

  test('ten topic levels and 256 bytes are accepted, one more of either is refused', async () => {
    const prefix = 'greenlane/farm/probe-1/';
    const tenLevels = `${prefix}4/5/6/7/8/9/10`;
    const longest = prefix + 'x'.repeat(256 - prefix.length);
    const client = await connect('probe-1');
    await client.publishAsync(tenLevels, '', { qos: 1 });
    await client.publishAsync(longest, '', { qos: 1 });
    for (const topic of [`${tenLevels}/11`, `${longest}x`]) {
      const other = await connect('probe-1');
      const ended = closing(other);
      other.publish(topic, '', { qos: 1 });
      await ended;
    }
    expect(messages()).toHaveLength(2);
  });

  test('an eleventh retained topic of a device is refused; clearing one makes room', async () => {
    const client = await connect('probe-1');
    const retain = (leaf: string, payload: string) =>
      client.publishAsync(`greenlane/farm/probe-1/${leaf}`, payload, { qos: 1, retain: true });
    for (let n = 0; n < 10; n++) await retain(`r${n}`, 'x');
    await retain('r0', '');
    await retain('r10', 'x');
    const ended = closing(client);
    client.publish('greenlane/farm/probe-1/r11', 'x', { qos: 1, retain: true });
    await ended;
    await expect.poll(refusals).toEqual(['too_many_retained']);
  });

  test('a device gets its retained message and its own messages back, and a will of one that vanishes', async () => {
    const heard: string[] = [];
    const will = {
      topic: 'greenlane/farm/probe-1/status',
      payload: Buffer.from('gone'),
      qos: 1 as const,
      retain: true,
    };
    const first = await connect('probe-1', { will });
    await first.publishAsync('greenlane/farm/probe-1/config', 'v1', { qos: 1, retain: true });
    first.stream.destroy();
    await expect.poll(messages).toContain('greenlane/farm/probe-1/status gone');
    const second = await connect('probe-1');
    second.on('message', (topic, payload) => heard.push(`${topic} ${payload}`));
    await second.subscribeAsync('greenlane/farm/probe-1/#', { qos: 1 });
    await second.publishAsync('greenlane/farm/probe-1/up', '7', { qos: 1 });
    await expect
      .poll(() => [...heard].sort())
      .toEqual([
        'greenlane/farm/probe-1/config v1',
        'greenlane/farm/probe-1/status gone',
        'greenlane/farm/probe-1/up 7',
      ]);
  });

  test('a will to a foreign topic is not published', async () => {
    const client = await connect('probe-1', {
      will: { topic: 'greenlane/farm/probe-2/up', payload: Buffer.from('99'), qos: 1, retain: false },
    });
    client.stream.destroy();
    await expect.poll(refusals).toEqual(['foreign_topic']);
    expect(messages()).toEqual([]);
  });

  test('a command reaches the device that subscribed, and no other', async () => {
    const [one, two] = await Promise.all([connect('probe-1'), connect('probe-2')]);
    const heard: string[] = [];
    for (const client of [one, two]) client.on('message', (topic) => heard.push(topic));
    await one.subscribeAsync('greenlane/farm/probe-1/down', { qos: 1 });
    await two.subscribeAsync('greenlane/farm/probe-2/down', { qos: 1 });
    broker.publish('greenlane/farm/probe-1/down', Buffer.from('{}'), false);
    await expect.poll(() => heard).toEqual(['greenlane/farm/probe-1/down']);
  });

  test('10,000 messages at once pass; after that a device is slowed to 1,000 a second, not dropped', async () => {
    const client = await connect('probe-1');
    const sent = Array.from({ length: 10_050 }, (_, n) =>
      client.publishAsync('greenlane/farm/probe-1/up', String(n), { qos: 1 }),
    );
    const started = performance.now();
    await Promise.all(sent);
    expect(performance.now() - started).toBeGreaterThanOrEqual(45);
    expect(messages()).toHaveLength(10_050);
  });
});

describe('subscribing', () => {
  test.each([
    '#',
    '$SYS/#',
    '$share/g/greenlane/farm/probe-1/up',
    'greenlane/+/probe-1/up',
    'greenlane/farm/probe-2/#',
  ])('to %s fails in the SUBACK, and the connection stays', async (filter) => {
    const client = await connect('probe-1');
    await expect(client.subscribeAsync(filter, { qos: 1 })).rejects.toThrow(/Subscribe error|Unspecified/i);
    await client.publishAsync('greenlane/farm/probe-1/up', '1', { qos: 1 });
    expect(messages()).toHaveLength(1);
  });
});

describe('connecting', () => {
  test('a wrong password is refused with code 4 and listed', async () => {
    await expect(connect('probe-1', { password: 'wrong' })).rejects.toThrow(/Bad username or password/i);
    await expect.poll(refusals).toEqual(['bad_credentials']);
  });

  test('credential A with client id B is refused and does not disconnect B', async () => {
    const b = await connect('b');
    await expect(connect('b', { username: 'a' })).rejects.toThrow(/Identifier rejected/i);
    await b.publishAsync('greenlane/farm/b/up', '1', { qos: 1 });
    expect(messages()).toHaveLength(1);
  });

  test('a revoked credential ends the live connection at once', async () => {
    const client = await connect('probe-1');
    const ended = closing(client);
    access.revoke('probe-1');
    await ended;
  });

  test.each(['__proto__', 'constructor', 'toString'])('the id %s works like any other', async (id) => {
    const client = await connect(id);
    await client.publishAsync(`greenlane/farm/${id}/up`, '1', { qos: 1 });
    expect(messages()).toEqual([`greenlane/farm/${id}/up 1`]);
  });

  test('a client id with control characters or broken UTF-8 is refused', async () => {
    const socket = await rawSocket();
    socket.write(
      generate({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: true,
        clientId: 'a\u0001b',
        keepalive: 60,
      }),
    );
    await closed(socket);
    await expect.poll(refusals).toEqual(['invalid_utf8']);
  });

  test('a keepalive of 1,200 s is accepted, one second more or none is refused', async () => {
    await connect('probe-1', { keepalive: 1_200 });
    await expect(connect('probe-2', { keepalive: 1_201 })).rejects.toThrow();
    await expect(connect('probe-3', { keepalive: 0 })).rejects.toThrow();
  });
});

describe('hostile bytes', () => {
  const hello = generate({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    clientId: 'probe-1',
    keepalive: 60,
    username: 'probe-1',
    password: Buffer.from('right'),
  });

  test('a packet of more than 4 KB before the CONNECT closes the connection by its header alone', async () => {
    const socket = await rawSocket();
    socket.write(Buffer.from([0x10, 0x81, 0x20]));
    await closed(socket);
    await expect.poll(refusals).toEqual(['packet_too_large']);
  });

  test('a packet of 256 KB is accepted, one byte more is refused', async () => {
    const client = await connect('probe-1');
    const topic = 'greenlane/farm/probe-1/up';
    const room = 256 * 1024 - topic.length - 4;
    await client.publishAsync(topic, Buffer.alloc(room), { qos: 1 });
    const ended = closing(client);
    client.publish(topic, Buffer.alloc(room + 1), { qos: 1 });
    await ended;
    await expect.poll(refusals).toEqual(['packet_too_large']);
  });

  test('a topic that is not UTF-8 is refused, and its bytes are kept', async () => {
    const socket = await rawSocket();
    socket.write(hello);
    const packet = generate({
      cmd: 'publish',
      topic: 'greenlane/farm/probe-1/u?',
      payload: Buffer.from('x'),
      qos: 1,
      messageId: 1,
      retain: false,
      dup: false,
    });
    packet[packet.indexOf(0x3f)] = 0xff;
    socket.write(packet);
    await closed(socket);
    await expect.poll(refusals).toEqual(['invalid_utf8']);
  });

  test.each(['/'.repeat(101), '/'.repeat(1_000), '/'.repeat(65_000)])(
    'a topic of many levels does not stop the broker',
    async (topic) => {
      const socket = await rawSocket();
      socket.write(hello);
      socket.write(
        generate({
          cmd: 'publish',
          topic,
          payload: Buffer.from('x'),
          qos: 1,
          messageId: 1,
          retain: false,
          dup: false,
        }),
      );
      await closed(socket);
      await connect('probe-2');
    },
  );

  test('no packet cut at any byte and no random bytes stop the broker or disturb another device', async () => {
    const good = await connect('good');
    const publish = generate({
      cmd: 'publish',
      topic: 'greenlane/farm/probe-1/up',
      payload: Buffer.from('1'),
      qos: 1,
      messageId: 1,
      retain: false,
      dup: false,
    });
    const subscribe = generate({
      cmd: 'subscribe',
      messageId: 2,
      subscriptions: [{ topic: '__proto__', qos: 1 }],
    });
    for (const packet of [hello, publish, subscribe]) {
      for (let cut = 0; cut < packet.length; cut += 3) {
        const socket = await rawSocket();
        socket.end(
          packet === hello ? packet.subarray(0, cut) : Buffer.concat([hello, packet.subarray(0, cut)]),
        );
      }
    }
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        fc.boolean(),
        async (bytes, greeted) => {
          const socket = await rawSocket();
          socket.end(greeted ? Buffer.concat([hello, bytes]) : bytes);
          await closed(socket);
        },
      ),
      { numRuns: 60 },
    );
    await good.publishAsync('greenlane/farm/good/up', '1', { qos: 1 });
    expect(messages()).toContain('greenlane/farm/good/up 1');
  });

  test('1,000 refusals leave at most 200 notes in the journal, and all are counted', async () => {
    const socket = await rawSocket();
    socket.write(hello);
    const packet = generate({ cmd: 'subscribe', messageId: 2, subscriptions: [{ topic: '#', qos: 1 }] });
    for (let n = 0; n < 1_000; n++) socket.write(packet);
    socket.resume();
    await expect.poll(() => broker.status().broker.refused.foreign_topic, { timeout: 10_000 }).toBe(1_000);
    expect(refusals().length).toBeLessThanOrEqual(200);
  });
});

describe('a broker on a port in use', () => {
  test('fails to start with EADDRINUSE and leaves nothing behind', async () => {
    const other = mkdtempSync(join(tmpdir(), 'greenlane-broker-'));
    await expect(
      startBroker({
        host: '127.0.0.1',
        port: broker.port,
        maxConnections: 10,
        journal: { dataDir: other, keep: 1e9, maxBytes: 1e9 },
        access: testAccess(),
        clock: () => NOW,
      }),
    ).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(readFileSync(join(other, 'journal.db')).length).toBeGreaterThan(0);
    rmSync(other, { recursive: true, force: true });
  });
});

describe('TLS', () => {
  test('a device publishes over the encrypted port; one that does not trust the certificate does not', async () => {
    const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '1',
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=DNS:localhost',
        '-keyout',
        key,
        '-out',
        cert,
      ],
      { stdio: 'ignore' },
    );
    const data = mkdtempSync(join(tmpdir(), 'greenlane-broker-'));
    const secure = await startBroker({
      host: '127.0.0.1',
      port: 0,
      tls: { port: 0, cert: readFileSync(cert), key: readFileSync(key) },
      maxConnections: 10,
      journal: { dataDir: data, keep: 1e9, maxBytes: 1e9 },
      access: testAccess(),
      clock: () => NOW,
    });
    const login = {
      clientId: 'probe-1',
      username: 'probe-1',
      password: 'right',
      reconnectPeriod: 0,
      servername: 'localhost',
    };
    const url = `mqtts://127.0.0.1:${secure.tlsPort}`;
    await expect(connectAsync(url, login)).rejects.toThrow(/self-signed/);
    const client = await connectAsync(url, { ...login, ca: readFileSync(cert) });
    await client.publishAsync('greenlane/farm/probe-1/up', '{"air_temperature":4.2}', { qos: 1 });
    expect(secure.status().broker.acceptedTotal).toBe(1);
    await client.endAsync(true);
    await secure.stop();
    rmSync(data, { recursive: true, force: true });
  });
});
