import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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
});
