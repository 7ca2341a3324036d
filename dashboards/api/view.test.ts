import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RefusalEntry } from '../../ingest/index.ts';
import { nearest } from './nearest.ts';
import { refusalView } from './view.ts';

const entry = (raw: Uint8Array, more: Partial<RefusalEntry> = {}): RefusalEntry => ({
  id: 1,
  at: 0,
  topic: 't',
  reason: 'malformed',
  detail: {},
  raw,
  rawBytes: raw.length,
  times: 1,
  ...more,
});
const textOf = (raw: Uint8Array) => refusalView(entry(raw)).raw.text;

test('bytes are shown as text only when every one of them is printable', () => {
  expect(textOf(Buffer.from('{"t": 1}\n'))).toBe('{"t": 1}\n');
  expect(textOf(Buffer.from('温度'))).toBe('温度');
  expect(textOf(Buffer.from([0xff, 0xfe]))).toBeUndefined();
  expect(textOf(Buffer.from('a\u0000b'))).toBeUndefined();
  expect(textOf(Buffer.from('\u001b[31m'))).toBeUndefined();
  expect(textOf(new Uint8Array())).toBeUndefined();
});

test('an excerpt that cuts a character in two is still text', () => {
  expect(textOf(Buffer.from('温度').subarray(0, 5))).toBe('温');
});

test('any bytes come back whole from base64, and their first 64 from hex', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 512 }), (bytes) => {
      const { raw } = refusalView(entry(bytes));
      expect(new Uint8Array(Buffer.from(raw.base64, 'base64'))).toEqual(bytes);
      expect(new Uint8Array(Buffer.from(raw.hex, 'hex'))).toEqual(bytes.slice(0, 64));
    }),
  );
});

test('of the detail only known texts are shown', () => {
  const detail = { field: 'f', expected: 'e', received: 7, password: 'secret' };
  expect(refusalView(entry(new Uint8Array(), { detail })).detail).toEqual({ field: 'f', expected: 'e' });
  expect(refusalView(entry(new Uint8Array(), { detail: null })).detail).toEqual({});
});

test('the nearest names come first, and far-fetched ones not at all', () => {
  const names = ['air_temperature', 'soil_moisture', 'co2', 'o2'];
  expect(nearest('air_temprature', names)).toEqual(['air_temperature']);
  expect(nearest('moisture', names)).toEqual(['soil_moisture']);
  expect(nearest('O2', names)[0]).toBe('o2');
  expect(nearest('xyzzyxyzzyxyzzy', names)).toEqual([]);
  expect(nearest('x'.repeat(1_000_000), names)).toEqual([]);
});
