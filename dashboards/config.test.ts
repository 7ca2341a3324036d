import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadConfig } from '../broker/index.ts';
import { greenlaneConfig } from './config.ts';
import { EXAMPLE_FILE, exampleConfig } from './example-config.ts';

test('greenlane.example.yaml is what the schema says (node dashboards/example-config.ts --write)', () => {
  expect(readFileSync(EXAMPLE_FILE, 'utf8')).toBe(exampleConfig());
});

test('the example loads, and gives the same configuration as no file at all', () => {
  const example = loadConfig(greenlaneConfig, { file: EXAMPLE_FILE, mustExist: true, env: {} });
  const nothing = loadConfig(greenlaneConfig, { file: 'no-such-file.yaml', mustExist: false, env: {} });
  expect(example).toEqual(nothing);
  expect(example).toMatchObject({
    ok: true,
    config: { http: { port: 8080 }, influx: { bucket: 'greenlane' } },
  });
});

test('both a token and a token file are one too many', () => {
  const env = { GREENLANE_INFLUX_TOKEN: 'a', GREENLANE_INFLUX_TOKEN_FILE: 'b' };
  const loaded = loadConfig(greenlaneConfig, { file: 'no-such-file.yaml', mustExist: false, env });
  expect(loaded).toMatchObject({
    ok: false,
    message: expect.stringContaining('influx.token_file: give token or token_file, not both'),
  });
});
