import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadConfig } from '../broker/index.ts';
import { ingestConfig, storeOptions } from './config.ts';

function load(env: Record<string, string>) {
  const source = { file: 'no-such-file.yaml', mustExist: false, env };
  const loaded = loadConfig(z.strictObject(ingestConfig), source);
  return loaded.ok ? storeOptions('/data', loaded.config.influx) : loaded.message;
}

describe('the store', () => {
  test('is the embedded one without an address', () => {
    expect(load({})).toEqual({ kind: 'sqlite', path: '/data/readings.db' });
  });

  test('is InfluxDB with one, and with whatever is given to log in', () => {
    const url = 'http://localhost:8086';
    expect(load({ GREENLANE_INFLUX_URL: url })).toEqual({ kind: 'influx', url, database: 'greenlane' });
    const login = {
      GREENLANE_INFLUX_USERNAME: 'u',
      GREENLANE_INFLUX_PASSWORD: '123',
      GREENLANE_INFLUX_ORG: 'o',
    };
    expect(load({ GREENLANE_INFLUX_URL: url, GREENLANE_INFLUX_BUCKET: 'b', ...login })).toEqual({
      kind: 'influx',
      url,
      database: 'b',
      org: 'o',
      username: 'u',
      password: '123',
    });
  });

  test.each([
    [
      { GREENLANE_INFLUX_TOKEN: 'abc' },
      'no-such-file.yaml:1: influx.url: missing; expected the address of InfluxDB, since the way to log in is given (or set GREENLANE_INFLUX_URL)',
    ],
    [
      { GREENLANE_INFLUX_URL: 'localhost:8086' },
      'GREENLANE_INFLUX_URL: influx.url: expected an address such as http://localhost:8086, not "localhost:8086"',
    ],
    [
      { GREENLANE_SITE_TIME_ZONE: 'Beijing' },
      'GREENLANE_SITE_TIME_ZONE: site.time_zone: expected a time zone such as Asia/Shanghai, not "Beijing"',
    ],
  ])('is not guessed from %j', (env, message) => {
    expect(load(env)).toBe(message);
  });
});
