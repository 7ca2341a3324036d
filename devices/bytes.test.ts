import fc from 'fast-check';
import { expect, it } from 'vitest';
import { byteCursor, byteWriter, parseHex, toHex } from './bytes.ts';

it('a read that does not fit gives undefined and consumes nothing', () => {
  const cursor = byteCursor(Uint8Array.of(1, 2, 3));
  expect(cursor.u16be()).toBe(0x0102);
  expect(cursor.u16le()).toBeUndefined();
  expect(cursor.i32be()).toBeUndefined();
  expect(cursor.bytes(2)).toBeUndefined();
  expect(cursor.bytes(-1)).toBeUndefined();
  expect(cursor.remaining()).toBe(1);
  expect(cursor.u8()).toBe(3);
  expect(cursor.u8()).toBeUndefined();
});

it('reads a part of a larger buffer and never beyond that part', () => {
  const part = Uint8Array.of(0xaa, 1, 2, 0xbb).subarray(1, 3);
  const cursor = byteCursor(part);
  expect(cursor.u16le()).toBe(0x0201);
  expect(cursor.u8()).toBeUndefined();
});

it('what is written is read back, in both byte orders and with its sign', () => {
  const property = fc.property(
    fc.integer({ min: -0x8000, max: 0x7fff }),
    fc.integer({ min: 0, max: 0xffff }),
    fc.integer({ min: -0x80000000, max: 0x7fffffff }),
    fc.integer({ min: 0, max: 0xffffffff }),
    (i16, u16, i32, u32) => {
      const bytes = byteWriter()
        .i16le(i16)
        .i16be(i16)
        .u16le(u16)
        .u16be(u16)
        .i32le(i32)
        .u32le(u32)
        .u32be(u32)
        .finish();
      const c = byteCursor(bytes);
      const read = [c.i16le(), c.i16be(), c.u16le(), c.u16be(), c.i32le(), c.u32le(), c.u32be()];
      expect(read).toEqual([i16, i16, u16, u16, i32, u32, u32]);
      expect(parseHex(toHex(bytes))).toEqual(bytes);
    },
  );
  fc.assert(property);
});

it('a number that does not fit its field is a RangeError', () => {
  for (const write of [
    () => byteWriter().u8(256),
    () => byteWriter().u8(-1),
    () => byteWriter().i16be(0x8000),
    () => byteWriter().u16le(1.5),
    () => byteWriter().u32be(Number.NaN),
  ]) {
    expect(write).toThrow(RangeError);
  }
});

it('a text that is not hexadecimal in full is not read in part', () => {
  expect(parseHex('01 fF')).toEqual(Uint8Array.of(1, 255));
  for (const text of ['0', '0g', '0x01', '01\n']) expect(parseHex(text)).toBeUndefined();
});
