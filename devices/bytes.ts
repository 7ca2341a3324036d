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
