import type { Instant } from '../../devices/index.ts';

/** A series as line protocol sees it: the texts were checked, nothing in them needs escaping. */
export interface LineSeries {
  readonly index: number;
  readonly measurement: string;
  readonly site: string;
  readonly place: string;
  readonly device: string;
  readonly channel: string;
  readonly field: string;
}

export interface LineBatch {
  readonly series: readonly LineSeries[];
  readonly at: readonly Instant[];
  readonly value: readonly number[];
}

/** A series' part of its lines, as bytes. */
interface Prefix {
  readonly series: LineSeries;
  /** `cold_chain,channel=main,device=d1,place=room-1,site=s1 `: tags in byte order, as the server sorts them. */
  readonly head: Buffer;
  /** `air_temperature=` */
  readonly field: Buffer;
  /** Same number, same head. */
  readonly tags: number;
}

/** Longest text of a value (`-1.2345678901234567e-290`), a comma or space, a time and a line end. */
const NUMBERS_BYTES = 48;

/** Fields merged into one line; more quantities at one time of one channel do not occur. */
const MAX_FIELDS = 16;

/** Tag sets whose number is remembered. Bounds memory only: a tag set seen again later gets a new number. */
const MAX_TAG_SETS = 1_000_000;

export interface LineEncoder {
  /**
   * Lines for some points of a batch: floats, milliseconds. Points that follow each other with the same tags and time
   * share a line, which costs the server 40 % less with four of them; `apart` gives each point its own.
   */
  readonly encode: (batch: LineBatch, points: Int32Array, apart: boolean) => Buffer;
}

export function createLineEncoder(): LineEncoder {
  const prefixes: (Prefix | undefined)[] = [];
  const tagSets = new Map<string, number>();
  let tagSetsSeen = 0;

  const prefixOf = (series: LineSeries): Prefix => {
    const found = prefixes[series.index];
    if (found?.series === series) return found;
    const { measurement, channel, device, place, site } = series;
    const head = `${measurement},channel=${channel},device=${device},place=${place},site=${site} `;
    let tags = tagSets.get(head);
    if (tags === undefined) {
      if (tagSets.size >= MAX_TAG_SETS) tagSets.clear();
      tags = tagSetsSeen++;
      tagSets.set(head, tags);
    }
    const fresh = {
      series,
      head: Buffer.from(head, 'latin1'),
      field: Buffer.from(`${series.field}=`, 'latin1'),
      tags,
    };
    prefixes[series.index] = fresh;
    return fresh;
  };

  return {
    encode: (batch, points, apart) => {
      let bytes: Buffer = Buffer.allocUnsafe(1024 + points.length * 112);
      let pos = 0;
      let line: Prefix | undefined;
      let lineAt = -1;
      const fields: LineSeries[] = [];
      for (const point of points) {
        const series = batch.series[point];
        if (series === undefined) continue;
        const prefix = prefixOf(series);
        const at = batch.at[point] ?? 0;
        if (pos + prefix.head.length + prefix.field.length + 2 * NUMBERS_BYTES > bytes.length)
          bytes = grown(bytes);
        const joins =
          !apart &&
          line?.tags === prefix.tags &&
          lineAt === at &&
          fields.length < MAX_FIELDS &&
          // A field named twice in a line: which one counts is nowhere said. The later line wins for certain.
          !fields.includes(series);
        if (joins) {
          bytes[pos++] = COMMA;
        } else {
          if (line !== undefined) pos = endLine(bytes, pos, lineAt);
          bytes.set(prefix.head, pos);
          pos += prefix.head.length;
          line = prefix;
          lineAt = at;
          fields.length = 0;
        }
        fields.push(series);
        bytes.set(prefix.field, pos);
        pos = writeNumber(bytes, pos + prefix.field.length, batch.value[point] ?? 0);
      }
      if (line !== undefined) pos = endLine(bytes, pos, lineAt);
      return bytes.subarray(0, pos);
    },
  };
}

function grown(bytes: Buffer): Buffer {
  const larger = Buffer.allocUnsafe(bytes.length * 2);
  bytes.copy(larger);
  return larger;
}

const NEWLINE = 10;
const SPACE = 32;
const COMMA = 44;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;

function endLine(bytes: Buffer, start: number, at: Instant): number {
  bytes[start] = SPACE;
  // Two halves, because a whole instant does not fit the 32 bit integers that digits are fast with.
  const seconds = Math.floor(at / 1_000);
  let pos = start + 1;
  if (seconds > 0) pos = writeDigits(bytes, pos, seconds, countDigits(seconds));
  const rest = at - seconds * 1_000;
  pos = writeDigits(bytes, pos, rest, seconds > 0 ? 3 : countDigits(rest));
  bytes[pos] = NEWLINE;
  return pos + 1;
}

/** Above this the fast way would leave 32 bit integers. No reading of ours is above. */
const FAST_BELOW = 1_000_000;

/**
 * The shortest text that reads back as exactly this number. Sensors send few decimals: when value x 10^d is whole, the
 * decimal k / 10^d is exact because IEEE 754 division rounds correctly, and four digits are written several
 * times faster than String() finds them (`node ingest/store/bench.ts` shows lines per second).
 */
function writeNumber(bytes: Buffer, start: number, value: number): number {
  let pos = start;
  const size = Math.abs(value);
  if (size < FAST_BELOW) {
    for (let decimals = 0, scale = 1; decimals <= 3; decimals += 1, scale *= 10) {
      const scaled = Math.round(size * scale);
      if (scaled / scale !== size) continue;
      if (value < 0) bytes[pos++] = MINUS;
      const whole = Math.floor(scaled / scale);
      pos = writeDigits(bytes, pos, whole, countDigits(whole));
      if (decimals === 0) return pos;
      bytes[pos++] = POINT;
      return writeDigits(bytes, pos, scaled - whole * scale, decimals);
    }
  }
  return pos + bytes.write(String(value), pos, 'latin1');
}

function countDigits(whole: number): number {
  let digits = 1;
  for (let limit = 10; whole >= limit; limit *= 10) digits += 1;
  return digits;
}

/** Decimal digits of a whole number, filled up with zeros to `digits`. */
function writeDigits(bytes: Buffer, start: number, whole: number, digits: number): number {
  let rest = whole;
  for (let pos = start + digits - 1; pos >= start; pos -= 1) {
    const tenth = Math.floor(rest / 10);
    bytes[pos] = ZERO + (rest - tenth * 10);
    rest = tenth;
  }
  return start + digits;
}
