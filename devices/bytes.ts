/**
 * A cursor over a frame that cannot read past its end: every read answers undefined once the bytes are used up, so a
 * truncated frame can never become a number.
 */
export interface ByteCursor {
  readonly offset: () => number;
  readonly remaining: () => number;
  readonly u8: () => number | undefined;
  readonly u16le: () => number | undefined;
  readonly u16be: () => number | undefined;
  readonly i16le: () => number | undefined;
  readonly i16be: () => number | undefined;
  readonly u32le: () => number | undefined;
  readonly u32be: () => number | undefined;
  readonly i32le: () => number | undefined;
  readonly i32be: () => number | undefined;
  readonly bytes: (length: number) => Uint8Array | undefined;
}

/** Reads `frame` from its start. A read that does not fit consumes nothing and answers undefined. */
export function byteCursor(frame: Uint8Array): ByteCursor {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  let at = 0;
  const take = (size: number, read: (offset: number) => number): number | undefined => {
    if (at + size > frame.byteLength) return undefined;
    const value = read(at);
    at += size;
    return value;
  };
  return {
    offset: () => at,
    remaining: () => frame.byteLength - at,
    u8: () => take(1, (o) => view.getUint8(o)),
    u16le: () => take(2, (o) => view.getUint16(o, true)),
    u16be: () => take(2, (o) => view.getUint16(o, false)),
    i16le: () => take(2, (o) => view.getInt16(o, true)),
    i16be: () => take(2, (o) => view.getInt16(o, false)),
    u32le: () => take(4, (o) => view.getUint32(o, true)),
    u32be: () => take(4, (o) => view.getUint32(o, false)),
    i32le: () => take(4, (o) => view.getInt32(o, true)),
    i32be: () => take(4, (o) => view.getInt32(o, false)),
    bytes: (length) => {
      if (length < 0 || at + length > frame.byteLength) return undefined;
      const part = frame.subarray(at, at + length);
      at += length;
      return part;
    },
  };
}

/** Builds a frame byte by byte; a number that does not fit its field is a RangeError. */
export interface ByteWriter {
  readonly u8: (value: number) => ByteWriter;
  readonly u16le: (value: number) => ByteWriter;
  readonly u16be: (value: number) => ByteWriter;
  readonly i16le: (value: number) => ByteWriter;
  readonly i16be: (value: number) => ByteWriter;
  readonly u32le: (value: number) => ByteWriter;
  readonly u32be: (value: number) => ByteWriter;
  readonly i32le: (value: number) => ByteWriter;
  readonly finish: () => Uint8Array;
}

export function byteWriter(): ByteWriter {
  const out: number[] = [];
  const put = (value: number, size: number, signed: boolean, little: boolean): ByteWriter => {
    const span = 2 ** (8 * size);
    const min = signed ? -span / 2 : 0;
    if (!Number.isInteger(value) || value < min || value >= min + span) {
      throw new RangeError(`${value} does not fit ${size} byte(s) of a frame`);
    }
    const bits = value < 0 ? value + span : value;
    for (let i = 0; i < size; i += 1) {
      out.push(Math.floor(bits / 256 ** (little ? i : size - 1 - i)) % 256);
    }
    return writer;
  };
  const writer: ByteWriter = {
    u8: (value) => put(value, 1, false, true),
    u16le: (value) => put(value, 2, false, true),
    u16be: (value) => put(value, 2, false, false),
    i16le: (value) => put(value, 2, true, true),
    i16be: (value) => put(value, 2, true, false),
    u32le: (value) => put(value, 4, false, true),
    u32be: (value) => put(value, 4, false, false),
    i32le: (value) => put(value, 4, true, true),
    finish: () => Uint8Array.from(out),
  };
  return writer;
}

/** Lower-case hexadecimal, two digits a byte. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** The bytes of a hexadecimal text (spaces allowed), or undefined when it is not one. */
export function parseHex(text: string): Uint8Array | undefined {
  const digits = text.replaceAll(' ', '');
  if (digits.length % 2 !== 0 || !/^[0-9A-Fa-f]*$/.test(digits)) return undefined;
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
