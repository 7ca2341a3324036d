import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOUR, MINUTE } from '../../../devices/index.ts';
import { openSqliteStore } from '../../../ingest/index.ts';
import { type Asked, openAsked } from '../../testing/ask.ts';
import { MAX_POINTS } from '../resolution.ts';

const now = Date.UTC(2026, 5, 12, 6, 5);
let asked: Asked;
beforeAll(async () => {
  asked = await openAsked(now, 10);
});
afterAll(() => asked.close());

const get = (url: string) => asked.get(url);
const problem = (url: string) => asked.problem(url);

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

  test('from 8 days on rollups are read, and agree with the raw readings to 1e-7', async () => {
    const from = new Date(now - 9 * 24 * HOUR).toISOString();
    const rolled = (await get(series(`&from=${from}`))).body;
    expect(rolled).toMatchObject({ every: '1h', source: 'rollup' });
    expect(rolled.points.at(-1)[0]).toBe(Math.floor(now / HOUR) * HOUR);
    const later = new Date(now - 5 * 24 * HOUR).toISOString();
    const raw = (await get(series(`&from=${later}&every=1h`))).body;
    expect(raw.source).toBe('raw');
    const byTime = new Map<number, number>(rolled.points);
    // The first bucket of a range may be a part of an hour only.
    for (const [at, value] of raw.points.slice(1)) expect(byTime.get(at)).toBeCloseTo(value, 7);
  });

  test('every=raw streams more than 2,000 points as one valid JSON, the same that the store holds', async () => {
    const from = new Date(now - 2 * 24 * HOUR).toISOString();
    const { body, headers } = await get(series(`&from=${from}&every=raw`));
    expect(headers['content-type']).toContain('application/json');
    expect(body).toMatchObject({ unit: 'Cel', every: 'raw', source: 'raw' });
    expect(body.points.length).toBeGreaterThan(MAX_POINTS);
    const stored: [number, number][] = [];
    const filter = { place: 'precool-1', field: 'air_temperature', from: now - 2 * 24 * HOUR, to: now };
    for await (const page of asked.village.store.raw(filter))
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
    const path = join(asked.village.dir, 'damaged.db');
    writeFileSync(path, 'this is not a database'.repeat(400));
    const broken = await asked.build({ store: openSqliteStore({ path }), open: true });
    for (const every of ['auto', 'raw']) {
      const answer = await broken.inject(series(`&every=${every}`));
      expect(answer.statusCode).toBe(503);
      expect(answer.json().error).toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('server_error'),
      });
      expect(answer.body).not.toContain(asked.village.dir);
    }
    const overview = (await broken.inject('/api/v1/overview')).json();
    expect(overview.places).toHaveLength(6);
    expect(overview.places[0].bar).toBeUndefined();
    await broken.close();
  });
});
