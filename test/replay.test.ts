/** Ingest from a real journal into a real store: replaying changes nothing, a crash in between neither. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Journal } from '../broker/journal/journal.ts';
import {
  Ingest,
  openState,
  openStore,
  refusalCounts,
  registerDevice,
  STATE_FILE,
  type State,
  type Store,
} from '../ingest/index.ts';

const NOW = Date.UTC(2026, 8, 21, 10);
const DEVICES = ['probe-1', 'probe-2'] as const;

interface Sent {
  readonly device: (typeof DEVICES)[number];
  readonly payload: string;
  readonly dup: boolean;
  readonly afterMs: number;
}

const sent: fc.Arbitrary<Sent> = fc.record({
  device: fc.constantFrom(...DEVICES),
  payload: fc.oneof(
    fc
      .record({ ts: fc.integer({ min: NOW - 1e6, max: NOW }), co2: fc.nat(5_000) })
      .map((one) => JSON.stringify(one)),
    fc.record({ seq: fc.nat(3), co2: fc.nat(3) }).map((one) => JSON.stringify(one)),
    fc.record({ co2: fc.nat(2) }).map((one) => JSON.stringify(one)),
    fc.constantFrom('{', '{"co2":-1}', '{"nonsense":1}', '{"co2":1,"co2":2}'),
  ),
  dup: fc.boolean(),
  afterMs: fc.nat(400_000),
});

async function write(dir: string, messages: readonly Sent[]): Promise<void> {
  const journal = new Journal({ dataDir: dir, keep: 1e12, maxBytes: 1e9 });
  await journal.start();
  let receivedAt = NOW;
  for (const { device, payload, dup, afterMs } of messages) {
    receivedAt += afterMs < 50_000 ? 0 : afterMs;
    await new Promise<void>((resolve, reject) =>
      journal.append(
        {
          sender: device,
          topic: `greenlane/farm/${device}/up`,
          payload: Buffer.from(payload),
          receivedAt,
          dup,
          kind: 'message',
        },
        (error) => (error ? reject(error) : resolve()),
      ),
    );
  }
  await journal.stop();
}

async function ingestAll(dir: string, state: State, store: Store, lastGroup: number): Promise<void> {
  const ingest = new Ingest({ dataDir: dir, state, store, storeKind: 'sqlite', clock: () => NOW });
  ingest.start();
  await expect
    .poll(
      async () =>
        (await state.db.selectFrom('progress').select('group_id').executeTakeFirst())?.group_id ?? 0,
      { timeout: 10_000, interval: 5 },
    )
    .toBe(lastGroup);
  await ingest.stop();
}

async function everything(store: Store): Promise<unknown[]> {
  const points: unknown[] = [];
  for (const device of DEVICES) {
    for await (const page of store.raw({ field: 'co2', device, from: 0, to: NOW + 1e10 }))
      points.push(...page);
  }
  return points;
}

test('replaying any journal from its start leaves every stored reading as it was', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(sent, { minLength: 1, maxLength: 25 }), async (messages) => {
      const dir = mkdtempSync(join(tmpdir(), 'greenlane-replay-'));
      const state = await openState(join(dir, STATE_FILE));
      const store = openStore({ kind: 'sqlite', path: join(dir, 'readings.db') });
      try {
        for (const id of DEVICES)
          await registerDevice(
            state,
            { id, site: 'farm', place: 'room-1', kind: 'room', timeZone: 'UTC' },
            NOW,
          );
        await write(dir, messages);
        await ingestAll(dir, state, store, messages.length);
        const once = await everything(store);
        await state.db.deleteFrom('progress').execute();
        await ingestAll(dir, state, store, messages.length);
        expect(await everything(store)).toEqual(once);
      } finally {
        await store.close();
        await state.close();
        rmSync(dir, { recursive: true, force: true });
      }
    }),
    { numRuns: 15 },
  );
});

test('of five messages without a clock one resent copy and one equal measurement are told apart', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'greenlane-replay-'));
  const state = await openState(join(dir, STATE_FILE));
  const store = openStore({ kind: 'sqlite', path: join(dir, 'readings.db') });
  const message = (payload: string, dup: boolean): Sent => ({ device: 'probe-1', payload, dup, afterMs: 0 });
  await write(dir, [
    message('{"seq":1,"co2":400}', false),
    message('{"seq":1,"co2":400}', true),
    message('{"co2":401}', false),
    message('{"co2":401}', false),
    message('{"co2":401}', true),
  ]);
  await ingestAll(dir, state, store, 5);
  expect((await everything(store)).length).toBe(3);
  expect(await refusalCounts(state)).toMatchObject([{ reason: 'duplicate', times: 2 }]);
  await store.close();
  await state.close();
  rmSync(dir, { recursive: true, force: true });
});
