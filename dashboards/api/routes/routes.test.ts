import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MINUTE } from '../../../devices/index.ts';
import { type Asked, openAsked } from '../../testing/ask.ts';
import { storeAway, wellStatus } from '../../testing/status.ts';
import { SITE } from '../../testing/village.ts';

const now = Date.UTC(2026, 5, 12, 6, 5);
let asked: Asked;
beforeAll(async () => {
  asked = await openAsked(now, 10);
});
afterAll(() => asked.close());

const get = (url: string) => asked.get(url);
const problem = (url: string) => asked.problem(url);

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
    asked.setStatus(storeAway);
    expect((await get('/api/v1/overview')).body.problems).toMatchObject([
      { key: 'store_unreachable', lagMs: 3_600_000 },
    ]);
    asked.setStatus(wellStatus);
  });
});

describe('health', () => {
  test('/healthz, /readyz and /metrics ask for no token', async () => {
    for (const url of ['/healthz', '/readyz', '/metrics'])
      expect((await asked.app.inject(url)).statusCode).toBe(200);
    expect((await asked.app.inject('/metrics')).body).toContain(
      'greenlane_refused_total{reason="unknown_device"} 12',
    );
    expect((await asked.app.inject('/metrics')).headers['content-type']).toContain(
      'text/plain; version=0.0.4',
    );
  });

  test('/readyz is 503 with the reason in words while the store is away; the process stays alive', async () => {
    asked.setStatus(storeAway);
    const ready = await asked.app.inject('/readyz');
    expect(ready.statusCode).toBe(503);
    expect(ready.json()).toMatchObject({ ready: false, reasons: [{ key: 'store_unreachable' }] });
    expect(ready.json().reasons[0].message).toContain('influx.url');
    expect((await asked.app.inject('/healthz')).statusCode).toBe(200);
    asked.setStatus(wellStatus);
  });
});
