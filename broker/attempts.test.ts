import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  type Attempts,
  attempts,
  delayAfter,
  FORGET_AFTER,
  FREE_FAILURES,
  LONGEST_DELAY,
  MAX_TRACKED,
} from './attempts.ts';

let now = 0;
let tries: Attempts;
beforeEach(() => {
  now = 1_790_000_000_000;
  tries = attempts(() => now);
});

function fail(username: string, address: string, times = 1): void {
  for (let i = 0; i < times; i++) {
    tries.begin(username);
    tries.failed(username, address);
  }
}

const HOME = '192.0.2.1';
const AWAY = '198.51.100.9';

describe('guessing', () => {
  test('is free four times, then waits 250 ms, 500 ms, ... and never more than 30 s', () => {
    expect([1, 4, 5, 6, 7, 11, 12, 13, 1_000].map(delayAfter)).toEqual([
      0, 0, 250, 500, 1_000, 16_000, 30_000, 30_000, 30_000,
    ]);
  });

  test('one password after another from one address is slowed to one in 30 s', () => {
    let verified = 0;
    const start = now;
    // A guess every 100 ms for 15 minutes.
    for (; now < start + 15 * 60_000; now += 100) {
      if (tries.tooEarly('probe-1', AWAY, true) > 0) continue;
      verified += 1;
      fail('probe-1', AWAY);
    }
    expect(verified).toBeLessThan(5 + 7 + 30);
    expect(verified).toBeGreaterThan(30);
  });

  test('one password per name over a thousand names nobody has is slowed by its address', () => {
    let passed = 0;
    for (let i = 0; i < 1_000; i++) {
      if (tries.tooEarly(`guess-${i}`, AWAY, false) > 0) continue;
      passed += 1;
      fail(`guess-${i}`, AWAY);
    }
    expect(passed).toBe(FREE_FAILURES);
  });

  test('one name from many addresses is slowed once five of them failed', () => {
    let passed = 0;
    for (let i = 0; i < 200; i++) {
      if (tries.tooEarly('probe-1', `10.0.0.${i}`, true) > 0) continue;
      passed += 1;
      fail('probe-1', `10.0.0.${i}`);
    }
    expect(passed).toBe(FREE_FAILURES);
  });

  test('many at once counts before the first answer: at most five passwords of a name are checked together', () => {
    let passed = 0;
    for (let i = 0; i < 1_000; i++) {
      if (tries.tooEarly('probe-1', AWAY, true) > 0) continue;
      passed += 1;
      tries.begin('probe-1');
    }
    expect(passed).toBe(FREE_FAILURES);
    for (let i = 0; i < passed; i++) tries.succeeded('probe-1');
    expect(tries.tooEarly('probe-1', AWAY, true)).toBe(0);
  });

  test('from the other addresses of an IPv6 /64 is the same guesser; another /64 is not', () => {
    for (let i = 0; i < 20; i++) fail(`x${i}`, `2001:db8::${i.toString(16)}`);
    expect(tries.tooEarly('y', '2001:db8:0:0:ffff::1', false)).toBeGreaterThan(0);
    expect(tries.tooEarly('y', '2001:db8:0:1::1', false)).toBe(0);
  });
});

describe('a device that does nothing wrong', () => {
  test('gets in while somebody elsewhere fails with its name', () => {
    fail('probe-1', AWAY, 500);
    expect(tries.tooEarly('probe-1', AWAY, true)).toBeGreaterThan(0);
    expect(tries.tooEarly('probe-1', HOME, true)).toBe(0);
  });

  test('gets in while a neighbour behind the same address fails without end', () => {
    fail('badly-configured', HOME, 500);
    expect(tries.tooEarly('badly-configured', HOME, true)).toBeGreaterThan(0);
    expect(tries.tooEarly('probe-1', HOME, true)).toBe(0);
    expect(tries.tooEarly('guessed-name', HOME, false)).toBeGreaterThan(0);
  });

  test('is forgiven its own failures by the right password, and by 15 quiet minutes', () => {
    fail('probe-1', HOME, 4);
    tries.begin('probe-1');
    tries.succeeded('probe-1');
    fail('probe-1', HOME, 20);
    now += FORGET_AFTER + 1;
    expect(tries.tooEarly('probe-1', HOME, true)).toBe(0);
  });
});

describe('the record of failures', () => {
  test('never makes anybody wait longer than 30 s, whatever happened and however the clock was set', () => {
    const name = fc.constantFrom('a', 'b', '__proto__', '');
    const address = fc.constantFrom('192.0.2.1', '2001:db8::1', '::ffff:192.0.2.1', '', '::');
    const event = fc.record({
      name,
      address,
      fails: fc.boolean(),
      passMs: fc.integer({ min: -1e9, max: 1e9 }),
    });
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 80 }),
        name,
        address,
        fc.boolean(),
        (events, who, where, known) => {
          tries = attempts(() => now);
          for (const one of events) {
            now += one.passMs;
            tries.begin(one.name);
            if (one.fails) tries.failed(one.name, one.address);
            else tries.succeeded(one.name);
          }
          expect(tries.tooEarly(who, where, known)).toBeLessThanOrEqual(LONGEST_DELAY);
          now += LONGEST_DELAY;
          expect(tries.tooEarly(who, where, known)).toBe(0);
        },
      ),
    );
  });

  test('forgets the oldest beyond its limit, never the one who is failing now', () => {
    for (let i = 0; i < MAX_TRACKED + 100; i++) {
      fail(`name-${i}`, `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
      if (i % 50 === 0) fail('attacker-name', AWAY);
    }
    expect(tries.tooEarly('attacker-name', AWAY, true)).toBeGreaterThan(0);
  });
});
