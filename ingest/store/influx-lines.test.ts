import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLineEncoder } from './influx-lines.ts';
import { batch, series } from './suite.ts';

const LINE = /^cold_chain,channel=main,device=d1,place=p,site=farm air_temperature=(\S+) (\d+)\n$/;

function encoded(at: number, value: number): readonly [string, string] {
  const lines = createLineEncoder().encode(
    batch([series('air_temperature', { place: 'p' }), at, value]),
    Int32Array.of(0),
    false,
  );
  const [, number = '', time = ''] = LINE.exec(lines.toString('latin1')) ?? [];
  return [number, time];
}

test('every finite number is written as text that reads back as exactly it', () => {
  const decimal = fc
    .tuple(fc.integer({ min: -2_000_000_000, max: 2_000_000_000 }), fc.nat(9))
    .map(([whole, places]) => whole / 10 ** places);
  const near = fc.tuple(decimal, fc.constantFrom(1 - 2 ** -53, 1 + 2 ** -52)).map(([a, b]) => a * b);
  const any = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(fc.oneof(decimal, near, any), (value) => {
      expect(Number(encoded(1, value)[0]) + 0).toBe(value + 0);
    }),
    { numRuns: 3_000 },
  );
});

test.each([
  [0, '0'],
  [-0, '0'],
  [4.2, '4.2'],
  [-0.05, '-0.05'],
  [91.5, '91.5'],
  [0.001, '0.001'],
  [999_999.999, '999999.999'],
  [1_000_000, '1000000'],
  [1e21, '1e+21'],
  [5e-324, '5e-324'],
])('%d is written as %s', (value, text) => {
  expect(encoded(1, value)[0]).toBe(text);
});

test('every instant is written in full', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 7_258_118_399_999 }), (at) => {
      expect(encoded(at, 1)[1]).toBe(String(at));
    }),
    { numRuns: 1_000, examples: [[0], [1], [999], [1_000], [59_999], [7_258_118_399_999]] },
  );
});

test('10,000 lines far longer than expected are all there', () => {
  const long = series('air_temperature', {
    place: 'p'.repeat(64),
    device: 'd'.repeat(64),
    site: 's'.repeat(64),
  });
  const points = Array.from({ length: 10_000 }, (_, n) => [long, n, -1.234567890123456e-290] as const);
  const lines = createLineEncoder()
    .encode(batch(...points), Int32Array.from(points.keys()), false)
    .toString('latin1');
  const one = `cold_chain,channel=main,device=${long.device},place=${long.place},site=${long.site} air_temperature=-1.234567890123456e-290`;
  expect(lines).toBe(points.map(([, at]) => `${one} ${at}\n`).join(''));
});
