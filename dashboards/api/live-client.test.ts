import { expect, test } from 'vitest';
import { createLiveClient } from './live-client.ts';
import type { LiveLatest } from './schemas.ts';

const latest = (bytes: number): LiveLatest => ({
  at: '2026-06-12T06:05:00.000Z',
  readings: [],
  places: [{ id: 'x'.repeat(bytes), state: 'fine', because: [] }],
});

test('a client that does not read is behind after 64 kB, and is told when it has caught up', async () => {
  const caughtUp = Promise.withResolvers<void>();
  const client = createLiveClient({}, 0, caughtUp.resolve);
  client.latest(1, latest(10_000), () => undefined);
  expect(client.behind()).toBe(false);
  client.latest(2, latest(60_000), () => undefined);
  expect([client.behind(), client.seq()]).toEqual([true, 2]);
  client.stream.resume();
  await caughtUp.promise;
  expect(client.behind()).toBe(false);
});

test('what a filter leaves out moves the number on but sends nothing', () => {
  const client = createLiveClient({ place: 'a' }, 0, () => undefined);
  const sent = client.stream.readableLength;
  client.latest(7, latest(10), () => undefined);
  expect([client.seq(), client.stream.readableLength]).toEqual([7, sent]);
});

test('nothing is written to a stream that has ended', () => {
  const client = createLiveClient({}, 0, () => undefined);
  client.end();
  expect(() => client.comment('late')).not.toThrow();
});
