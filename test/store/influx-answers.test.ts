/** What each answer of a server does to the points, for both ways of writing; nothing may be lost by any. */
import { afterEach, describe, expect, test } from 'vitest';
import { HOUR } from '../../devices/index.ts';
import { openStore, type Store, type StoreOptions } from '../../ingest/index.ts';
import { allRaw, batch, series } from '../../ingest/store/suite.ts';
import { type Answer, type Asked, type FakeInflux, fakeInflux } from './fake-influx.ts';

const T = Date.UTC(2026, 5, 1);

/** Long enough for a loopback exchange on a busy machine, short enough to wait for one that hangs. */
const TIMEOUT_MS = 400;

const cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

type Influx = Extract<StoreOptions, { kind: 'influx' }>;

const flavours = [
  ['1.6.7', { database: 'farm' }],
  ['v2.7.1', { database: 'farm', org: 'coop', token: 'secret-token' }],
  ['3.0.1', { database: 'farm', token: 'secret-token' }],
] as const satisfies readonly (readonly [string, Omit<Influx, 'kind' | 'url'>])[];

async function storeOn(
  version: string,
  options: Omit<Influx, 'kind' | 'url'>,
  decide: (asked: Asked) => Answer | undefined,
): Promise<{ readonly store: Store; readonly fake: FakeInflux }> {
  const fake = await fakeInflux(version, decide);
  const store = openStore({ kind: 'influx', url: fake.url, timeout: TIMEOUT_MS, ...options });
  cleanUps.push(fake.close, store.close);
  return { store, fake };
}

const isWrite = ({ path, body }: Asked): boolean => path.endsWith('/write') && body !== '';
const one = series('air_temperature', { place: 'room-x' });
const line = (value: number, at: number): string =>
  `cold_chain,channel=main,device=d1,place=room-x,site=farm air_temperature=${value} ${at}`;

describe.each(flavours)('an InfluxDB %s', (version, options) => {
  test.each([
    [401, 'unauthorized'],
    [403, 'unauthorized'],
    [404, 'missing'],
    [413, 'too_large'],
    [429, 'throttled'],
    [500, 'server_error'],
    [503, 'server_error'],
    [507, 'full'],
    [302, 'server_error'],
    [405, 'server_error'],
    ['reset', 'unreachable'],
    ['hang', 'unreachable'],
    ['cut', 'unreachable'],
  ] as const)(
    'that answers %s keeps every point as %s, and stores them once it is well',
    async (fault, because) => {
      let broken = true;
      const headers = { 'retry-after': '7' };
      const { store, fake } = await storeOn(version, options, (asked) =>
        broken && isWrite(asked) ? { fault, headers } : undefined,
      );
      const points = batch([one, T, 1], [one, T + 1, 2.5]);
      expect(await store.write(points)).toMatchObject({ kind: 'kept', because, message: expect.any(String) });
      broken = false;
      expect(await store.write(points)).toEqual({ kind: 'stored', rejected: [] });
      expect(fake.lines).toEqual([line(1, T), line(2.5, T + 1)]);
    },
  );

  test.each([429, 503])(
    '%i says how long to wait, in seconds or as a date by its own clock',
    async (fault) => {
      const waits = ['7', 'Mon, 01 Jun 2026 00:00:30 GMT'];
      const { store } = await storeOn(version, options, (asked) =>
        isWrite(asked)
          ? { fault, headers: { 'retry-after': waits.shift() ?? '', date: 'Mon, 01 Jun 2026 00:00:00 GMT' } }
          : undefined,
      );
      expect(await store.write(batch([one, T, 1]))).toMatchObject({ kind: 'kept', retryAfter: 7_000 });
      expect(await store.write(batch([one, T, 1]))).toMatchObject({ kind: 'kept', retryAfter: 30_000 });
    },
  );

  test.each([400, 422])(
    'that answers %i refuses the one bad point of 1,000 with its words',
    async (fault) => {
      const { store, fake } = await storeOn(version, options, (asked) =>
        isWrite(asked) && asked.body.includes('=666 ')
          ? { fault, body: '{"error":"partial write: field type conflict: it is the number of the beast"}' }
          : undefined,
      );
      const points = Array.from(
        { length: 1_000 },
        (_, n) => [one, T + n, n === 421 ? 666 : n + 1_000] as const,
      );
      const outcome = await store.write(batch(...points));
      expect(outcome).toEqual({
        kind: 'stored',
        rejected: [{ index: 421, message: expect.stringContaining('the number of the beast') }],
      });
      expect(new Set(fake.lines).size).toBe(999);
      // Once together, once apart, then two for each of ten halvings.
      expect(fake.asked.filter(isWrite).length).toBeLessThanOrEqual(22);
    },
  );

  test('that answers 400 to everything in words not about points keeps them: its address is wrong, not they', async () => {
    let broken = true;
    const { store, fake } = await storeOn(version, options, (asked) =>
      broken && isWrite(asked) ? { fault: 400, body: '<html>Bad Request</html>' } : undefined,
    );
    const points = batch([one, T, 1], [one, T + 1, 2]);
    expect(await store.write(points)).toMatchObject({
      kind: 'kept',
      because: 'server_error',
      message: expect.stringContaining('<html>Bad Request</html>'),
    });
    broken = false;
    expect(await store.write(points)).toEqual({ kind: 'stored', rejected: [] });
    expect(fake.lines).toHaveLength(2);
  });

  test('that takes at most 10 lines gets 1,000 points in such requests, in their order, and soon no larger ones', async () => {
    let tooLarge = 0;
    const { store, fake } = await storeOn(version, options, (asked) => {
      if (!isWrite(asked) || asked.body.split('\n').length <= 11) return undefined;
      tooLarge += 1;
      return { fault: 413 };
    });
    const points = batch(...Array.from({ length: 1_000 }, (_, n) => [one, T + n, n] as const));
    expect(await store.write(points)).toEqual({ kind: 'stored', rejected: [] });
    expect(fake.lines).toEqual(Array.from({ length: 1_000 }, (_, n) => line(n, T + n)));
    const learnt = tooLarge;
    expect(await store.write(points)).toEqual({ kind: 'stored', rejected: [] });
    expect(tooLarge).toBe(learnt);
  });

  test('half way through a batch that fails claims nothing, and the whole batch is written again', async () => {
    let writes = 0;
    const { store, fake } = await storeOn(version, { ...options, requestPoints: 10 }, (asked) => {
      if (!isWrite(asked)) return undefined;
      writes += 1;
      return writes === 3 ? { fault: 503 } : undefined;
    });
    const points = batch(...Array.from({ length: 40 }, (_, n) => [one, T + n, n] as const));
    expect(await store.write(points)).toMatchObject({ kind: 'kept' });
    expect(await store.write(points)).toEqual({ kind: 'stored', rejected: [] });
    expect(new Set(fake.lines).size).toBe(40);
  });

  test.each([401, 404, 500, 'reset', 'hang', 'cut'] as const)(
    'a question answered by %s rejects, the next is asked at once',
    async (fault) => {
      let broken = true;
      const { store } = await storeOn(version, options, (asked) =>
        broken && asked.path.endsWith('/query') ? { fault } : undefined,
      );
      const filter = { field: 'air_temperature', measurement: 'soil' as const, from: T, to: T + HOUR };
      const because =
        { 401: 'unauthorized', 404: 'missing', 500: 'server_error' }[String(fault)] ?? 'unreachable';
      await expect(store.buckets(filter, HOUR, 'mean', 'raw')).rejects.toMatchObject({
        name: 'StoreError',
        because,
      });
      await expect(allRaw(store, filter)).rejects.toMatchObject({ name: 'StoreError', because });
      expect(await store.rollup('soil', T)).toMatchObject({ kind: 'kept', because });
      broken = false;
      expect(await allRaw(store, filter)).toEqual([]);
    },
  );
});

test('1.x is written by /write with Basic, read by /query with the same', async () => {
  const login = { username: 'farmer', password: 'p:ä' };
  const { store, fake } = await storeOn('1.8.10', { database: 'farm/year', ...login }, () => undefined);
  await store.write(batch([one, T, 1]));
  await allRaw(store, { field: 'co2', from: T, to: T + 1 });
  const authorization = `Basic ${Buffer.from('farmer:p:ä').toString('base64')}`;
  expect(fake.asked.map(({ headers }) => headers.authorization)).toEqual(fake.asked.map(() => authorization));
  const write = fake.asked.find(isWrite);
  expect(write).toMatchObject({ method: 'POST', path: '/write' });
  expect(Object.fromEntries(write?.query ?? [])).toEqual({ db: 'farm', rp: 'year', precision: 'ms' });
  expect(fake.asked.at(-1)?.query.get('rp')).toBe('year');
});

test('2.x is written by /api/v2/write, read by /query, both with the token', async () => {
  const options = { database: 'farm', org: 'coop & sons', token: 'secret-token' };
  const { store, fake } = await storeOn('v2.7.1', options, () => undefined);
  await store.write(batch([one, T, 1]));
  await allRaw(store, { field: 'co2', from: T, to: T + 1 });
  expect(fake.asked.map(({ headers }) => headers.authorization)).toEqual(
    fake.asked.map(() => 'Token secret-token'),
  );
  const write = fake.asked.find(isWrite);
  expect(write).toMatchObject({ method: 'POST', path: '/api/v2/write' });
  expect(Object.fromEntries(write?.query ?? [])).toEqual({
    bucket: 'farm',
    org: 'coop & sons',
    precision: 'ms',
  });
  expect(fake.asked.at(-1)?.query.get('db')).toBe('farm');
});

test('an error of reading carries no credential, not even in its causes', async () => {
  const options = { database: 'farm', token: 'secret-token' };
  const { store } = await storeOn('v2.7.1', options, () => ({ fault: 401 }));
  const error = await allRaw(store, { field: 'co2', from: T, to: T + 1 }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(Error);
  expect(error instanceof Error && error.cause).toBeUndefined();
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('secret-token');
});

test('a server behind a path is asked below that path', async () => {
  const fake = await fakeInflux('v2.7.1', () => undefined);
  for (const token of [undefined, 'secret-token']) {
    const login = token === undefined ? {} : { token };
    const store = openStore({ kind: 'influx', url: `${fake.url}/tenant/7/`, database: 'farm', ...login });
    cleanUps.push(store.close);
    await store.write(batch([one, T, 1]));
    await allRaw(store, { field: 'co2', from: T, to: T + 1 });
  }
  cleanUps.push(fake.close);
  expect(fake.asked.filter(({ path }) => !path.startsWith('/tenant/7/'))).toEqual([]);
  expect(new Set(fake.asked.map(({ path }) => path))).toEqual(
    new Set(['/tenant/7/write', '/tenant/7/query', '/tenant/7/api/v2/write']),
  );
});

test('points of one channel at one time share a line, the same field twice does not', async () => {
  const { store, fake } = await storeOn('1.6.7', { database: 'farm' }, () => undefined);
  const humid = series('relative_humidity', { place: 'room-x' });
  await store.write(
    batch([one, T, 1], [humid, T, 91.5], [one, T, 2], [humid, T + 1, 90], [one, T + 1, -0.001]),
  );
  expect(fake.lines).toEqual([
    `cold_chain,channel=main,device=d1,place=room-x,site=farm air_temperature=1,relative_humidity=91.5 ${T}`,
    line(2, T),
    `cold_chain,channel=main,device=d1,place=room-x,site=farm relative_humidity=90,air_temperature=-0.001 ${T + 1}`,
  ]);
});
