/**
 * Time as Greenlane keeps it: an Instant is milliseconds since 1970 in UTC, a Duration is milliseconds.
 * The clock is always a parameter: nothing below `dashboards/main.ts` reads the wall clock by itself.
 */

/** UTC milliseconds since 1970-01-01. */
export type Instant = number;

/** Milliseconds. */
export type Duration = number;

/** Reads the wall clock; tests pass a virtual one. */
export type Clock = () => Instant;

export const SECOND: Duration = 1_000;
export const MINUTE: Duration = 60 * SECOND;
export const HOUR: Duration = 60 * MINUTE;
export const DAY: Duration = 24 * HOUR;

const unitMs: Readonly<Record<string, Duration>> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY };

/**
 * Parses "90s", "1h30m", "2d", "250ms".
 * @returns milliseconds, or undefined when the text is not a positive duration
 */
export function parseDuration(text: string): Duration | undefined {
  const pattern = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/gy;
  let total = 0;
  let consumed = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    total += Number(match[1]) * (unitMs[match[2] ?? ''] ?? Number.NaN);
    consumed = pattern.lastIndex;
  }
  return consumed === text.length && total > 0 ? total : undefined;
}

/** Before this no sensor of ours existed: an older device clock was never set (design section 6). */
export const EARLIEST_PLAUSIBLE: Instant = Date.UTC(2015, 0, 1);

/** A device clock may run this far ahead of ours before its time is not believed (design section 6). */
export const MAX_AHEAD: Duration = 10 * MINUTE;

/** True when a device's own time can be believed by a server that received it at `receivedAt`. */
export function isPlausible(measuredAt: Instant, receivedAt: Instant): boolean {
  return measuredAt >= EARLIEST_PLAUSIBLE && measuredAt <= receivedAt + MAX_AHEAD;
}
