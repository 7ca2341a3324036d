import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ACCESS_FILE, openAccess, parseAccess } from '../../broker/index.ts';
import { temporaryStates } from '../state/state.fixture.ts';
import type { State } from '../state/state.ts';
import { syncAccessFile } from './access-sync.ts';
import { issueCredential, revokeCredential, rotateCredential } from './credentials.ts';
import { addDevice, moveDevice, retireDevice } from './devices.ts';
import type { Outcome } from './outcome.ts';
import { registerDevice } from './register.ts';
import { addPlace, addSite } from './sites.ts';
import { loadSnapshot, snapshotRevision } from './snapshot.ts';
import { addToken, listTokens, revokeToken, verifyToken } from './tokens.ts';

const states = temporaryStates();
const NOW = 1_790_000_000_000;
const probe = { id: 'probe-1', site: 'village', place: 'room-1', timeZone: 'Asia/Shanghai' };

function value<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(outcome.problem.message);
  return outcome.value;
}

function problemOf(outcome: Outcome<unknown>): string {
  return outcome.ok
    ? 'accepted'
    : `${outcome.problem.kind} ${outcome.problem.field}: ${outcome.problem.message}`;
}

function usernames(state: State): readonly string[] {
  const parsed = parseAccess(readFileSync(join(state.dir, ACCESS_FILE), 'utf8'));
  return parsed.ok ? parsed.entries.map(({ username }) => username) : [parsed.problem];
}

describe('registering a device', () => {
  test('makes the site and the place it needs, says so, and the second device finds them', async () => {
    const state = await states.open();
    expect(value(await registerDevice(state, { ...probe, kind: 'bin' }, NOW)).created).toEqual([
      { what: 'site', id: 'village' },
      { what: 'place', id: 'room-1' },
    ]);
    expect(value(await registerDevice(state, { ...probe, id: 'probe-2' }, NOW)).created).toEqual([]);
    const snapshot = await loadSnapshot(state);
    expect(snapshot.resolve('probe-2', 'any', NOW)).toEqual({
      site: 'village',
      place: 'room-1',
      kind: 'bin',
    });
    expect(snapshot.timeZone('village')).toBe('Asia/Shanghai');
  });

  test.each([
    [{ id: '#' }, /^invalid device: "#" cannot be a device id; use 1 to 64 of the characters/],
    [{ id: '+' }, /^invalid device:/],
    [{ id: 'a/b' }, /^invalid device:/],
    [{ id: '..' }, /^invalid device:/],
    [{ id: '' }, /^invalid device:/],
    [{ id: 'x'.repeat(65) }, /^invalid device:/],
    [{ site: 'a b' }, /^invalid site:/],
    [{ place: '冷库' }, /^invalid place:.*other writing goes into the name/],
    [{ model: 'Milesight EM300' }, /^invalid model: .* write it like "milesight\/em500-smtc"/],
    [{ name: ' ' }, /^invalid name:/],
    [{ name: 'a\nb' }, /^invalid name:/],
    [{ timeZone: 'Mars/Base' }, /^invalid time_zone: "Mars\/Base" is not a time zone/],
  ])('with %j leaves nothing behind and names field and fix', async (change, message) => {
    const state = await states.open();
    expect(problemOf(await registerDevice(state, { ...probe, ...change }, NOW))).toMatch(message);
    for (const table of ['site', 'place', 'device', 'credential'])
      expect(state.raw.prepare(`select count(*) as n from ${table}`).get()).toMatchObject({ n: 0 });
    expect(snapshotRevision(state)).toBe(0);
  });

  test('refuses a second of the same id, a place of another site and a place of another kind', async () => {
    const state = await states.open();
    value(await registerDevice(state, probe, NOW));
    expect(problemOf(await registerDevice(state, probe, NOW))).toMatch(
      /^conflict device: device "probe-1" exists already; "rotate probe-1" gives it a new password/,
    );
    expect(problemOf(await registerDevice(state, { ...probe, id: 'p', site: 'other' }, NOW))).toBe(
      'conflict place: place "room-1" is in site "village", not in "other"',
    );
    expect(problemOf(await registerDevice(state, { ...probe, id: 'p', kind: 'bin' }, NOW))).toBe(
      'conflict kind: place "room-1" is a room, not a bin',
    );
    value(await retireDevice(state, 'probe-1', NOW));
    expect(problemOf(await registerDevice(state, probe, NOW))).toMatch(
      /was retired on 2026-09-21 and its history keeps/,
    );
  });

  test('in four processes at once loses none of their 40 devices, in the registry and in the access file', async () => {
    const dir = states.dir();
    const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
    const script = `const { openState } = await import(${url('../state/state.ts')});
      const { registerDevice } = await import(${url('./register.ts')});
      const state = await openState(process.argv[1]);
      for (let i = 0; i < 10; i++) {
        const id = process.argv[2] + '-' + i;
        const device = { id, site: 'village', place: 'room-' + (i % 3), timeZone: 'UTC' };
        const outcome = await registerDevice(state, device, ${NOW});
        if (!outcome.ok) throw new Error(outcome.problem.message);
      }
      await state.close();`;
    const run = (name: string) =>
      promisify(execFile)(process.execPath, [
        '--input-type=module',
        '-e',
        script,
        join(dir, 'state.db'),
        name,
      ]);
    await Promise.all(['a', 'b', 'c', 'd'].map(run));
    const state = await states.open(dir);
    const expected = ['a', 'b', 'c', 'd'].flatMap((name) =>
      Array.from({ length: 10 }, (_, i) => `${name}-${i}`),
    );
    expect(usernames(state)).toEqual(expected.sort());
    const snapshot = await loadSnapshot(state);
    for (const id of expected) expect(snapshot.resolve(id, 'main', NOW)).toBeDefined();
    expect(snapshot.revision).toBe(40);
    expect(readdirSync(dir).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('a snapshot', () => {
  test('resolves what a device measured before, between and after its moves, and keeps its revision', async () => {
    const state = await states.open();
    value(await registerDevice(state, { ...probe, from: NOW }, NOW));
    value(await addPlace(state, { id: 'truck', site: 'village', kind: 'vehicle' }, NOW));
    const before = await loadSnapshot(state);
    value(await moveDevice(state, { device: 'probe-1', place: 'truck', at: NOW + 100 }));
    value(await moveDevice(state, { device: 'probe-1', place: 'room-1', channel: 'probe-b', at: NOW + 200 }));
    value(await retireDevice(state, 'probe-1', NOW + 300));
    const after = await loadSnapshot(state);
    const places = [NOW - 1, NOW, NOW + 99, NOW + 100, NOW + 250, NOW + 299, NOW + 300].map(
      (at) => after.resolve('probe-1', 'main', at)?.place,
    );
    expect(places).toEqual([undefined, 'room-1', 'room-1', 'truck', 'truck', 'truck', undefined]);
    expect(after.resolve('probe-1', 'probe-b', NOW + 250)?.place).toBe('room-1');
    expect(after.device('probe-1')).toEqual({ id: 'probe-1', site: 'village', retiredAt: NOW + 300 });
    expect(before.resolve('probe-1', 'main', NOW + 250)?.place).toBe('room-1');
    expect([before.revision, after.revision, snapshotRevision(state)]).toEqual([2, 5, 5]);
  });

  test('gives the same object for the same place, so that it can key a cache', async () => {
    const state = await states.open();
    value(await registerDevice(state, probe, NOW));
    const { resolve } = await loadSnapshot(state);
    expect(resolve('probe-1', 'a', 1)).toBe(resolve('probe-1', 'b', NOW));
  });

  test('knows nobody called like a property of an object, unless they are registered', async () => {
    const state = await states.open();
    const names = ['__proto__', 'constructor', 'hasOwnProperty'];
    for (const id of names) expect((await loadSnapshot(state)).resolve(id, 'main', NOW)).toBeUndefined();
    for (const id of names) value(await registerDevice(state, { ...probe, id, place: id }, NOW));
    for (const id of names)
      expect((await loadSnapshot(state)).resolve(id, id, NOW)).toMatchObject({ place: id });
  });

  test('takes a device that travels to be where it is: the place’s site, not its own', async () => {
    const state = await states.open();
    value(await registerDevice(state, probe, NOW));
    value(await addSite(state, { id: 'city', timeZone: 'UTC' }, NOW));
    value(await addPlace(state, { id: 'warehouse', site: 'city', kind: 'room' }, NOW));
    value(await moveDevice(state, { device: 'probe-1', place: 'warehouse', at: NOW }));
    expect((await loadSnapshot(state)).resolve('probe-1', 'main', NOW)?.site).toBe('city');
  });

  test('refuses moves of nobody, to nowhere, and a retirement before a known move', async () => {
    const state = await states.open();
    value(await registerDevice(state, { ...probe, from: NOW }, NOW));
    expect(problemOf(await moveDevice(state, { device: 'x', place: 'room-1', at: NOW }))).toMatch(
      /^missing device:/,
    );
    expect(problemOf(await moveDevice(state, { device: 'probe-1', place: 'x', at: NOW }))).toMatch(
      /^missing place:/,
    );
    expect(
      problemOf(await moveDevice(state, { device: 'probe-1', place: 'room-1', channel: 'a/b', at: NOW })),
    ).toMatch(/^invalid channel:/);
    expect(problemOf(await retireDevice(state, 'probe-1', NOW - 1))).toMatch(/^conflict at:/);
  });
});

describe('a credential', () => {
  const attempt = (access: ReturnType<typeof openAccess>, password: string, name = 'probe-1') =>
    access.authenticate({ username: name, password, clientId: name, address: '192.0.2.7' });

  test('connects until it is revoked, which takes effect with the next look, without a restart', async () => {
    const state = await states.open();
    const { credential } = value(await registerDevice(state, probe, NOW));
    const access = openAccess(join(state.dir, ACCESS_FILE), { clock: () => NOW });
    try {
      const ended: string[] = [];
      access.onChange((names) => ended.push(...names));
      expect(await attempt(access, credential.password)).toMatchObject({ ok: true });
      value(await revokeCredential(state, 'probe-1', NOW));
      access.refresh();
      expect(ended).toEqual(['probe-1']);
      expect(await attempt(access, credential.password)).toMatchObject({
        ok: false,
        reason: 'unknown_device',
      });
      const again = value(await issueCredential(state, 'probe-1', NOW));
      access.refresh();
      expect(await attempt(access, again.password)).toMatchObject({ ok: true });
    } finally {
      access.close();
    }
  });

  test('that is rotated ends the old password and its connection; the new one works', async () => {
    const state = await states.open();
    const { credential } = value(await registerDevice(state, probe, NOW));
    const access = openAccess(join(state.dir, ACCESS_FILE), { clock: () => NOW });
    try {
      const ended: string[] = [];
      access.onChange((names) => ended.push(...names));
      expect(await attempt(access, credential.password)).toMatchObject({ ok: true });
      const fresh = value(await rotateCredential(state, 'probe-1', NOW));
      access.refresh();
      expect(ended).toEqual(['probe-1']);
      expect(await attempt(access, credential.password)).toMatchObject({
        ok: false,
        reason: 'bad_credentials',
      });
      expect(await attempt(access, fresh.password)).toMatchObject({ ok: true });
    } finally {
      access.close();
    }
  });

  test('is 192 random bits, shown once: neither database nor access file holds it', async () => {
    const state = await states.open();
    const { credential } = value(await registerDevice(state, probe, NOW));
    expect(credential.password).toMatch(/^[A-Za-z0-9_-]{32}$/);
    for (const file of readdirSync(state.dir))
      expect(readFileSync(join(state.dir, file)).includes(credential.password)).toBe(false);
    expect(statSync(join(state.dir, ACCESS_FILE)).mode & 0o777).toBe(0o600);
  });

  test('cannot be issued twice, to a retired device, or revoked when there is none', async () => {
    const state = await states.open();
    value(await registerDevice(state, probe, NOW));
    expect(problemOf(await issueCredential(state, 'probe-1', NOW))).toMatch(
      /^conflict device: .*"rotate probe-1"/,
    );
    value(await revokeCredential(state, 'probe-1', NOW));
    expect(problemOf(await revokeCredential(state, 'probe-1', NOW))).toMatch(/has no valid credential/);
    value(await retireDevice(state, 'probe-1', NOW));
    expect(problemOf(await rotateCredential(state, 'probe-1', NOW))).toMatch(
      /^conflict device: .*was retired/,
    );
    expect(usernames(state)).toEqual([]);
  });

  test('that a killed command left out of the access file comes back when the file is synchronised', async () => {
    const state = await states.open();
    value(await registerDevice(state, probe, NOW));
    writeFileSync(join(state.dir, ACCESS_FILE), '');
    await syncAccessFile(state);
    expect(usernames(state)).toEqual(['probe-1']);
    const { ino } = statSync(join(state.dir, ACCESS_FILE));
    await syncAccessFile(state);
    expect(statSync(join(state.dir, ACCESS_FILE)).ino).toBe(ino);
  });

  test('is written to the access file only under the registry’s lock, so that no older list overwrites it', async () => {
    const dir = states.dir();
    const [state, other] = [await states.open(dir), await states.open(dir)];
    value(await registerDevice(state, probe, NOW));
    writeFileSync(join(dir, ACCESS_FILE), '');
    state.raw.exec('pragma busy_timeout = 0');
    other.raw.exec('begin immediate');
    await expect(syncAccessFile(state)).rejects.toThrow(/locked/);
    expect(readFileSync(join(dir, ACCESS_FILE), 'utf8')).toBe('');
    other.raw.exec('rollback');
    await syncAccessFile(state);
    expect(usernames(state)).toEqual(['probe-1']);
  });

  test('of any history of changes is in the access file exactly when it is valid', async () => {
    const action = fc.constantFrom('add', 'issue', 'rotate', 'revoke', 'retire');
    const step = fc.record({ action, device: fc.constantFrom('__proto__', 'a', 'b') });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
        const state = await states.open();
        const valid = new Map<string, 'valid' | 'none' | 'retired'>();
        for (const { action: what, device } of steps) {
          const was = valid.get(device);
          if (what === 'add') await registerDevice(state, { ...probe, id: device }, NOW);
          if (what === 'issue') await issueCredential(state, device, NOW);
          if (what === 'rotate') await rotateCredential(state, device, NOW);
          if (what === 'revoke') await revokeCredential(state, device, NOW);
          if (what === 'retire') await retireDevice(state, device, NOW);
          if (was === undefined && what === 'add') valid.set(device, 'valid');
          else if (was !== undefined && was !== 'retired' && what !== 'add')
            valid.set(device, what === 'retire' ? 'retired' : what === 'revoke' ? 'none' : 'valid');
        }
        await syncAccessFile(state);
        const expected = [...valid].filter(([, now]) => now === 'valid').map(([device]) => device);
        expect([...usernames(state)].sort()).toEqual(expected.sort());
      }),
      { numRuns: 12 },
    );
  });
});

describe('places and limits', () => {
  test('are refused with the reason when their limits make no sense', async () => {
    const state = await states.open();
    value(await addSite(state, { id: 's', timeZone: 'UTC' }, NOW));
    const add = async (id: string, ...limits: Parameters<typeof addPlace>[1]['limits'] & object) =>
      problemOf(await addPlace(state, { id, site: 's', kind: 'room', limits }, NOW));
    expect(await add('p1', { quantity: 'air_temperature', low: 0, high: 6 })).toBe('accepted');
    expect(await add('p2', { quantity: 'air_temperature', low: 8, high: 6 })).toMatch(
      /actLow <= low <= high <= actHigh/,
    );
    expect(await add('p3', { quantity: 'air_temperature', high: 500 })).toMatch(
      /expected bounds from -90 to 70 Cel/,
    );
    expect(await add('p4', { quantity: 'co2' }, { quantity: 'co2' })).toMatch(/each quantity once/);
    expect(problemOf(await addPlace(state, { id: 'p1', site: 's', kind: 'bin' }, NOW))).toMatch(
      /^conflict place:/,
    );
    expect(problemOf(await addPlace(state, { id: 'p9', site: 'x', kind: 'bin' }, NOW))).toMatch(
      /^missing site:/,
    );
    expect(problemOf(await addDevice(state, { id: 'd', site: 's', place: 'p9' }, NOW))).toMatch(
      /^missing place:/,
    );
  });
});

describe('an API token', () => {
  test('is valid until it is revoked, and only its hash is kept', async () => {
    const state = await states.open();
    const { id, token } = value(await addToken(state, 'shell', NOW));
    expect(token).toMatch(/^gl_[A-Za-z0-9_-]{43}$/);
    expect(await verifyToken(state, token, NOW + 1)).toEqual({ id, name: 'shell' });
    expect(await listTokens(state)).toEqual([{ id, name: 'shell', createdAt: NOW, lastUsedAt: NOW + 1 }]);
    expect(JSON.stringify(state.raw.prepare('select * from api_token').all())).not.toContain(token);
    value(await revokeToken(state, id, NOW + 2));
    expect(await verifyToken(state, token, NOW + 3)).toBeUndefined();
    expect(problemOf(await revokeToken(state, id, NOW + 4))).toBe(
      `missing id: there is no valid token "${id}"`,
    );
  });

  test.each(['', 'gl_', 'gl_%', `gl_${'x'.repeat(43)}`, `gl_${'x'.repeat(1_000_000)}`])(
    'that nobody was given opens nothing',
    async (token) => {
      expect(await verifyToken(await states.open(), token, NOW)).toBeUndefined();
    },
  );
});
