import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MINUTE } from '../../devices/index.ts';
import { storeAway, wellStatus } from '../testing/status.ts';
import { openVillage, type Village } from '../testing/village.ts';
import { buildApp } from './app.ts';
import type { SystemStatus } from './status.ts';

let now = Date.UTC(2026, 5, 12, 6, 5);
let village: Village;
let app: FastifyInstance;
let status: SystemStatus;
let base: string;

beforeEach(async () => {
  now = Date.UTC(2026, 5, 12, 6, 5);
  status = wellStatus;
  village = await openVillage(now, 0.1);
  app = await buildApp({
    state: village.state,
    store: village.store,
    status: () => status,
    clock: () => now,
    open: false,
    livePollMs: 5,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port }: Pick<AddressInfo, 'port'> = app.server.address() as AddressInfo;
  base = `http://127.0.0.1:${port}`;
});
afterEach(async () => {
  await app.close();
  await village.close();
});

interface Event {
  readonly event: string;
  readonly id: number;
  // biome-ignore lint/suspicious/noExplicitAny: the answer of the server is what is tested
  readonly data: any;
}

/** Opens a stream as a browser would, over a real socket, and hands out its events and comments one by one. */
async function listen(query = '', headers: Record<string, string> = {}) {
  const abort = new AbortController();
  const response = await fetch(`${base}/api/v1/live${query}`, {
    headers: { authorization: `Bearer ${village.token}`, ...headers },
    signal: abort.signal,
  });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const block = async (): Promise<string> => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end >= 0) {
        const one = text.slice(0, end);
        text = text.slice(end + 2);
        return one;
      }
      const { value, done } = await reader.read();
      if (done) return 'closed';
      text += value;
    }
  };
  const next = async (name: string): Promise<Event> => {
    for (;;) {
      const one = await block();
      if (one === 'closed') throw new Error('the stream ended');
      const fields = Object.fromEntries(
        one.split('\n').map((line) => [line.split(': ', 1)[0], line.slice(line.indexOf(': ') + 2)]),
      );
      if (fields.event === name)
        return { event: name, id: Number(fields.id), data: JSON.parse(fields.data!) };
    }
  };
  return { response, block, next, close: () => abort.abort() };
}

const warm = (value: number) => ({
  place: 'precool-1',
  device: 'pc1-air',
  quantity: 'air_temperature' as const,
  value,
  measuredAt: now,
});

test('a client hears the status at once, then each change with the verdict on its place', async () => {
  const client = await listen();
  expect(client.response.headers.get('content-type')).toContain('text/event-stream');
  expect(client.response.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect((await client.next('status')).data).toMatchObject({
    problems: [],
    status: { store: { kind: 'sqlite' } },
  });
  await village.report(warm(9.9));
  const { data, id } = await client.next('latest');
  expect(data.readings).toMatchObject([{ place: 'precool-1', device: 'pc1-air', value: 9.9, ageMs: 0 }]);
  expect(data.places).toMatchObject([
    { id: 'precool-1', state: 'act', because: [{ key: 'above', limit: 8 }] },
  ]);
  await village.report(warm(2));
  const second = await client.next('latest');
  expect(second.id).toBeGreaterThan(id);
  expect(second.data.places[0].state).toBe('fine');
  client.close();
});

test('after a dropped line Last-Event-ID brings what was missed, and nothing twice', async () => {
  const first = await listen();
  await first.next('status');
  await village.report(warm(3));
  const { id } = await first.next('latest');
  first.close();
  await village.report(warm(7));
  await village.report({ ...warm(93), quantity: 'relative_humidity' });
  const second = await listen('', { 'last-event-id': String(id) });
  const { data } = await second.next('latest');
  expect(data.readings.map(({ value }: { value: number }) => value)).toEqual([7, 93]);
  await village.report(warm(2.5));
  expect((await second.next('latest')).data.readings.map(({ value }: { value: number }) => value)).toEqual([
    2.5,
  ]);
  second.close();
});

test('between the overview and the stream no change is lost', async () => {
  const headers = { authorization: `Bearer ${village.token}` };
  const overview: { seq: number } = JSON.parse(
    await (await fetch(`${base}/api/v1/overview`, { headers })).text(),
  );
  await village.report(warm(7.7));
  const client = await listen('', { 'last-event-id': String(overview.seq) });
  expect((await client.next('latest')).data.readings).toMatchObject([{ value: 7.7 }]);
  client.close();
});

test('a number from before the state was replaced brings everything again', async () => {
  const client = await listen('', { 'last-event-id': '999999' });
  expect((await client.next('latest')).data.readings.length).toBeGreaterThan(10);
  client.close();
});

test('a client that asks for one place hears of no other', async () => {
  const client = await listen('?place=precool-1');
  await client.next('status');
  await village.report({ ...warm(4), place: 'warehouse-2', device: 'wh2-air' });
  await village.report(warm(5));
  const { data } = await client.next('latest');
  expect(data.readings.map(({ place }: { place: string }) => place)).toEqual(['precool-1']);
  client.close();
});

test('what goes wrong in the system is told within one look, and when it is over', async () => {
  const client = await listen();
  await client.next('status');
  status = storeAway;
  expect((await client.next('status')).data.problems).toMatchObject([{ key: 'store_unreachable' }]);
  status = wellStatus;
  expect((await client.next('status')).data.problems).toEqual([]);
  client.close();
});

test('silence alone turns a place to no data, without any message', async () => {
  const client = await listen();
  await client.next('status');
  // The first review remembers the states, the next one sees that half an hour has passed.
  now += 11_000;
  await client.next('status');
  now += 31 * MINUTE;
  const { data } = await client.next('latest');
  expect(data.readings).toEqual([]);
  expect(data.places).toContainEqual(expect.objectContaining({ id: 'precool-1', state: 'no_data' }));
  client.close();
});

test('a heartbeat keeps a quiet line open', async () => {
  const client = await listen();
  now += 16_000;
  for (;;) if ((await client.block()).startsWith(': still here')) break;
  client.close();
});

test('fifty clients share one look and all hear the same', async () => {
  const clients = await Promise.all(Array.from({ length: 50 }, () => listen()));
  await Promise.all(clients.map((client) => client.next('status')));
  await village.report(warm(6.6));
  const heard = await Promise.all(clients.map((client) => client.next('latest')));
  expect(new Set(heard.map(({ id, data }) => JSON.stringify([id, data]))).size).toBe(1);
  for (const client of clients) client.close();
});

test('closing the server ends the streams instead of waiting for them', async () => {
  const client = await listen();
  await client.next('status');
  await app.close();
  let last = '';
  while (last !== 'closed') last = await client.block();
});

test('a stream needs a token like everything else', async () => {
  const response = await fetch(`${base}/api/v1/live`);
  expect(response.status).toBe(401);
});
