/** Reading the times that devices write as text. Pure: the zone is given, never that of the machine. */
import type { Instant } from './time.ts';

const ISO = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?$/;

interface Written {
  /** The digits read as if they were UTC. */
  readonly wall: Instant;
  readonly offsetMs: number | undefined;
}

function parseWritten(text: string): Written | undefined {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second = '0', fraction = '0', offset] = match;
  const ms = Math.floor(Number(`0.${fraction}`) * 1_000);
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  const isDate = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  if (!isDate || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const wall = date.getTime() + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1_000 + ms;
  return { wall, offsetMs: offset === undefined ? undefined : parseOffset(offset) };
}

function parseOffset(text: string): number {
  if (text === 'Z') return 0;
  const sign = text.startsWith('-') ? -1 : 1;
  return sign * (Number(text.slice(1, 3)) * 60 + Number(text.slice(-2))) * 60_000;
}

/** Parses an ISO 8601 time that says its offset from UTC; undefined for anything else. */
export function parseIso(text: string): Instant | undefined {
  const written = parseWritten(text);
  return written?.offsetMs === undefined ? undefined : written.wall - written.offsetMs;
}

/** True for an ISO 8601 time without an offset, which only a known time zone makes an instant. */
export function isLocalTime(text: string): boolean {
  const written = parseWritten(text);
  return written !== undefined && written.offsetMs === undefined;
}

/**
 * Parses a local time in an IANA zone such as Asia/Shanghai. Of the hour that the end of summer time repeats, the
 * instant nearer to `near` is meant.
 * @returns undefined for a text that is no local time, a time the clock skipped, or an unknown zone
 */
export function parseLocal(text: string, zone: string, near: Instant): Instant | undefined {
  const written = parseWritten(text);
  const format = formatOf(zone);
  if (written === undefined || written.offsetMs !== undefined || format === undefined) return undefined;
  const { wall } = written;
  const dayMs = 86_400_000;
  // The offset in force is that of a day before or a day after: zones do not change twice in two days.
  const offsets = new Set([
    wallOf(format, wall - dayMs) - (wall - dayMs),
    wallOf(format, wall + dayMs) - (wall + dayMs),
  ]);
  const instants = [...offsets].map((offset) => wall - offset).filter((at) => wallOf(format, at) === wall);
  return instants.toSorted((a, b) => Math.abs(a - near) - Math.abs(b - near))[0];
}

/** Zones in use at once: every one that exists would still fit. */
const MAX_ZONES = 600;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    if (formats.size >= MAX_ZONES) formats.clear();
    formats.set(zone, format);
    return format;
  } catch {
    return undefined;
  }
}

/** What a clock in the zone shows at an instant, as if it were UTC. */
function wallOf(format: Intl.DateTimeFormat, at: Instant): Instant {
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const day = Date.UTC(part('year'), part('month') - 1, part('day'));
  const seconds = (part('hour') * 60 + part('minute')) * 60 + part('second');
  return day + seconds * 1_000 + (((at % 1_000) + 1_000) % 1_000);
}
