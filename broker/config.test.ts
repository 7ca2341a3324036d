import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { brokerConfig, brokerConfigSchema, keysOf, loadConfig, variableOf } from './config.ts';
import { filePathSchema, textSchema } from './config-value.ts';

const dir = mkdtempSync(join(tmpdir(), 'greenlane-config-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function load(text: string, env: Record<string, string> = {}) {
  const file = join(dir, 'greenlane.yaml');
  writeFileSync(file, text);
  const loaded = loadConfig(brokerConfigSchema, { file, mustExist: true, env });
  return loaded.ok ? loaded.config : loaded.message.replaceAll(`${dir}/`, '');
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

  // The file and its mistake, and the sentence it is answered with: one fixture per mistake.
  test.each([
    ['mqtt:\n  prot: 1884\n', 'greenlane.yaml:2: mqtt.prot: there is no such key; did you mean port?'],
    ['mqqt:\n  port: 1884\n', 'greenlane.yaml:1: mqqt: there is no such key; did you mean mqtt?'],
    ['# x\ngrafana: 1\n', 'greenlane.yaml:2: grafana: there is no such key; there are data, mqtt, journal'],
    ['__proto__: 1\n', 'greenlane.yaml:1: __proto__: there is no such key; there are data, mqtt, journal'],
    ['"1": 1\n', 'greenlane.yaml:1: 1: there is no such key; there are data, mqtt, journal'],
    [
      'data: ./x\nmqtt:\n  port: many\n',
      'greenlane.yaml:3: mqtt.port: expected a port from 0 to 65535, not "many"',
    ],
    ['mqtt:\n  port: 70000\n', 'greenlane.yaml:2: mqtt.port: expected a port from 0 to 65535, not 70000'],
    ['mqtt:\n  port: 1.5\n', 'greenlane.yaml:2: mqtt.port: expected a port from 0 to 65535, not 1.5'],
    ['mqtt:\n  port: true\n', 'greenlane.yaml:2: mqtt.port: expected a port from 0 to 65535, not true'],
    ['mqtt:\n  port: "1883"\n', 'greenlane.yaml:2: mqtt.port: expected a port from 0 to 65535, not "1883"'],
    ['mqtt:\n  port:\n', 'greenlane.yaml:2: mqtt.port: expected a port from 0 to 65535, not nothing'],
    ['mqtt:\n  port: [1, 2]\n', 'greenlane.yaml:2: mqtt.port: expected a port from 0 to 65535, not a list'],
    [
      'mqtt:\n  max_connections: 0\n',
      'greenlane.yaml:2: mqtt.max_connections: expected a whole number from 1 to 1000000, not 0',
    ],
    [
      'mqtt: 1883\n',
      'greenlane.yaml:1: mqtt: expected a section with host, port, max_connections, tls_port, tls_cert_file, tls_key_file, tls_ca_file, not 1883',
    ],
    ['data: 7\n', 'greenlane.yaml:1: data: expected a text (in quotes when it looks like a number), not 7'],
    ['data: ""\n', 'greenlane.yaml:1: data: expected a text, not an empty one, not ""'],
    [
      'journal:\n  keep: forever\n',
      'greenlane.yaml:2: journal.keep: expected a duration such as 90s, 4h or 30d, not "forever"',
    ],
    [
      'journal:\n  keep: 30\n',
      'greenlane.yaml:2: journal.keep: expected a duration such as 90s, 4h or 30d, not 30',
    ],
    [
      'journal:\n  max_size: 20\n',
      'greenlane.yaml:2: journal.max_size: expected a size such as 500MB or 20GB, not 20',
    ],
    [
      'mqtt:\n  tls_cert_file: /dev/fd/nothing.pem\n  tls_key_file: /dev/fd/nothing.pem\n',
      'greenlane.yaml:2: mqtt.tls_cert_file: /dev/fd/nothing.pem cannot be read (ENOENT)\n' +
        'greenlane.yaml:3: mqtt.tls_key_file: /dev/fd/nothing.pem cannot be read (ENOENT)',
    ],
    [
      `mqtt:\n  tls_cert_file: ${import.meta.filename}\n`,
      'greenlane.yaml:1: mqtt.tls_key_file: missing; expected the private key of tls_cert_file (or set GREENLANE_MQTT_TLS_KEY_FILE)',
    ],
    [
      `mqtt:\n  tls_ca_file: ${import.meta.filename}\n`,
      'greenlane.yaml:1: mqtt.tls_cert_file: missing; expected a certificate, since TLS is wanted (or set GREENLANE_MQTT_TLS_CERT_FILE)',
    ],
    ['- a\n', 'greenlane.yaml:1: expected keys and values, such as "data: ./data"'],
    ['just words\n', 'greenlane.yaml:1: expected keys and values, such as "data: ./data"'],
    ['data: "x\n', 'greenlane.yaml:2: not valid YAML: Missing closing "quote at line 2, column 1:'],
    ['data: a\ndata: b\n', 'greenlane.yaml:2: not valid YAML: Map keys must be unique at line 2, column 1:'],
    [
      'data: *nowhere\n',
      'greenlane.yaml:1: not valid YAML: Unresolved alias (the anchor must be set before the alias): nowhere',
    ],
  ])('with the mistake %j names file, line, key and what was expected', (text, message) => {
    expect(load(text)).toBe(message);
  });

  test('with several mistakes names them all, at most 20', () => {
    expect(load('mqtt:\n  port: x\njournal:\n  keep: y\n')).toMatch(
      /^greenlane.yaml:2: .*\ngreenlane.yaml:4: .*y"$/,
    );
    const many = Array.from({ length: 500 }, (_, i) => `key_number_${i}: 1\n`).join('');
    expect(String(load(many)).split('\n')).toHaveLength(20);
  });

  test.each([
    ['GREENLANE_MQTT_PORT', 'x', 'GREENLANE_MQTT_PORT: mqtt.port: expected a port from 0 to 65535, not "x"'],
    [
      'GREENLANE_MQTT_PORT',
      '0x10',
      'GREENLANE_MQTT_PORT: mqtt.port: expected a port from 0 to 65535, not "0x10"',
    ],
    [
      'GREENLANE_MQTT_PROT',
      '1',
      'GREENLANE_MQTT_PROT: there is no such variable; did you mean GREENLANE_MQTT_PORT?',
    ],
  ])('a wrong environment variable is named instead of a line: %s=%s', (name, value, message) => {
    expect(load('', { [name]: value })).toBe(message);
  });

  test('leaves variables alone that others set for a service of this name, and empty ones', () => {
    const kubernetes = { GREENLANE_PORT: 'tcp://10.0.0.1:1883', GREENLANE_SERVICE_HOST: '10.0.0.1' };
    const others = { GREENLANE_TEST_INFLUX_URL: 'x', GREENLANE_MQTT_PORT: '', GREENLANE_CONFIG: 'y' };
    expect(load('', { ...kubernetes, ...others })).toMatchObject({ mqtt: { port: 1883 } });
  });

  test('does not hide a section that is none behind a variable', () => {
    expect(load('mqtt: 7\n', { GREENLANE_MQTT_PORT: '1' })).toMatch(
      /^greenlane.yaml:1: mqtt: expected a section/,
    );
  });

  test('whose section has all its lines commented out is the defaults of that section', () => {
    expect(load('mqtt:\n  # port: 1\n')).toMatchObject({ mqtt: { port: 1883 } });
  });

  test.each([
    ['missing', (file: string) => rmSync(file, { force: true }), 'greenlane.yaml: there is no such file'],
    ['a directory', (file: string) => mkdirSync(file), 'greenlane.yaml: cannot be read (EISDIR)'],
  ])('that is asked for by name and %s is a mistake', (_, make, message) => {
    const file = join(dir, 'greenlane.yaml');
    rmSync(file, { force: true });
    make(file);
    const loaded = loadConfig(brokerConfigSchema, { file, mustExist: true, env: {} });
    rmSync(file, { recursive: true, force: true });
    expect(loaded.ok ? '' : loaded.message.replace(`${dir}/`, '')).toBe(message);
  });

  test('read by a part that runs alone may hold the other parts’ sections, but its own must be right', () => {
    const file = join(dir, 'greenlane.yaml');
    writeFileSync(file, 'http:\n  port: 1\nmqtt:\n  prot: 1\n');
    const loaded = loadConfig(z.object(brokerConfig), {
      file,
      mustExist: true,
      env: { GREENLANE_HTTP_PORT: '1' },
    });
    expect(loaded).toMatchObject({
      message: expect.stringMatching(/:4: mqtt.prot: .* did you mean port\?$/),
    });
  });

  test('never throws, whatever the file holds', () => {
    const piece = fc.constantFrom(
      'mqtt',
      'port',
      ':',
      ' ',
      '\n',
      '  ',
      '- ',
      '&a ',
      '*a',
      '[',
      '{',
      '"',
      '|',
      '!!',
      '1',
      '---',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.array(piece, { maxLength: 40 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(text, (content) => {
        expect(['string', 'object']).toContain(typeof load(content));
      }),
      { numRuns: 300 },
    );
  });

  test('of ten lines that unfold to a billion is refused', () => {
    const levels = Array.from(
      { length: 9 },
      (_, i) => `  l${i}: &l${i} [${Array(10).fill(i === 0 ? 'x' : `*l${i - 1}`)}]`,
    );
    expect(load(`data: x\nbomb:\n${levels.join('\n')}\n`)).toMatch(
      /^greenlane.yaml:1: not valid YAML: Excessive alias count/,
    );
  });

  test('has a variable of its own for every key', () => {
    const variables = keysOf(brokerConfigSchema).map(variableOf);
    expect(variables).toContain('GREENLANE_MQTT_TLS_CERT_FILE');
    expect(new Set(variables).size).toBe(variables.length);
  });
});

describe('a secret', () => {
  const schema = z.strictObject({
    store: z
      .strictObject({ token: textSchema.optional(), token_file: filePathSchema.optional() })
      .prefault({}),
  });
  const secret = 'hunter2-hunter2';
  const path = join(dir, 'token');
  const read = (text: string, env: Record<string, string> = {}) => {
    writeFileSync(path, `${secret}\n`);
    const file = join(dir, 'secret.yaml');
    writeFileSync(file, text);
    const loaded = loadConfig(schema, { file, mustExist: true, env });
    return loaded.ok ? loaded.config.store.token : loaded.message.replaceAll(`${dir}/`, '');
  };

  test('is taken from the file that is named for it, without the line end', () => {
    expect(read(`store:\n  token_file: ${path}\n`)).toBe(secret);
  });

  test('given both ways is one too many, in the file and in the environment', () => {
    const both = 'secret.yaml:3: store.token_file: give token or token_file, not both';
    expect(read(`store:\n  token: a\n  token_file: ${path}\n`)).toBe(both);
    expect(read('', { GREENLANE_STORE_TOKEN: 'a', GREENLANE_STORE_TOKEN_FILE: path })).toBe(
      'GREENLANE_STORE_TOKEN_FILE: store.token_file: give token or token_file, not both',
    );
  });

  test('from the environment replaces the one of the file, whichever way each is given', () => {
    expect(read(`store:\n  token_file: ${path}\n`, { GREENLANE_STORE_TOKEN: 'mine' })).toBe('mine');
    expect(read('store:\n  token: theirs\n', { GREENLANE_STORE_TOKEN_FILE: path })).toBe(secret);
  });

  test('whose file is not there or empty is a mistake', () => {
    expect(read('store:\n  token_file: /dev/fd/none\n')).toBe(
      'secret.yaml:2: store.token_file: /dev/fd/none cannot be read (ENOENT)',
    );
    expect(read('store:\n  token_file: /dev/null\n')).toBe(
      'secret.yaml:2: store.token_file: /dev/null is empty',
    );
  });

  test.each([
    `store:\n  token: [${secret}]\n`,
    `store: { token: { ${secret}: 1 } }\n`,
    `store:\n  token: 12345678\n  token_file: 1\n`,
    `store:\n  token: {a: ${secret}}\n  tokn: 1\n`,
    `store: [${secret}]\n`,
  ])('is in no message: %j', (text) => {
    const message = read(text);
    expect(message).toMatch(/expected/);
    expect(message).not.toMatch(/hunter2|12345678/);
  });
});
