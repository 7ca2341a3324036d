import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOUR, MINUTE } from '../../devices/index.ts';
import { openSqliteStore } from '../../ingest/index.ts';
import { storeAway, wellStatus } from '../testing/status.ts';
import { openVillage, SITE, type Village } from '../testing/village.ts';
import { buildApp } from './app.ts';
import { MAX_POINTS } from './resolution.ts';
import type { SystemStatus } from './status.ts';

const now = Date.UTC(2026, 5, 12, 6, 5);
let village: Village;
let app: FastifyInstance;
let status: SystemStatus = wellStatus;

beforeAll(async () => {
  village = await openVillage(now, 10);
  app = await build({});
});
afterAll(async () => {
  await app.close();
  await village.close();
});

function build(more: Partial<Parameters<typeof buildApp>[0]>): Promise<FastifyInstance> {
  const { state, store } = village;
  return buildApp({ state, store, status: () => status, clock: () => now, open: false, ...more });
}

async function get(url: string, headers: Record<string, string> = {}) {
  const answer = await app.inject({ url, headers: { authorization: `Bearer ${village.token}`, ...headers } });
  return { code: answer.statusCode, headers: answer.headers, text: answer.body, body: answer.json() };
}

async function problem(url: string) {
  const { code, body } = await get(url);
  expect(Object.keys(body)).toEqual(['error']);
  return { code, ...body.error };
}

describe('registry', () => {
  test('sites, places with their limits, and devices', async () => {
    expect((await get('/api/v1/sites')).body).toEqual({
      sites: [{ id: SITE, name: '亮甲窝屯基地', timeZone: 'Asia/Shanghai' }],
    });
    const { places } = (await get(`/api/v1/places?site=${SITE}`)).body;
    expect(places.map((place: { id: string }) => place.id)).toContain('truck-3721');
    expect(places.find((place: { id: string }) => place.id === 'precool-1')).toMatchObject({
      kind: 'room',
      limits: expect.arrayContaining([
        expect.objectContaining({ quantity: 'air_temperature', high: 6, actHigh: 8 }),
      ]),
    });
    expect((await get('/api/v1/devices')).body.devices).toContainEqual({
      id: 'pc1-air',
      site: SITE,
      name: 'pc1-air',
    });
  });

  test('an unknown site is 404 and names the nearest', async () => {
    expect(await problem('/api/v1/places?site=liangjiaw')).toMatchObject({
      code: 'not_found',
      field: 'site',
      fix: expect.stringContaining('Did you mean liangjiawo?'),
    });
  });
});

describe('latest', () => {
  test('values come with unit, clock and age, and the verdict with its reasons', async () => {
    const { body } = await get('/api/v1/places/truck-3721/latest');
    expect(body.state).toBe('act');
    expect(body.because[0]).toMatchObject({ key: 'above', quantity: 'air_temperature', limit: 8 });
    expect(body.readings[0]).toMatchObject({
      quantity: 'air_temperature',
      unit: 'Cel',
      clock: 'device',
      ageMs: 40_000,
    });
    expect(body.readings[0].measuredAt).toBe('2026-06-12T06:04:20.000Z');
    expect((await get('/api/v1/places/bin-2/latest')).body).toMatchObject({
      state: 'no_data',
      because: [{ key: 'stale', channel: 'layer-3' }],
    });
  });

  test('an unknown place is 404 and names the nearest', async () => {
    expect(await problem('/api/v1/places/bin-3/latest')).toMatchObject({ code: 'not_found', field: 'id' });
    expect((await problem('/api/v1/places/bin-3/latest')).fix).toContain('bin-2');
    expect((await get(`/api/v1/places/${'x'.repeat(300)}/latest`)).code).toBe(404);
    expect((await get('/api/v1/places/%2e%2e%2f%2e%2e%2fetc/latest')).code).toBe(404);
  });
});

describe('series', () => {
  const series = (rest: string) => `/api/v1/series?place=precool-1&quantity=air_temperature${rest}`;

  test('without a range it is the last 24 hours by the minute, and a gap has no points', async () => {
    const { body } = await get(series(''));
    expect(body).toMatchObject({ unit: 'Cel', every: '1m', source: 'raw', fn: 'mean' });
    const times: number[] = body.points.map(([at]: [number]) => at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const steps = times.slice(1).map((at, index) => at - times[index]!);
    expect(Math.max(...steps)).toBeGreaterThanOrEqual(50 * MINUTE);
    expect(times.length).toBeGreaterThan(1_300);
  });

  test('from 8 days on rollups are read, and agree with the raw readings to 1e-9', async () => {
    const from = new Date(now - 9 * 24 * HOUR).toISOString();
    const rolled = (await get(series(`&from=${from}`))).body;
    expect(rolled).toMatchObject({ every: '1h', source: 'rollup' });
    expect(rolled.points.at(-1)[0]).toBe(Math.floor(now / HOUR) * HOUR);
    const later = new Date(now - 5 * 24 * HOUR).toISOString();
    const raw = (await get(series(`&from=${later}&every=1h`))).body;
    expect(raw.source).toBe('raw');
    const byTime = new Map<number, number>(rolled.points);
    // The first bucket of a range may be a part of an hour only.
    for (const [at, value] of raw.points.slice(1)) expect(byTime.get(at)).toBeCloseTo(value, 9);
  });

  test('every=raw streams more than 2,000 points as one valid JSON, the same that the store holds', async () => {
    const from = new Date(now - 2 * 24 * HOUR).toISOString();
    const { body, headers } = await get(series(`&from=${from}&every=raw`));
    expect(headers['content-type']).toContain('application/json');
    expect(body).toMatchObject({ unit: 'Cel', every: 'raw', source: 'raw' });
    expect(body.points.length).toBeGreaterThan(MAX_POINTS);
    const stored: [number, number][] = [];
    const filter = { place: 'precool-1', field: 'air_temperature', from: now - 2 * 24 * HOUR, to: now };
    for await (const page of village.store.raw(filter))
      stored.push(...page.map(({ at, value }): [number, number] => [at, value]));
    expect(body.points).toEqual(stored);
  });

  test('no points are an empty list, raw or not', async () => {
    for (const every of ['raw', 'auto']) {
      const { code, body } = await get(series(`&channel=nobody&every=${every}`));
      expect([code, body.points]).toEqual([200, []]);
    }
  });

  test('min, mean and max of a bucket keep their order', async () => {
    const [low, mean, high] = await Promise.all(
      ['min', 'mean', 'max'].map(async (fn) => (await get(series(`&every=1h&fn=${fn}`))).body.points),
    );
    expect(low.length).toBeGreaterThan(20);
    for (const [index, [, value]] of mean.entries()) {
      expect(low[index][1]).toBeLessThanOrEqual(value);
      expect(high[index][1]).toBeGreaterThanOrEqual(value);
    }
  });

  test('a device of a plot can be asked by channel', async () => {
    const { body } = await get('/api/v1/series?device=soil-3&channel=30cm&quantity=soil_moisture');
    expect(body.points.length).toBeGreaterThan(100);
  });

  test('times are taken as ISO with any zone, as milliseconds, and with an unescaped plus', async () => {
    const asked = await Promise.all(
      [
        '2026-06-12T02:00:00Z',
        '2026-06-12T10:00:00%2B08:00',
        '2026-06-12T10:00:00+08:00',
        '1781229600000',
      ].map(async (from) => (await get(series(`&from=${from}`))).body.from),
    );
    expect(new Set(asked)).toEqual(new Set(['2026-06-12T02:00:00.000Z']));
  });

  test.each([
    ['&from=yesterday', 'from', '"yesterday" is not a time.', '2026-06-12T06:40:00Z'],
    ['&from=2026-06-12T10:00:00', 'from', 'has no time zone', '+08:00'],
    ['&from=2026-13-40T10:00:00Z', 'from', 'is not a time', 'milliseconds'],
    ['&from=2026-06-13T00:00:00Z', 'from', 'is not before "to"', 'earlier'],
    ['&every=5', 'every', '"5" is not a width of at least one second.', 'auto, raw, or a duration'],
    ['&every=10ms', 'every', 'at least one second', '15m'],
    ['&every=1s', 'every', 'is 86400 points; at most 2000', 'every=1m'],
    ['&fn=median', 'fn', 'There is no function "median".', 'mean, min, max'],
    ['&colour=red', 'colour', 'has no parameter "colour"', 'Leave it out'],
  ])('%s is refused: the field, what is wrong, what to write', async (query, field, message, fix) => {
    const refused = await problem(series(query));
    expect(refused).toMatchObject({ code: 'bad_input', field });
    expect(refused.message).toContain(message);
    expect(refused.fix).toContain(fix);
  });

  test('neither place nor device, an unknown device, an unknown quantity', async () => {
    expect(await problem('/api/v1/series?quantity=co2')).toMatchObject({ code: 'bad_input', field: 'place' });
    expect(await problem('/api/v1/series?quantity=co2&device=pc1')).toMatchObject({
      code: 'not_found',
      field: 'device',
      fix: expect.stringContaining('pc1-air'),
    });
    expect(await problem('/api/v1/series?place=bin-2&quantity=temperature')).toMatchObject({
      field: 'quantity',
      fix: 'Did you mean air_temperature, grain_temperature, product_temperature?',
    });
    expect(await problem('/api/v1/series?place=bin-2')).toMatchObject({
      code: 'bad_input',
      field: 'quantity',
    });
    expect(await problem('/api/v1/series?place=bin-2&quantity=__proto__')).toMatchObject({
      field: 'quantity',
    });
  });

  test('a store that is away is 503 with its reason, also for a stream', async () => {
    const path = join(village.dir, 'damaged.db');
    writeFileSync(path, 'this is not a database'.repeat(400));
    const broken = await build({ store: openSqliteStore({ path }), open: true });
    for (const every of ['auto', 'raw']) {
      const answer = await broken.inject(series(`&every=${every}`));
      expect(answer.statusCode).toBe(503);
      expect(answer.json().error).toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('server_error'),
      });
      expect(answer.body).not.toContain(village.dir);
    }
    const overview = (await broken.inject('/api/v1/overview')).json();
    expect(overview.places).toHaveLength(6);
    expect(overview.places[0].bar).toBeUndefined();
    await broken.close();
  });
});

describe('refusals', () => {
  test('newest first, with the reason and the bytes as base64, hex and text', async () => {
    const { refusals } = (await get('/api/v1/refusals')).body;
    expect(refusals.map((row: { reason: string }) => row.reason)).toEqual([
      'unknown_device',
      'malformed',
      'out_of_range',
    ]);
    expect(refusals[0]).toMatchObject({ times: 12, raw: { text: '<img src=x onerror=alert(1)>' } });
    expect(refusals[0].device).toBeUndefined();
    expect(refusals[1].raw).toEqual({ bytes: 5, base64: 'AWf/A2g=', hex: '0167ff0368' });
    expect(refusals[2].detail).toEqual({
      field: 'air_temperature',
      expected: '-90 to 70 Cel',
      received: '327.67',
    });
  });

  test('by device, by time, and at most as many as asked for', async () => {
    expect((await get('/api/v1/refusals?device=truck-logger')).body.refusals).toHaveLength(2);
    expect((await get('/api/v1/refusals?device=never-seen')).body.refusals).toHaveLength(0);
    expect((await get('/api/v1/refusals?limit=1')).body.refusals).toHaveLength(1);
    const from = new Date(now - 60 * MINUTE).toISOString();
    expect((await get(`/api/v1/refusals?from=${from}`)).body.refusals).toHaveLength(2);
    expect(await problem('/api/v1/refusals?limit=0')).toMatchObject({
      field: 'limit',
      fix: expect.stringContaining('1000'),
    });
    expect(await problem(`/api/v1/refusals?from=${from}&to=${from}`)).toMatchObject({ field: 'from' });
  });
});

describe('overview', () => {
  test('one answer has every place with state, value, age and 28 cells of six hours', async () => {
    const { body } = await get('/api/v1/overview');
    const states = Object.fromEntries(
      body.places.map((place: { id: string; state: string }) => [place.id, place.state]),
    );
    expect(states).toEqual({
      'bin-2': 'no_data',
      'greenhouse-3': 'watch',
      'plot-1': 'fine',
      'precool-1': 'fine',
      'truck-3721': 'act',
      'warehouse-2': 'fine',
    });
    const truck = body.places.find((place: { id: string }) => place.id === 'truck-3721');
    expect(truck.main.quantity).toBe('air_temperature');
    expect(truck.bar.cells).toHaveLength(28);
    expect(truck.bar.cells.slice(0, 26)).toEqual(Array(26).fill('fine'));
    expect(truck.bar.cells.at(-1)).not.toBe('fine');
    expect(body.seq).toBeGreaterThan(0);
  });

  test('problems of the system are in it', async () => {
    status = storeAway;
    expect((await get('/api/v1/overview')).body.problems).toMatchObject([
      { key: 'store_unreachable', lagMs: 3_600_000 },
    ]);
    status = wellStatus;
  });
});

describe('health', () => {
  test('/healthz, /readyz and /metrics ask for no token', async () => {
    for (const url of ['/healthz', '/readyz', '/metrics'])
      expect((await app.inject(url)).statusCode).toBe(200);
    expect((await app.inject('/metrics')).body).toContain(
      'greenlane_refused_total{reason="unknown_device"} 12',
    );
    expect((await app.inject('/metrics')).headers['content-type']).toContain('text/plain; version=0.0.4');
  });

  test('/readyz is 503 with the reason in words while the store is away; the process stays alive', async () => {
    status = storeAway;
    const ready = await app.inject('/readyz');
    expect(ready.statusCode).toBe(503);
    expect(ready.json()).toMatchObject({ ready: false, reasons: [{ key: 'store_unreachable' }] });
    expect(ready.json().reasons[0].message).toContain('influx.url');
    expect((await app.inject('/healthz')).statusCode).toBe(200);
    status = wellStatus;
  });
});

describe('access', () => {
  const paths = [
    'sites',
    'places',
    'devices',
    'places/bin-2/latest',
    'series',
    'refusals',
    'overview',
    'live',
  ];

  test.each(paths)(
    '/api/v1/%s is 401 without a token, with a foreign one, and with a revoked form of header',
    async (path) => {
      for (const authorization of [
        undefined,
        'Bearer gl_nope',
        `Basic ${village.token}`,
        'Bearer',
        `Bearer ${village.token}x`,
      ]) {
        const headers = authorization === undefined ? {} : { authorization };
        const answer = await app.inject({ url: `/api/v1/${path}`, headers });
        expect(answer.statusCode).toBe(401);
        expect(answer.json().error).toMatchObject({ code: 'unauthorized', field: 'Authorization' });
        expect(answer.json().error.fix).toContain('npm run -s token');
      }
    },
  );

  test('every route of the API declares a permission, and only the description is public', async () => {
    const document = (await app.inject('/api/openapi.json')).json();
    const open: string[] = [];
    for (const path of Object.keys(document.paths).filter((name) => name.startsWith('/api/'))) {
      if ((await app.inject(path.replace('{id}', 'bin-2'))).statusCode !== 401) open.push(path);
    }
    expect(open).toEqual(['/api/openapi.json']);
  });

  test('a route without a permission does not start', async () => {
    const other = await build({});
    expect(() => other.get('/api/v1/forgotten', async () => 1)).toThrow(/permission/);
    await other.close();
  });

  test('an open server asks for no token, but answers only loopback names', async () => {
    const open = await build({ open: true });
    for (const host of ['localhost:8080', '127.0.0.1', '[::1]:8080']) {
      expect((await open.inject({ url: '/api/v1/sites', headers: { host } })).statusCode).toBe(200);
    }
    const rebound = await open.inject({ url: '/api/v1/sites', headers: { host: 'evil.example:8080' } });
    expect([rebound.statusCode, rebound.json().error.code]).toEqual([403, 'forbidden']);
    await open.close();
  });
});

describe('edges', () => {
  test('the description names every route with summary, tag and answers', async () => {
    const { paths, openapi } = (await app.inject('/api/openapi.json')).json();
    expect(openapi).toBe('3.1.0');
    expect(Object.keys(paths).sort()).toEqual([
      '/api/openapi.json',
      '/api/v1/devices',
      '/api/v1/live',
      '/api/v1/overview',
      '/api/v1/places',
      '/api/v1/places/{id}/latest',
      '/api/v1/refusals',
      '/api/v1/series',
      '/api/v1/sites',
      '/healthz',
      '/metrics',
      '/readyz',
    ]);
    for (const path of Object.values<{ get: { summary: string; tags: string[]; responses: object } }>(
      paths,
    )) {
      expect(path.get.summary.length).toBeGreaterThan(10);
      expect(path.get.tags).toHaveLength(1);
      expect(Object.keys(path.get.responses)).toContain('200');
    }
  });

  test('no page runs foreign or inline scripts, and answers are not kept', async () => {
    const { headers } = await get('/api/v1/sites');
    expect(headers['content-security-policy']).toContain("script-src 'self'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['cache-control']).toBe('no-store');
    expect((await app.inject('/nope')).headers['content-security-policy']).toBeDefined();
  });

  test('a request of more than 1 MB is refused, a method that does not exist is 404', async () => {
    const big = await app.inject({
      method: 'POST',
      url: '/api/v1/sites',
      headers: { authorization: `Bearer ${village.token}`, 'content-type': 'application/json' },
      payload: 'x'.repeat(1024 * 1024 + 1),
    });
    expect([404, 413]).toContain(big.statusCode);
    expect(big.json().error.code).toMatch(/not_found|too_large/);
  });

  test('files outside the page are not served', async () => {
    for (const url of [
      '/../package.json',
      '/%2e%2e/%2e%2e/package.json',
      '/..%2f..%2fpackage.json',
      '/assets/../../tsconfig.json',
    ]) {
      const answer = await app.inject(url);
      expect([400, 403, 404]).toContain(answer.statusCode);
      expect(answer.body).not.toContain('greenlane"');
    }
  });

  test('the words of an unexpected failure stay in the log', async () => {
    const broken = await build({
      open: true,
      status: () => {
        throw new Error('secret path /var/lib');
      },
    });
    const answer = await broken.inject('/api/v1/overview');
    expect(answer.statusCode).toBe(500);
    expect(answer.json().error).toMatchObject({
      code: 'internal',
      fix: expect.stringContaining('request id'),
    });
    expect(answer.body).not.toContain('secret');
    await broken.close();
  });

  test('the request above the limit of one minute is 429 with the time to wait', async () => {
    const strict = await build({ open: true, requestsPerMinute: 3 });
    const codes = [];
    for (let index = 0; index < 4; index++) codes.push((await strict.inject('/api/v1/sites')).statusCode);
    expect(codes).toEqual([200, 200, 200, 429]);
    const refused = (await strict.inject('/api/v1/sites')).json().error;
    expect(refused).toMatchObject({
      code: 'too_many_requests',
      fix: expect.stringMatching(/Try again in .+/),
    });
    expect((await strict.inject('/healthz')).statusCode).toBe(200);
    await strict.close();
  });

  test('answers are compressed for who takes gzip', async () => {
    const url = `/api/v1/series?place=precool-1&quantity=air_temperature`;
    const authorization = `Bearer ${village.token}`;
    const plain = await app.inject({ url, headers: { authorization } });
    const small = await app.inject({ url, headers: { authorization, 'accept-encoding': 'gzip, br' } });
    expect(small.headers['content-encoding']).toBe('gzip');
    expect(small.rawPayload.length).toBeLessThan(plain.rawPayload.length / 3);
    expect(gunzipSync(small.rawPayload).toString()).toBe(plain.body);
  });
});
