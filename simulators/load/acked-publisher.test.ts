import { afterEach, expect, test } from 'vitest';
import { type AckServer, startAckServer } from './ack-server.ts';
import { type AckedPublisher, type AckedPublisherOptions, runAckedPublisher } from './acked-publisher.ts';

const running: { publisher?: AckedPublisher; server?: AckServer }[] = [];
afterEach(async () => {
  for (const { publisher, server } of running.splice(0)) {
    publisher?.kill();
    await server?.close();
  }
});

function start(port: number | (() => number), given: Partial<AckedPublisherOptions> = {}): AckedPublisher {
  const publisher = runAckedPublisher({
    host: '127.0.0.1',
    port,
    credentials: { clientId: 'probe', username: 'probe', password: 'x' },
    topic: 'greenlane/test/probe/up',
    payloadOf: (seq, ts) => JSON.stringify({ ts, seq, air_temperature: seq / 100 }),
    ...given,
  });
  running.push({ publisher });
  return publisher;
}

async function until(condition: () => boolean): Promise<void> {
  await expect.poll(condition, { timeout: 5_000, interval: 2 }).toBe(true);
}

test('over 5 cut connections every acknowledged message arrived, and copies are the same bytes marked DUP', async () => {
  const arrived = new Map<number, string>();
  let cuts = 0;
  let dups = 0;
  const server = await startAckServer({
    onPublish: ({ payload, dup }, socket) => {
      const { seq } = JSON.parse(payload.toString());
      if (dup) dups += 1;
      // Cut before storing: the device must not count these as acknowledged.
      if (seq % 50 === 49 && cuts < 5 && !dup) {
        cuts += 1;
        socket.destroy();
      }
      if (socket.destroyed) return false;
      if (arrived.has(seq)) expect(arrived.get(seq)).toBe(payload.toString());
      arrived.set(seq, payload.toString());
      return true;
    },
  });
  running.push({ server });
  const publisher = start(server.port, { window: 20 });
  await until(() => publisher.acknowledged.length >= 400);
  expect(await publisher.stop()).toBe(true);
  expect(cuts).toBe(5);
  expect(publisher.connections()).toBe(6);
  expect(dups).toBeGreaterThanOrEqual(5);
  const seqs = publisher.acknowledged.map(({ seq }) => seq).toSorted((a, b) => a - b);
  expect(seqs).toEqual(seqs.map((_, n) => n));
  for (const { seq, ts } of publisher.acknowledged) expect(JSON.parse(arrived.get(seq)!).ts).toBe(ts);
});

test('a PUBACK that never comes leaves the message unacknowledged, and stop says so', async () => {
  const server = await startAckServer({
    onPublish: ({ payload }) => JSON.parse(payload.toString()).seq !== 7,
  });
  running.push({ server });
  const publisher = start(server.port, { window: 5 });
  await until(() => publisher.acknowledged.length >= 100);
  expect(await publisher.stop(50)).toBe(false);
  expect(publisher.unacknowledged().map(({ seq }) => seq)).toContain(7);
  expect(publisher.acknowledged.map(({ seq }) => seq)).not.toContain(7);
});

test('a server that comes back on another port is found again and nothing is lost', async () => {
  const first = await startAckServer();
  running.push({ server: first });
  let port = first.port;
  const publisher = start(() => port, { ratePerS: 500 });
  await until(() => publisher.acknowledged.length >= 20);
  const second = await startAckServer();
  running.push({ server: second });
  port = second.port;
  await first.close();
  await until(() => second.published() >= 20);
  expect(await publisher.stop()).toBe(true);
  const seqs = new Set(publisher.acknowledged.map(({ seq }) => seq));
  expect(seqs.size).toBe(publisher.acknowledged.length);
});
