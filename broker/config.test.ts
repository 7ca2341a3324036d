import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { brokerConfigSchema, keysOf, loadConfig, variableOf } from './config.ts';

const dir = mkdtempSync(join(tmpdir(), 'greenlane-config-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function load(text: string, env: Record<string, string> = {}) {
  const file = join(dir, 'greenlane.yaml');
  writeFileSync(file, text);
  const loaded = loadConfig(brokerConfigSchema, { file, mustExist: true, env });
  return loaded.ok ? loaded.config : loaded.message.replace(`${dir}/`, '');
}

describe('a configuration', () => {
  test('that is empty is the defaults', () => {
    expect(load('')).toMatchObject({
      data: './data',
      mqtt: { host: '0.0.0.0', port: 1883 },
      journal: { keep: 30 * 86_400_000, max_size: 20e9 },
    });
  });

  test('is overridden by the environment, key by key', () => {
    const env = { GREENLANE_DATA: '/srv/x', GREENLANE_MQTT_PORT: '1999', GREENLANE_JOURNAL_KEEP: '2d' };
    expect(load('mqtt:\n  port: 1884\n  host: 127.0.0.1\n', env)).toMatchObject({
      data: '/srv/x',
      mqtt: { host: '127.0.0.1', port: 1999 },
      journal: { keep: 2 * 86_400_000 },
    });
  });

  test.each([
    ['mqtt:\n  prot: 1884\n', 'greenlane.yaml:2: mqtt.prot: there is no such key; did you mean port?'],
    ['mqqt:\n  port: 1884\n', 'greenlane.yaml:1: mqqt: there is no such key; did you mean mqtt?'],
    [
      'data: ./x\nmqtt:\n  port: many\n',
      'greenlane.yaml:3: mqtt.port: expected a port from 0 to 65535, not "many"',
    ],
    ['mqtt:\n  port: 70000\n', 'greenlane.yaml:2: mqtt.port: expected a port from 0 to 65535, not 70000'],
    [
      'journal:\n  keep: forever\n',
      'greenlane.yaml:2: journal.keep: expected a duration such as 90s, 4h or 30d, not "forever"',
    ],
    ['journal:\n  max_size: 20\n', 'greenlane.yaml:2: journal.max_size: expected a string, not 20'],
    [
      'mqtt:\n  tls_cert_file: a.pem\n',
      'greenlane.yaml:1: mqtt: expected tls_cert_file and tls_key_file together, not {"tls_cert_file":"a.pem"}',
    ],
    ['- a\n', 'greenlane.yaml:1: expected keys and values, such as "data: ./data"'],
  ])('with the mistake %j names file, line, key and what was expected', (text, message) => {
    expect(load(text)).toBe(message);
  });

  test('a wrong environment variable is named instead of a line', () => {
    expect(load('', { GREENLANE_MQTT_PORT: 'x' })).toBe(
      'GREENLANE_MQTT_PORT: mqtt.port: expected a port from 0 to 65535, not "x"',
    );
  });

  test('that is not YAML names the line', () => {
    expect(load('data: "x\n')).toMatch(/^greenlane\.yaml:\d+: not valid YAML/);
  });

  test('never throws, whatever the file holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(['string', 'object']).toContain(typeof load(text));
      }),
      { numRuns: 200 },
    );
  });

  test('every key has its variable', () => {
    expect(keysOf(brokerConfigSchema).map(variableOf)).toContain('GREENLANE_MQTT_TLS_CERT_FILE');
  });
});
