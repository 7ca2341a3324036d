import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessage } from '../decode.ts';
import { isPossible } from '../quantity.ts';
import type { Decoded } from '../reading.ts';
import { DAY, MINUTE } from '../time.ts';
import { decodeSenml } from './senml.ts';

const receivedAt = Date.UTC(2026, 8, 21, 12);
const nowS = receivedAt / 1_000;
const utf8 = new TextEncoder();

function decode(pack: unknown): Decoded {
  return decodeBytes(utf8.encode(typeof pack === 'string' ? pack : JSON.stringify(pack)));
}

function decodeBytes(payload: Uint8Array): Decoded {
  return decodeSenml({ topic: 'greenlane/village/probe/up', payload, receivedAt }, 'probe');
}

function brief(pack: unknown): readonly (readonly [string, string, number])[] {
  return decode(pack).readings.map(({ channel, quantity, value }) => [channel, quantity, value]);
}

describe('names and units', () => {
  it.each([
    [
      'a lone URN: the unit says the quantity',
      { n: 'urn:dev:ow:10e2073a01080063', u: 'Cel', v: 23.1 },
      'main',
      'air_temperature',
      23.1,
    ],
    [
      'a short name after a base name',
      { bn: 'urn:dev:ow:10e2073a01080063:', n: 't', u: 'Cel', v: 4.1 },
      'main',
      'air_temperature',
      4.1,
    ],
    [
      'a quantity of the catalogue',
      { n: 'product_temperature', u: 'Cel', v: 4.1 },
      'main',
      'product_temperature',
      4.1,
    ],
    ['a channel before it', { n: 'probe-1/soil_moisture', u: '/', v: 0.21 }, 'probe-1', 'soil_moisture', 21],
    [
      'a channel of two parts',
      { n: 'row:7:soil_temperature', u: 'K', v: 296.15 },
      'row.7',
      'soil_temperature',
      23,
    ],
    ['the device of the topic before it', { n: 'probe/co2', u: 'ppm', v: 612 }, 'main', 'co2', 612],
    [
      'a base name that is not a URN',
      { bn: 'anything/', n: 'rh', u: '%RH', v: 91.5 },
      'main',
      'relative_humidity',
      91.5,
    ],
    [
      'a URN with a subunit (RFC 9039)',
      { n: 'urn:dev:mac:0024befffe804ff1_soil_ph', v: 6.5 },
      'main',
      'soil_ph',
      6.5,
    ],
    ['a channel named by the unit alone', { n: 'left', u: '%RH', v: 50 }, 'left', 'relative_humidity', 50],
    ['Fahrenheit', { n: 'temp', u: '[degF]', v: 39.2 }, 'main', 'air_temperature', 4],
    ['pascal', { n: 'air_pressure', u: 'Pa', v: 100_903 }, 'main', 'air_pressure', 100.903],
    ['microsiemens', { n: 'soil_ec', u: 'uS/cm', v: 240 }, 'main', 'soil_ec', 0.24],
    ["no unit: the catalogue's", { n: 'co2', v: 612 }, 'main', 'co2', 612],
    ['dBW', { n: 'rssi', u: 'dBW', v: -120 }, 'main', 'signal_rssi', -90],
  ])('%s', (_, record, channel, quantity, value) => {
    expect(decode([record]).refusals).toEqual([]);
    expect(brief([record])).toEqual([[channel, quantity, value]]);
  });

  it('base unit, base value and base name last until the next record that sets them', () => {
    const pack = [
      { bn: 'urn:dev:ow:1:', bt: nowS - 60, bu: 'Cel', bv: 20, n: 'soil_temperature', v: 1.5 },
      { n: 'air_temperature', v: -3 },
      { bu: '%RH', bv: 0, n: 'rh', v: 80 },
    ];
    expect(brief(pack)).toEqual([
      ['main', 'soil_temperature', 21.5],
      ['main', 'air_temperature', 17],
      ['main', 'relative_humidity', 80],
    ]);
  });
});

describe('times', () => {
  it('are base time plus time, in seconds since 1970', () => {
    const pack = [
      { bn: 'x:', bt: nowS - 120, n: 'rh', u: '%RH', v: 20 },
      { n: 't', u: 'Cel', v: 4.1, t: 60 },
    ];
    expect(decode(pack).readings).toMatchObject([
      { measuredAt: receivedAt - 2 * MINUTE, clock: 'device' },
      { measuredAt: receivedAt - MINUTE, clock: 'device' },
    ]);
  });

  it('below 2^28 s are relative to the time of receipt, and without any the value is of now', () => {
    const pack = [
      { n: 't', v: 4.1, t: -90 },
      { n: 't', v: 4.2 },
    ];
    expect(decode(pack).readings).toMatchObject([
      { measuredAt: receivedAt - 90_000, clock: 'network' },
      { measuredAt: receivedAt, clock: 'server' },
    ]);
    // The example of RFC 8428 section 5.1.2 is of 2010: believable as a number, not as a sensor of ours.
    expect(decode([{ n: 't', v: 4.1, t: 2 ** 28 }]).refusals).toMatchObject([{ reason: 'implausible_time' }]);
  });

  it('that cannot be believed leave a single instant at server time and refuse the records of a series', () => {
    const one = decode([
      { bt: 1_276_020_091, n: 't', v: 4 },
      { n: 'rh', v: 80 },
    ]);
    expect(one.readings).toMatchObject([{ measuredAt: receivedAt, clock: 'server' }, { clock: 'server' }]);
    expect(one.refusals.map(({ reason }) => reason)).toEqual(['implausible_time', 'implausible_time']);
    const series = decode([
      { bt: 1_276_020_091, n: 't', v: 4 },
      { n: 't', v: 5, t: 60 },
      { n: 't', v: 6, bt: nowS },
    ]);
    expect(series.readings).toMatchObject([{ value: 6, clock: 'device' }]);
    expect(series.refusals).toHaveLength(2);
  });
});

describe('what is refused', () => {
  it.each([
    ['a text value', [{ n: 't', u: 'Cel', vs: '18.12 C' }], 'not_a_number'],
    ['a data value', [{ n: 't', vd: 'AAAA' }], 'not_a_number'],
    ['a boolean that is no door', [{ n: 't', vb: true }], 'not_a_number'],
    ['a value as a text', [{ n: 't', v: '4' }], 'not_a_number'],
    ['no value', [{ n: 't', u: 'Cel' }], 'not_a_number'],
    ['a sum', [{ n: 'rainfall', u: 'mm', s: 12 }], 'unsupported'],
    ['an unknown name and unit', [{ n: 'urn:dev:ow:1:current', u: 'A', v: 1 }], 'unknown_quantity'],
    ["a unit that is not the quantity's", [{ n: 't', u: '%RH', v: 50 }], 'unknown_unit'],
    ['degrees that may be coulombs', [{ n: 't', u: 'C', v: 4 }], 'unknown_unit'],
    ['327.67 degrees', [{ n: 't', u: 'Cel', v: 327.67 }], 'out_of_range'],
    ['1e400', '[{"n":"t","u":"Cel","v":1e400}]', 'out_of_range'],
    ['below absolute zero', [{ n: 't', u: 'K', v: -5 }], 'out_of_range'],
    ['a field that must be understood', [{ n: 't', v: 4, foo_: 1 }], 'unknown_field'],
    ['a newer version', [{ bver: 11, n: 't', v: 4 }], 'malformed'],
    ['a base time as a text', [{ bt: '2026', n: 't', v: 4 }], 'malformed'],
    ['a base value as a text', [{ bv: '1', n: 't', v: 4 }], 'malformed'],
    ['a record twice named', '[{"n":"t","n":"rh","v":4}]', 'malformed'],
    ['something that is not a pack', { n: 't', v: 4 }, 'malformed'],
    ['a number in the pack', [4], 'malformed'],
    ['a channel with a space', [{ n: 'cold room/t', v: 4 }], 'unknown_channel'],
  ])('%s', (_, pack, reason) => {
    const { readings, refusals } = decode(pack);
    expect(readings).toEqual([]);
    expect(refusals).toMatchObject([{ reason, device: 'probe' }]);
  });

  it('leaves the other records alone, and an unknown label that need not be understood is passed over', () => {
    const pack = [
      { n: 't', vs: 'warm' },
      { n: 'rh', v: 80, foo: 1 },
      { n: 'door', vb: true },
    ];
    expect(brief(pack)).toEqual([
      ['main', 'relative_humidity', 80],
      ['main', 'door_open', 1],
    ]);
  });

  it('1,001 records', () => {
    const pack = Array.from({ length: 1_001 }, () => ({ n: 't', v: 4 }));
    expect(decode(pack).refusals).toMatchObject([{ reason: 'too_many_records' }]);
    expect(decode(pack.slice(1)).readings).toHaveLength(1_000);
  });
});

it('a SenML pack and a native batch on the same topic are told apart', () => {
  const up = (body: unknown): Decoded =>
    decodeMessage({
      topic: 'greenlane/village/probe/up',
      payload: utf8.encode(JSON.stringify(body)),
      receivedAt,
    });
  expect(up([{ n: 't', u: 'K', v: 277.15 }]).readings).toMatchObject([
    { quantity: 'air_temperature', value: 4 },
  ]);
  expect(up([{ bn: 'urn:dev:ow:1:' }, { n: 't', v: 4 }]).readings).toHaveLength(1);
  expect(up([{ ts: receivedAt, air_temperature: 4 }]).readings).toMatchObject([
    { clock: 'device', value: 4 },
  ]);
});

const record = fc.record(
  {
    bn: fc.constantFrom('urn:dev:ow:1:', 'probe/', ''),
    bt: fc.oneof(fc.integer({ min: -100, max: 100 }), fc.integer({ min: nowS - 3_600, max: nowS })),
    bu: fc.constantFrom('Cel', '%RH'),
    n: fc.constantFrom('t', 'rh', 'co2', 'a/b', 'left/soil_moisture', '', '__proto__'),
    u: fc.constantFrom('Cel', '%RH', 'ppm', '%', 'K', 'nonsense'),
    v: fc.oneof(fc.integer({ min: -200, max: 500 }), fc.double({ noNaN: true, noDefaultInfinity: true })),
    vs: fc.string(),
    vb: fc.boolean(),
    t: fc.integer({ min: -DAY, max: DAY }),
    s: fc.integer(),
  },
  { requiredKeys: ['v'], noNullPrototype: true },
);

describe('property: never a value that is not in the message', () => {
  const honest = (bytes: Uint8Array): void => {
    const literals = new TextDecoder().decode(bytes).match(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g) ?? [];
    // What kelvin, parts and per cent of parts per million convert to; a damaged unit may become any of these.
    const allowed = literals
      .map(Number)
      .flatMap((number) => [
        number,
        number - 273.15,
        number * 100,
        number * 10_000,
        number * 1e6,
        number / 1_000,
      ]);
    for (const { quantity, value } of decodeBytes(bytes).readings) {
      expect(isPossible(quantity, value)).toBe(true);
      expect(allowed.some((number) => Math.abs(number - value) < 1e-6) || value === 0 || value === 1).toBe(
        true,
      );
    }
  };

  it('in a whole pack, nor in one with up to 4 damaged bytes', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 });
    const property = fc.property(fc.array(record, { maxLength: 4 }), damage, (pack, changes) => {
      const bytes = utf8.encode(JSON.stringify(pack));
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      // A damaged label may become bv, which adds to every value after it.
      if (!new TextDecoder().decode(bytes).includes('"bv"')) honest(bytes);
    });
    fc.assert(property, { numRuns: 2_000 });
  });

  it('in a pack cut at any byte, which gives no value at all', () => {
    const property = fc.property(fc.array(record, { minLength: 1, maxLength: 4 }), fc.nat(), (pack, at) => {
      const bytes = utf8.encode(JSON.stringify(pack));
      expect(decodeBytes(bytes.subarray(0, at % bytes.length)).readings).toEqual([]);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('in random bytes and random JSON', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), honest), { numRuns: 500 });
    fc.assert(
      fc.property(fc.json(), (text) => honest(utf8.encode(text))),
      { numRuns: 500 },
    );
  });
});
