import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message } from '../model.ts';
import { isPossible, quantityNames } from '../quantity.ts';
import type { Decoded } from '../reading.ts';
import { MAX_REFUSALS } from '../reading.ts';
import { DAY, MAX_AHEAD, MINUTE } from '../time.ts';
import { decodeNative, MAX_RECORDS } from './native.ts';

const receivedAt = Date.UTC(2026, 8, 21, 12);
const ts = receivedAt - MINUTE;
const utf8 = new TextEncoder();

function message(payload: Uint8Array | string): Message {
  const bytes = typeof payload === 'string' ? utf8.encode(payload) : payload;
  return { topic: 'greenlane/village/probe/up', payload: bytes, receivedAt };
}

function decode(payload: Uint8Array | string): Decoded {
  return decodeNative(message(payload), 'probe');
}

function reasons(payload: Uint8Array | string): readonly string[] {
  return decode(payload).refusals.map(({ reason }) => reason);
}

function values(payload: string): readonly (readonly [string, string, number])[] {
  return decode(payload).readings.map(({ channel, quantity, value }) => [channel, quantity, value]);
}

describe('a single record', () => {
  it('gives one reading per quantity, stamped by the device clock, with its sequence as identity', () => {
    const { readings, refusals, identity } = decode(
      JSON.stringify({ ts, seq: 17, air_temperature: 4.2, relative_humidity: 91.5 }),
    );
    const common = { device: 'probe', channel: 'main', measuredAt: ts, receivedAt, clock: 'device' };
    expect(readings).toEqual([
      { ...common, quantity: 'air_temperature', value: 4.2 },
      { ...common, quantity: 'relative_humidity', value: 91.5 },
    ]);
    expect(refusals).toEqual([]);
    expect(identity).toBe('seq:17');
  });

  it('without ts is stamped by the server, without seq has no identity', () => {
    const decoded = decode('{"co2": 612}');
    expect(decoded.readings).toMatchObject([{ value: 612, measuredAt: receivedAt, clock: 'server' }]);
    expect(decoded.identity).toBeUndefined();
  });

  it('gives one reading per channel and quantity, beside values of the device itself', () => {
    const payload = {
      ts,
      battery_level: 80,
      channel: { 'probe-1': { soil_moisture: 21 }, 'probe-2': { soil_moisture: 0 } },
    };
    expect(values(JSON.stringify(payload))).toEqual([
      ['main', 'battery_level', 80],
      ['probe-1', 'soil_moisture', 21],
      ['probe-2', 'soil_moisture', 0],
    ]);
  });

  it('takes true and false for a door and for nothing else', () => {
    expect(values('{"door_open": true}')).toEqual([['main', 'door_open', 1]]);
    expect(values('{"door_open": false}')).toEqual([['main', 'door_open', 0]]);
    expect(reasons('{"air_temperature": true}')).toEqual(['not_a_number']);
  });

  it.each([
    ['in seconds', 1_790_000_000, 'this looks like seconds'],
    ['before 2015', Date.UTC(2014, 11, 31), 'from 2015'],
    ['more than 10 min ahead', receivedAt + MAX_AHEAD + 1, '10 min ahead'],
    ['as a text', '2026-09-21T12:00:00Z', 'integer'],
    ['with a fraction', ts + 0.5, 'integer'],
  ])('with a time %s keeps its values at server time and says so', (_, time, hint) => {
    const { readings, refusals } = decode(JSON.stringify({ ts: time, air_temperature: 4.2 }));
    expect(readings).toMatchObject([{ value: 4.2, measuredAt: receivedAt, clock: 'server' }]);
    expect(refusals).toMatchObject([{ reason: 'implausible_time', field: 'ts' }]);
    expect(refusals[0]?.expected).toContain(hint);
  });

  it('exactly 10 min ahead is believed', () => {
    expect(decode(JSON.stringify({ ts: receivedAt + MAX_AHEAD, co2: 400 })).readings).toMatchObject([
      { clock: 'device' },
    ]);
  });
});

describe('what is refused', () => {
  it.each([
    ['a quantity nobody knows', '{"air_temprature": 4.2}', 'unknown_quantity'],
    ['a text', '{"air_temperature": "4.2"}', 'not_a_number'],
    ['null', '{"air_temperature": null}', 'not_a_number'],
    ['an array as a value', '{"air_temperature": [4.2]}', 'not_a_number'],
    ['1e400', '{"air_temperature": 1e400}', 'out_of_range'],
    ['-1e400', '{"air_temperature": -1e400}', 'out_of_range'],
    ['an unplugged probe of 327.67 degrees', '{"air_temperature": 327.67}', 'out_of_range'],
    ['127.5 %RH', '{"relative_humidity": 127.5}', 'out_of_range'],
    ['NaN', '{"air_temperature": NaN}', 'malformed'],
    ['a key twice', '{"air_temperature": 4.2, "air_temperature": 4.3}', 'malformed'],
    ['a key twice, once escaped', '{"co2": 400, "\\u0063o2": 500}', 'malformed'],
    ['a key twice in one channel', '{"channel": {"a": {"co2": 400, "co2": 500}}}', 'malformed'],
    ['a channel twice', '{"channel": {"a": {"co2": 400}, "a": {"co2": 500}}}', 'malformed'],
    ['__proto__ as a quantity', '{"__proto__": 4.2}', 'unknown_quantity'],
    ['__proto__ as a record', '{"__proto__": {"air_temperature": 4.2}}', 'unknown_quantity'],
    ['a channel name with a slash', '{"channel": {"a/b": {"co2": 400}}}', 'unknown_channel'],
    ['a channel without values', '{"channel": {"a": 4.2}}', 'malformed'],
    ['a number', '4.2', 'malformed'],
    ['a text', '"air_temperature"', 'malformed'],
    ['null', 'null', 'malformed'],
    ['nothing', '', 'malformed'],
    ['a record without values', '{"ts": 1780000000000}', 'malformed'],
    ['an empty batch', '[]', 'malformed'],
    ['a sequence that is not a count', '{"seq": -1}', 'not_a_number'],
  ])('%s: %s -> %s', (_, payload, reason) => {
    const { readings, refusals } = decode(payload);
    expect(readings).toEqual([]);
    expect(refusals).toMatchObject([{ reason, device: 'probe' }]);
    expect(refusals[0]?.expected).toBeTypeOf('string');
  });

  it('bytes that are not UTF-8', () => {
    expect(reasons(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d))).toEqual(['malformed']);
  });

  it('leaves the other values of the message alone', () => {
    const payload = '{"air_temperature": "warm", "nonsense": 1, "relative_humidity": 400, "co2": 612}';
    expect(values(payload)).toEqual([['main', 'co2', 612]]);
    expect(reasons(payload)).toEqual(['not_a_number', 'unknown_quantity', 'out_of_range']);
  });

  it('a colon inside a text does not look like a second key', () => {
    expect(reasons('{"note": "a:b::c", "co2": 612}')).toEqual(['unknown_quantity']);
  });

  it('33 levels of nesting, and 100,000 of them without running out of stack', () => {
    const nested = (levels: number): string => `${'{"channel":'.repeat(levels)}1${'}'.repeat(levels)}`;
    expect(reasons(nested(33))).toEqual(['malformed']);
    expect(reasons(nested(100_000))).toEqual(['malformed']);
    expect(reasons('['.repeat(100_000))).toEqual(['malformed']);
    expect(reasons('['.repeat(100_000) + ']'.repeat(100_000))).toEqual(['malformed']);
  });

  it('a text of 1 MB, of which a refusal keeps at most 80 characters', () => {
    const { refusals } = decode(
      `{"air_temperature": "${'9'.repeat(1_000_000)}", "${'k'.repeat(1_000_000)}": 1}`,
    );
    expect(refusals.map(({ reason }) => reason)).toEqual(['not_a_number', 'unknown_quantity']);
    for (const { received, field } of refusals) {
      expect(received?.length).toBeLessThanOrEqual(80);
      expect(field?.length).toBeLessThanOrEqual(80);
    }
  });

  it(`a message with 10,000 faults, of which ${MAX_REFUSALS} are kept`, () => {
    const batch = Array.from({ length: 1_000 }, () => ({
      ts,
      ...Object.fromEntries('abcdefghij'.split('').map((k) => [k, 1])),
    }));
    const { refusals } = decode(JSON.stringify(batch));
    expect(refusals).toHaveLength(MAX_REFUSALS);
    expect(refusals.at(-1)).toMatchObject({ reason: 'too_many_records', received: '9901 more' });
  });

  it('more than 256 values in a record, of which the first 256 are read', () => {
    const channel = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`c${i}`, { co2: i }]));
    const { readings, refusals } = decode(JSON.stringify({ ts, channel }));
    expect(readings).toHaveLength(256);
    expect(refusals).toMatchObject([{ reason: 'too_many_records' }]);
  });
});

describe('a batch', () => {
  it(`of ${MAX_RECORDS} records is read, one more is refused as a whole`, () => {
    const batch = (length: number): string =>
      JSON.stringify(Array.from({ length }, (_, i) => ({ ts: ts - i * MINUTE, air_temperature: 4 })));
    expect(decode(batch(MAX_RECORDS)).readings).toHaveLength(MAX_RECORDS);
    expect(decode(batch(MAX_RECORDS + 1)).readings).toHaveLength(0);
    expect(reasons(batch(MAX_RECORDS + 1))).toEqual(['too_many_records']);
  });

  it('loses only the records without an honest time', () => {
    const batch = [
      { ts, co2: 1 },
      { co2: 2 },
      { ts: 5, co2: 3 },
      { ts: receivedAt + DAY, co2: 4 },
      'x',
      { ts: ts + 1, co2: 5 },
    ];
    expect(values(JSON.stringify(batch)).map(([, , value]) => value)).toEqual([1, 5]);
    expect(reasons(JSON.stringify(batch))).toEqual([
      'implausible_time',
      'implausible_time',
      'implausible_time',
      'malformed',
    ]);
  });
});

/** Every number that stands in a text, and the two that a door's booleans stand for. */
function numbersIn(text: string): ReadonlySet<number> {
  const literals = text.match(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g) ?? [];
  const found = new Set(literals.map(Number));
  if (text.includes('true')) found.add(1);
  if (text.includes('false')) found.add(0);
  return found;
}

const key = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...quantityNames) },
  { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'ts', 'seq', 'channel', 'v', 'n') },
  { weight: 1, arbitrary: fc.string() },
);
const leaf = fc.oneof(
  { weight: 4, arbitrary: fc.double({ noDefaultInfinity: true, noNaN: true }) },
  { weight: 4, arbitrary: fc.integer({ min: -100, max: 100 }) },
  fc.constantFrom(null, true, false, '18.12 C', '', [], {}),
);
const record = fc.dictionary(key, leaf, { maxKeys: 6, noNullPrototype: false });
const stamped = fc
  .tuple(fc.integer({ min: ts - DAY, max: ts + DAY }), record)
  .map(([at, body]) => ({ ...body, ts: at }));
const payload = fc.oneof(
  stamped,
  fc.array(stamped, { maxLength: 5 }),
  fc.dictionary(fc.string(), record).map((channel) => ({ ts, channel })),
);

describe('property: never a value that is not in the message', () => {
  const honest = (bytes: Uint8Array): void => {
    const { readings } = decode(bytes);
    const numbers = numbersIn(new TextDecoder().decode(bytes));
    for (const { quantity, value, measuredAt, clock } of readings) {
      expect(numbers).toContain(value);
      expect(isPossible(quantity, value)).toBe(true);
      if (clock === 'device') expect(numbers).toContain(measuredAt);
      else expect(measuredAt).toBe(receivedAt);
    }
  };

  it('in a whole message', () => {
    fc.assert(
      fc.property(payload, (body) => honest(utf8.encode(JSON.stringify(body)))),
      { numRuns: 500 },
    );
  });

  it('in a message cut at any byte, which gives no value at all', () => {
    const property = fc.property(payload, fc.nat(), (body, at) => {
      const bytes = utf8.encode(JSON.stringify(body));
      const { readings, refusals } = decode(bytes.subarray(0, at % bytes.length));
      expect(readings).toEqual([]);
      expect(refusals).toHaveLength(1);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('in a message with up to 4 damaged bytes', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    const property = fc.property(payload, damage, (body, changes) => {
      const bytes = utf8.encode(JSON.stringify(body));
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      honest(bytes);
    });
    fc.assert(property, { numRuns: 2_000 });
  });

  it('in random bytes and random texts', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), honest), { numRuns: 500 });
    fc.assert(
      fc.property(fc.json(), (text) => honest(utf8.encode(text))),
      { numRuns: 500 },
    );
  });
});
