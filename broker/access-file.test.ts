import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type AccessEntry,
  deriveKey,
  type FileAccess,
  formatAccess,
  KDF,
  openAccess,
} from './access-file.ts';

let dir: string;
let path: string;
let access: FileAccess;
let now = 1_790_000_000_000;

async function entry(device: string, password: string): Promise<AccessEntry> {
  const salt = Buffer.alloc(16, device);
  const hash = (await deriveKey(password, salt)).toString('hex');
  return { username: device, site: 'farm', device, kdf: KDF, salt: salt.toString('hex'), hash };
}

const attempt = (username: string, password: string, more: { clientId?: string; address?: string } = {}) =>
  access.authenticate({ username, password, clientId: username, address: '10.0.0.1', ...more });

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'greenlane-access-'));
  path = join(dir, 'access.json');
  writeFileSync(
    path,
    formatAccess([await entry('a', 'secret-a'), await entry('b', 'secret-b'), await entry('__proto__', 'p')]),
  );
  now = 1_790_000_000_000;
  access = openAccess(path, { pollMs: 20, clock: () => now });
});
afterEach(() => {
  access.close();
  rmSync(dir, { recursive: true, force: true });
});

describe('the access file', () => {
  test('lets a device in under its own id, below its own topics', async () => {
    expect(await attempt('a', 'secret-a')).toEqual({
      ok: true,
      identity: { username: 'a', site: 'farm', device: 'a', prefix: 'greenlane/farm/a/' },
    });
  });

  test.each([
    ['a', 'secret-b', 'bad_credentials'],
    ['nobody', 'secret-a', 'unknown_device'],
    ['', '', 'bad_credentials'],
    ['#', 'secret-a', 'unknown_device'],
    ['+', 'secret-a', 'unknown_device'],
    ['a/b', 'secret-a', 'unknown_device'],
    ['constructor', 'secret-a', 'unknown_device'],
  ])('refuses user %j with password %j as %s', async (username, password, reason) => {
    expect(await attempt(username, password)).toMatchObject({ ok: false, reason });
  });

  test('__proto__ is an id like any other', async () => {
    expect(await attempt('__proto__', 'p')).toMatchObject({ ok: true });
  });

  test("a's password under b's client id is refused as client_id_mismatch", async () => {
    expect(await attempt('a', 'secret-a', { clientId: 'b' })).toMatchObject({
      ok: false,
      reason: 'client_id_mismatch',
    });
  });

  test.each(['', '{', '[]', '{"version":1}', '{"version":1,"credentials":[{}]}'])(
    'with the content %j lets nobody in, and says so',
    async (text) => {
      writeFileSync(path, text);
      access.refresh();
      expect(await attempt('a', 'secret-a')).toMatchObject({ ok: false });
      expect(access.health().ok).toBe(false);
    },
  );

  test('cut at any byte lets nobody in who was not there, and never throws', async () => {
    const whole = formatAccess([await entry('a', 'secret-a')]);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), async (cut) => {
        writeFileSync(path, whole.slice(0, cut));
        access.refresh();
        expect(await attempt('intruder', 'x', { address: `10.1.0.${cut % 250}` })).toMatchObject({
          ok: false,
        });
      }),
      { numRuns: 30 },
    );
  });

  test('a removed credential is told to its live connection within one look, and no longer works', async () => {
    const revoked: string[] = [];
    access.onChange((names) => revoked.push(...names));
    expect(await attempt('a', 'secret-a')).toMatchObject({ ok: true });
    writeFileSync(path, formatAccess([await entry('b', 'secret-b')]));
    access.refresh();
    expect(revoked).toContain('a');
    expect(await attempt('a', 'secret-a')).toMatchObject({ ok: false, reason: 'unknown_device' });
  });

  test('after five wrong passwords even the right one waits, and works again later', async () => {
    for (let n = 0; n < 8; n++) await attempt('a', `wrong-${n}`);
    expect(await attempt('a', 'secret-a')).toMatchObject({ ok: false, reason: 'too_many_attempts' });
    now += 60_000;
    expect(await attempt('a', 'secret-a')).toMatchObject({ ok: true });
  });

  test('is looked at by itself: a revocation takes effect within one poll, without a restart', async () => {
    vi.useFakeTimers();
    try {
      const polled = openAccess(path, { pollMs: 500, clock: () => now });
      const revoked: string[] = [];
      polled.onChange((names) => revoked.push(...names));
      writeFileSync(path, formatAccess([]));
      vi.advanceTimersByTime(499);
      expect(revoked).toEqual([]);
      vi.advanceTimersByTime(1);
      expect(revoked.sort()).toEqual(['__proto__', 'a', 'b']);
      polled.close();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test('that is damaged and then whole again ends only the connections whose credential is gone', async () => {
    const revoked: string[] = [];
    access.onChange((names) => revoked.push(...names));
    writeFileSync(path, '{"version":1,"credentials":[');
    access.refresh();
    expect([revoked, access.health().ok]).toEqual([[], false]);
    writeFileSync(path, formatAccess([await entry('a', 'secret-a'), await entry('__proto__', 'changed')]));
    access.refresh();
    expect(revoked.sort()).toEqual(['__proto__', 'b']);
    expect(access.health()).toEqual({ ok: true, credentials: 2 });
  });

  test.each(['missing', 'unreadable'])(
    'that is %s lets nobody in, and lets all in once it is back',
    async (how) => {
      const text = readFileSync(path, 'utf8');
      rmSync(path);
      if (how === 'unreadable') mkdirSync(path);
      access.refresh();
      expect(await attempt('a', 'secret-a')).toMatchObject({ ok: false, reason: 'unknown_device' });
      expect(access.health().problem).toMatch(how === 'missing' ? /missing/ : /cannot be read \(EISDIR\)/);
      rmSync(path, { recursive: true, force: true });
      writeFileSync(path, text);
      access.refresh();
      expect(await attempt('a', 'secret-a')).toMatchObject({ ok: true });
    },
  );

  test('that changes while a password is being checked decides by what it says afterwards', async () => {
    const without = formatAccess([await entry('b', 'secret-b')]);
    const pending = attempt('a', 'secret-a');
    writeFileSync(path, without);
    access.refresh();
    expect(await pending).toMatchObject({ ok: false });
  });

  test('lets a device that was in before in again while others guess at its name from its own address', async () => {
    expect(await attempt('a', 'secret-a')).toMatchObject({ ok: true });
    for (let n = 0; n < 20; n++) await attempt('a', `wrong-${n}`);
    expect(await attempt('a', 'wrong')).toMatchObject({ ok: false, reason: 'too_many_attempts' });
    expect(await attempt('a', 'secret-a')).toMatchObject({ ok: true });
  });
});
