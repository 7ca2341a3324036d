import { env } from 'node:process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isLocalTime, parseIso, parseLocal } from './local-time.ts';

const near = Date.UTC(2026, 9, 25, 12);

it('a time with an offset is an instant, whatever the precision of its fraction', () => {
  expect(parseIso('2020-02-12T15:15:46.014773143Z')).toBe(Date.UTC(2020, 1, 12, 15, 15, 46, 14));
  expect(parseIso('2023-05-22T07:47:05.404859+00:00')).toBe(Date.UTC(2023, 4, 22, 7, 47, 5, 404));
  expect(parseIso('2023-05-22 15:47+0800')).toBe(Date.UTC(2023, 4, 22, 7, 47));
  expect(parseIso('1969-12-31T23:59:59-01:00')).toBe(3_599_000);
});

it('a day, hour or offset that does not exist is not an instant', () => {
  for (const text of [
    '2023-02-29T00:00:00Z',
    '2023-04-31T00:00:00Z',
    '2023-01-01T24:00:00Z',
    '2023-01-01T00:60:00Z',
    '2023-01-01',
    'now',
    '',
    '2023-01-01T00:00:00Zx',
  ]) {
    expect(parseIso(text)).toBeUndefined();
  }
  expect(parseIso('2023-01-01T00:00:00')).toBeUndefined();
  expect(isLocalTime('2023-01-01T00:00:00')).toBe(true);
  expect(isLocalTime('2023-01-01T00:00:00Z')).toBe(false);
});

it('a local time is read in its zone, not in that of the machine', () => {
  expect(parseLocal('2021-01-02T09:09:44', 'Asia/Shanghai', near)).toBe(Date.UTC(2021, 0, 2, 1, 9, 44));
  expect(parseLocal('2021-07-02T09:09:44', 'Europe/Berlin', near)).toBe(Date.UTC(2021, 6, 2, 7, 9, 44));
  expect(parseLocal('2021-01-02T09:09:44', 'Asia/Kathmandu', near)).toBe(Date.UTC(2021, 0, 2, 3, 24, 44));
  expect(env.TZ).not.toBe('Asia/Kathmandu');
});

it('an hour that the clock skipped is refused; of one that it repeats, the nearer to the receipt is meant', () => {
  expect(parseLocal('2026-03-29T02:30:00', 'Europe/Berlin', near)).toBeUndefined();
  const first = Date.UTC(2026, 9, 25, 0, 30);
  const second = Date.UTC(2026, 9, 25, 1, 30);
  expect(parseLocal('2026-10-25T02:30:00', 'Europe/Berlin', first + 60_000)).toBe(first);
  expect(parseLocal('2026-10-25T02:30:00', 'Europe/Berlin', second + 60_000)).toBe(second);
});

it('an unknown zone and a time with an offset of its own are not local times', () => {
  expect(parseLocal('2021-01-02T09:09:44', 'Mars/Olympus', near)).toBeUndefined();
  expect(parseLocal('2021-01-02T09:09:44', '', near)).toBeUndefined();
  expect(parseLocal('2021-01-02T09:09:44Z', 'Asia/Shanghai', near)).toBeUndefined();
});

it('what a clock in the zone shows at any instant is read back as that instant, but for a repeated hour', () => {
  const zones = fc.constantFrom(
    'Asia/Shanghai',
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'UTC',
  );
  const instants = fc.integer({ min: Date.UTC(2015, 0, 1) / 1_000, max: Date.UTC(2035, 0, 1) / 1_000 });
  const property = fc.property(zones, instants, (timeZone, seconds) => {
    const at = seconds * 1_000;
    const text = new Date(at).toLocaleString('sv-SE', { timeZone });
    expect(parseLocal(text, timeZone, at)).toBe(at);
  });
  fc.assert(property, { numRuns: 500 });
});
