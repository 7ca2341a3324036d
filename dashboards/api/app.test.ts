import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Asked, openAsked } from '../testing/ask.ts';

const now = Date.UTC(2026, 5, 12, 6, 5);
let asked: Asked;
beforeAll(async () => {
  asked = await openAsked(now, 2);
});
afterAll(() => asked.close());

const get = (url: string) => asked.get(url);

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
        `Basic ${asked.village.token}`,
        'Bearer',
        `Bearer ${asked.village.token}x`,
      ]) {
        const headers = authorization === undefined ? {} : { authorization };
        const answer = await asked.app.inject({ url: `/api/v1/${path}`, headers });
        expect(answer.statusCode).toBe(401);
        expect(answer.json().error).toMatchObject({ code: 'unauthorized', field: 'Authorization' });
        expect(answer.json().error.fix).toContain('npm run -s token');
      }
    },
  );

  test('every route of the API declares a permission, and only the description is public', async () => {
    const document = (await asked.app.inject('/api/openapi.json')).json();
    const open: string[] = [];
    for (const path of Object.keys(document.paths).filter((name) => name.startsWith('/api/'))) {
      if ((await asked.app.inject(path.replace('{id}', 'bin-2'))).statusCode !== 401) open.push(path);
    }
    expect(open).toEqual(['/api/openapi.json']);
  });

  test('a route without a permission does not start', async () => {
    const other = await asked.build({});
    expect(() => other.get('/api/v1/forgotten', async () => 1)).toThrow(/permission/);
    await other.close();
  });

  test('an open server asks for no token, but answers only loopback names', async () => {
    const open = await asked.build({ open: true });
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
    const { paths, openapi } = (await asked.app.inject('/api/openapi.json')).json();
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
    expect((await asked.app.inject('/nope')).headers['content-security-policy']).toBeDefined();
  });

  test('a request of more than 1 MB is refused, a method that does not exist is 404', async () => {
    const big = await asked.app.inject({
      method: 'POST',
      url: '/api/v1/sites',
      headers: { authorization: `Bearer ${asked.village.token}`, 'content-type': 'application/json' },
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
      const answer = await asked.app.inject(url);
      expect([400, 403, 404]).toContain(answer.statusCode);
      expect(answer.body).not.toContain('greenlane"');
    }
  });

  test('the words of an unexpected failure stay in the log', async () => {
    const broken = await asked.build({
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
    const strict = await asked.build({ open: true, requestsPerMinute: 3 });
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
    const authorization = `Bearer ${asked.village.token}`;
    const plain = await asked.app.inject({ url, headers: { authorization } });
    const small = await asked.app.inject({ url, headers: { authorization, 'accept-encoding': 'gzip, br' } });
    expect(small.headers['content-encoding']).toBe('gzip');
    expect(small.rawPayload.length).toBeLessThan(plain.rawPayload.length / 3);
    expect(gunzipSync(small.rawPayload).toString()).toBe(plain.body);
  });
});
