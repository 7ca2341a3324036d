import { expect, it } from 'vitest';
import {
  DAY,
  EARLIEST_PLAUSIBLE,
  HOUR,
  isPlausible,
  MAX_AHEAD,
  MINUTE,
  parseDuration,
  SECOND,
} from './time.ts';
import { deviceTopic, isId, leaves, parseDeviceTopic } from './topic.ts';

it.each([
  ['90s', 90 * SECOND],
  ['1h30m', 90 * MINUTE],
  ['2d', 2 * DAY],
  ['250ms', 250],
  ['1.5h', 1.5 * HOUR],
])('%s is %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

it('a text that is no positive duration is refused in full', () => {
  for (const text of ['', '0s', '5', 's', '-1s', '1s ', '1 s', '1s2', '1w', '1e3s', 'x1s']) {
    expect(parseDuration(text)).toBeUndefined();
  }
});

it('a time is believed from 2015 to 10 min ahead of the server, both included', () => {
  const now = Date.UTC(2026, 8, 21);
  expect(isPlausible(EARLIEST_PLAUSIBLE, now)).toBe(true);
  expect(isPlausible(EARLIEST_PLAUSIBLE - 1, now)).toBe(false);
  expect(isPlausible(now + MAX_AHEAD, now)).toBe(true);
  expect(isPlausible(now + MAX_AHEAD + 1, now)).toBe(false);
  expect(isPlausible(Number.NaN, now)).toBe(false);
});

it('an id has 1 to 64 of A-Z a-z 0-9 _ . - and is no path', () => {
  for (const id of ['a', 'A840410000000001', 'probe-1', 'a.b_c', 'x'.repeat(64)]) expect(isId(id)).toBe(true);
  for (const id of ['', '.', '..', 'a/b', 'a b', 'a\n', '#', '+', 'é', 'x'.repeat(65)])
    expect(isId(id)).toBe(false);
});

it('a topic of a device is put together and taken apart to the same parts; anything else is nobody’s', () => {
  for (const leaf of leaves) {
    expect(parseDeviceTopic(deviceTopic('site', 'device', leaf))).toEqual({
      site: 'site',
      device: 'device',
      leaf,
    });
  }
  for (const topic of [
    'greenlane/a/b',
    'greenlane/a/b/up/x',
    'greenlane//b/up',
    'x/a/b/up',
    'greenlane/a/b/UP',
    '',
  ]) {
    expect(parseDeviceTopic(topic)).toBeUndefined();
  }
});
