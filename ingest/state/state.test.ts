import { execFile } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { migrations } from './migrations/index.ts';
import { temporaryStates } from './state.fixture.ts';
import { openState, STATE_FILE } from './state.ts';

const states = temporaryStates();

function tableNames(raw: DatabaseSync): unknown[] {
  return raw
    .prepare("select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name")
    .all()
    .map((row) => row.name);
}

describe('the tables', () => {
  test('are made from an empty directory that does not exist yet, readable by its owner only', async () => {
    const dir = join(states.dir(), 'data');
    const { raw } = await states.open(dir);
    expect(tableNames(raw)).toEqual(
      expect.arrayContaining([
        ...['site', 'place', 'device', 'deployment', 'credential', 'api_token', 'registry_revision'],
        ...['progress', 'latest', 'refusal', 'refusal_count', 'seen', 'stamp', 'rollup_due'],
      ]),
    );
    expect(statSync(dir).mode & 0o777).toBe(0o700);
  });

  test('of a second opening are the first ones, with what was in them', async () => {
    const dir = states.dir();
    const first = await states.open(dir);
    first.raw.exec("insert into progress (name, group_id) values ('ingest', 17)");
    const second = await states.open(dir);
    expect(second.raw.prepare('select group_id from progress').get()).toMatchObject({ group_id: 17 });
    expect(second.raw.prepare('select count(*) as n from kysely_migration').get()).toMatchObject({
      n: Object.keys(migrations).length,
    });
  });

  test('are whole when six processes open an empty directory at once', async () => {
    const dir = states.dir();
    const module = JSON.stringify(new URL('./state.ts', import.meta.url).href);
    const script = `const { openState } = await import(${module});
      const state = await openState(process.argv[1]);
      await state.write((raw) => raw.exec("insert into progress values ('p' || " + process.pid + ", 1)"));
      await state.close();`;
    const run = () =>
      promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, join(dir, STATE_FILE)]);
    await Promise.all(Array.from({ length: 6 }, run));
    const { raw } = await states.open(dir);
    expect(raw.prepare('select count(*) as n from progress').get()).toMatchObject({ n: 6 });
    expect(raw.prepare('select count(*) as n from registry_revision').get()).toMatchObject({ n: 1 });
  });

  test('of a newer version are left alone, and the error says to install it again', async () => {
    const dir = states.dir();
    const state = await states.open(dir);
    state.raw.exec("insert into kysely_migration values ('0999-later', '2027-01-01T00:00:00.000Z')");
    await expect(openState(join(dir, STATE_FILE))).rejects.toThrow(
      /was written by a newer version of Greenlane \(it knows "0999-later"\): install that version again/,
    );
  });

  test('are not made in a file that is no database', async () => {
    const path = join(states.dir(), STATE_FILE);
    writeFileSync(
      path,
      'these are not the bytes of a database, and there are more than a few of them\n'.repeat(20),
    );
    await expect(openState(path)).rejects.toThrow(/not a database/);
  });
});

describe('a transaction', () => {
  const rows = (raw: DatabaseSync) =>
    raw
      .prepare('select name from progress order by name')
      .all()
      .map((row) => row.name);

  test('of Kysely that is waiting for something does not take in what `write` writes meanwhile', async () => {
    const state = await states.open();
    const { promise: gate, resolve: openGate } = Promise.withResolvers<void>();
    const slow = state.transaction(async (trx) => {
      await trx.insertInto('progress').values({ name: 'rolled back', group_id: 1 }).execute();
      await gate;
      throw new Error('undo');
    });
    const quick = state.write((raw) => raw.exec("insert into progress values ('kept', 1)"));
    openGate();
    await expect(slow).rejects.toThrow('undo');
    await quick;
    expect(rows(state.raw)).toEqual(['kept']);
  });

  test('that throws leaves nothing behind and the next one works', async () => {
    const state = await states.open();
    const broken = state.write((raw) => {
      raw.exec("insert into progress values ('gone', 1)");
      throw new Error('undo');
    });
    await expect(broken).rejects.toThrow('undo');
    await state.write((raw) => raw.exec("insert into progress values ('kept', 1)"));
    expect(rows(state.raw)).toEqual(['kept']);
  });

  test('is on disk when it returns: the journal mode is WAL with synchronous FULL', async () => {
    const { raw } = await states.open();
    expect(raw.prepare('pragma journal_mode').get()).toMatchObject({ journal_mode: 'wal' });
    expect(raw.prepare('pragma synchronous').get()).toMatchObject({ synchronous: 2 });
    expect(raw.prepare('pragma foreign_keys').get()).toMatchObject({ foreign_keys: 1 });
  });

  test('under way ends before the file is closed', async () => {
    const state = await openState(join(states.dir(), STATE_FILE));
    const order: string[] = [];
    const work = state.transaction(async (trx) => {
      await trx.insertInto('progress').values({ name: 'last', group_id: 1 }).execute();
      order.push('written');
    });
    await Promise.all([work, state.close().then(() => order.push('closed'))]);
    expect(order).toEqual(['written', 'closed']);
  });
});
