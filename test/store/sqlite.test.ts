/** The embedded store on a real file: killed, full, shared, newer than we are. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, test } from 'vitest';
import { HOUR } from '../../devices/index.ts';
import { openStore, type Store } from '../../ingest/index.ts';
import { allRaw, batch, series } from '../../ingest/store/suite.ts';

const T = Date.UTC(2026, 5, 1);
const filter = { field: 'air_temperature', from: T, to: T + HOUR };

const cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'greenlane-sqlite-'));
  cleanUps.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function storeIn(dir: string): Store {
  const store = openStore({ kind: 'sqlite', path: join(dir, 'data', 'readings.db') });
  cleanUps.push(() => store.close());
  return store;
}

const run = (command: string, ...args: readonly string[]): boolean => spawnSync(command, args).status === 0;

describe('the embedded store', () => {
  test('what was confirmed to a process that is then killed is there, the same 20 times', async () => {
    const dir = folder();
    const writer = `
      import { openStore, createSeriesCatalogue } from ${JSON.stringify(resolve('ingest/store/index.ts'))};
      const store = openStore({ kind: 'sqlite', path: process.argv[2] });
      const one = createSeriesCatalogue().intern('soil', 's', 'p', 'd', 'main', 'air_temperature');
      for (let n = Number(process.argv[3]); ; n += 100) {
        const at = Array.from({ length: 100 }, (_, i) => ${T} + n + i);
        const outcome = await store.write({ series: at.map(() => one), at, value: at.map(() => n) });
        if (outcome.kind === 'stored') process.stdout.write(n + '\\n');
      }`;
    const script = join(dir, 'writer.ts');
    writeFileSync(script, writer);
    const path = join(dir, 'readings.db');
    let next = 0;
    const confirmed: number[] = [];
    for (let kill = 0; kill < 20; kill += 1) {
      const child = spawn(process.execPath, [script, path, String(next)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exited = new Promise<void>((done) => child.once('exit', () => done()));
      const first = confirmed.length;
      for await (const chunk of child.stdout) {
        confirmed.push(...String(chunk).trim().split('\n').map(Number));
        if (confirmed.length - first > kill * 3) child.kill('SIGKILL');
      }
      await exited;
      next = Math.max(...confirmed) + 100;
    }
    const store = openStore({ kind: 'sqlite', path });
    const points = await allRaw(store, { ...filter, to: T + next + 1_000 });
    const counts = new Map<number, number>();
    for (const { value } of points) counts.set(value, (counts.get(value) ?? 0) + 1);
    expect(confirmed.filter((n) => counts.get(n) !== 100)).toEqual([]);
    await store.close();
  });

  test('two stores on one file write and read each other, with their own numbers for the same series', async () => {
    const dir = folder();
    const [one, two] = [storeIn(dir), storeIn(dir)];
    const a = series('air_temperature', { place: 'a' });
    const b = { ...series('air_temperature', { place: 'b' }), index: a.index };
    for (let n = 0; n < 50; n += 1) {
      await one.write(batch([a, T + n, 1], [b, T + n, 2]));
      await two.write(batch([b, T + n, 3]));
    }
    expect((await allRaw(one, { ...filter, place: 'a' })).map(({ value }) => value)).toEqual(
      Array(50).fill(1),
    );
    expect((await allRaw(two, { ...filter, place: 'b' })).map(({ value }) => value)).toEqual(
      Array(50).fill(3),
    );
  });

  test('held by another process: kept, and written once it is free', async () => {
    const dir = folder();
    const store = storeIn(dir);
    const one = series('air_temperature');
    await store.write(batch([one, T, 1]));
    const holder = new DatabaseSync(join(dir, 'data', 'readings.db'));
    holder.exec('begin immediate');
    expect(await store.write(batch([one, T + 1, 2]))).toMatchObject({
      kind: 'kept',
      because: 'server_error',
      message: expect.stringContaining('locked'),
    });
    holder.exec('rollback');
    holder.close();
    expect(await store.write(batch([one, T + 1, 2]))).toEqual({ kind: 'stored', rejected: [] });
    expect(await allRaw(store, filter)).toHaveLength(2);
  });

  test('a folder that cannot be made keeps every point, and comes back by itself', async () => {
    const dir = folder();
    const inTheWay = join(dir, 'data');
    writeFileSync(inTheWay, '');
    const store = storeIn(dir);
    const one = series('air_temperature');
    expect(await store.prepare()).toMatchObject({ kind: 'kept', message: expect.stringContaining(inTheWay) });
    expect(await store.write(batch([one, T, 1]))).toMatchObject({ kind: 'kept' });
    await expect(allRaw(store, filter)).rejects.toMatchObject({ name: 'StoreError' });
    unlinkSync(inTheWay);
    expect(await store.write(batch([one, T, 1]))).toEqual({ kind: 'stored', rejected: [] });
  });

  test.each([
    ['no database', (path: string) => writeFileSync(path, 'x'.repeat(10_000)), /not a database/],
    ['a newer schema', newerSchema, /newer Greenlane \(schema 99\)/],
  ] as const)('a file that is %s is left alone and said so', async (_name, make, words) => {
    const dir = folder();
    const path = join(dir, 'readings.db');
    make(path);
    const store = openStore({ kind: 'sqlite', path });
    expect(await store.write(batch([series('co2'), T, 1]))).toMatchObject({
      kind: 'kept',
      message: expect.stringMatching(words),
    });
    await store.close();
  });

  test('a full disk keeps every point as full, stays readable, and goes on when there is room', async (context) => {
    const dir = folder();
    if (!run('mount', '-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', dir)) {
      return context.skip('no right to mount a small file system');
    }
    cleanUps.push(() => void run('umount', dir));
    const store = storeIn(dir);
    const one = series('air_temperature');
    const points = (from: number) =>
      batch(...Array.from({ length: 5_000 }, (_, n) => [one, T + from + n, from + n] as const));
    let stored = 0;
    let outcome = await store.write(points(0));
    while (outcome.kind === 'stored') {
      stored += 5_000;
      outcome = await store.write(points(stored));
    }
    expect(outcome).toMatchObject({ kind: 'kept', because: 'full' });
    expect(stored).toBeGreaterThan(10_000);
    expect(await allRaw(store, filter)).toHaveLength(stored);
    if (!run('mount', '-o', 'remount,size=64m', dir)) throw new Error('remount');
    expect(await store.write(points(stored))).toEqual({ kind: 'stored', rejected: [] });
    expect((await allRaw(store, filter)).map(({ value }) => value)).toEqual(
      Array.from({ length: stored + 5_000 }, (_, n) => n),
    );
  });
});

function newerSchema(path: string): void {
  const db = new DatabaseSync(path);
  db.exec('pragma user_version = 99');
  db.close();
}
