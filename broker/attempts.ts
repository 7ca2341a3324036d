/** Slows whoever guesses passwords, per address and per user name, without locking a device out by its name. */
import { type Clock, type Duration, type Instant, MINUTE, SECOND } from '../devices/index.ts';

/** A device that was given a wrong password by hand needs a few tries before anybody should wait. */
export const FREE_FAILURES = 5;
export const FIRST_DELAY: Duration = 250;
/** Longer would punish the installer who corrects the password more than the attacker. */
export const LONGEST_DELAY: Duration = 30 * SECOND;
/** Failures older than this are forgotten. */
export const FORGET_AFTER: Duration = 15 * MINUTE;
/** Per table, about 2 MB; the oldest failure makes room, and an attacker's own is always among the newest. */
export const MAX_TRACKED = 10_000;

interface Failures {
  readonly count: number;
  /** For a user name: how many addresses failed with it. */
  readonly sources: number;
  readonly last: Instant;
  readonly blockedUntil: Instant;
}

export interface Attempts {
  /** Milliseconds this attempt is too early; 0 lets it pass. */
  readonly tooEarly: (username: string, address: string, known: boolean) => Duration;
  /** Every attempt that passed begins, and then fails or succeeds. */
  readonly begin: (username: string) => void;
  readonly failed: (username: string, address: string) => void;
  readonly succeeded: (username: string) => void;
}

/**
 * Three things must hold at once: a guesser is slowed on one name and on many; a device behind the same address as a
 * guesser (or as a badly configured neighbour) still gets in; and failing on purpose with a device's name from
 * elsewhere does not keep that device out. So a blocked address stops unknown names and names that failed themselves,
 * and a blocked name stops addresses that failed themselves, or all once FREE_FAILURES addresses took part.
 */
export function attempts(clock: Clock): Attempts {
  const byName = new Map<string, Failures>();
  const byAddress = new Map<string, Failures>();
  // Attempts whose password is being checked; without them a thousand at once would all count as the first.
  // One entry per connection at most, which the broker limits.
  const underWay = new Map<string, number>();

  const current = (table: Map<string, Failures>, key: string): Failures | undefined => {
    const found = table.get(key);
    if (found === undefined) return undefined;
    const ageMs = clock() - found.last;
    // A negative age is a clock that was set back: such a record would otherwise block until the old time comes again.
    if (ageMs >= 0 && ageMs <= FORGET_AFTER) return found;
    table.delete(key);
    return undefined;
  };
  const add = (table: Map<string, Failures>, key: string, newSource: boolean): void => {
    const before = current(table, key);
    const count = (before?.count ?? 0) + 1;
    const now = clock();
    // Deleting first puts the key at the end of the map's order, so the first key is the one to forget.
    table.delete(key);
    table.set(key, {
      count,
      sources: (before?.sources ?? 0) + (newSource ? 1 : 0),
      last: now,
      blockedUntil: now + delayAfter(count),
    });
    if (table.size > MAX_TRACKED) {
      const oldest = table.keys().next();
      if (!oldest.done) table.delete(oldest.value);
    }
  };

  const end = (username: string): void => {
    const left = (underWay.get(username) ?? 1) - 1;
    if (left > 0) underWay.set(username, left);
    else underWay.delete(username);
  };

  return {
    begin: (username) => {
      underWay.set(username, (underWay.get(username) ?? 0) + 1);
    },
    tooEarly: (username, address, known) => {
      if ((underWay.get(username) ?? 0) >= FREE_FAILURES) return FIRST_DELAY;
      const now = clock();
      const name = current(byName, username);
      const place = current(byAddress, network(address));
      const nameWait = (name?.blockedUntil ?? now) - now;
      const placeWait = (place?.blockedUntil ?? now) - now;
      const nameCounts = place !== undefined || (name?.sources ?? 0) >= FREE_FAILURES;
      const placeCounts = !known || name !== undefined;
      return Math.max(0, nameCounts ? nameWait : 0, placeCounts ? placeWait : 0);
    },
    failed: (username, address) => {
      end(username);
      const firstFromHere = current(byAddress, network(address)) === undefined;
      add(byName, username, firstFromHere);
      add(byAddress, network(address), false);
    },
    succeeded: (username) => {
      end(username);
      byName.delete(username);
    },
  };
}

/** 0 for the first failures, then 250 ms doubling up to 30 s. */
export function delayAfter(failures: number): Duration {
  if (failures < FREE_FAILURES) return 0;
  return Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** (failures - FREE_FAILURES));
}

/** One subscriber holds a whole IPv6 /64, so that is what counts as an address. */
function network(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address;
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  return [...left, ...Array.from({ length: zeros }, () => '0'), ...right].slice(0, 4).join(':');
}
