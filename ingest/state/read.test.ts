import { describe, expect, test } from 'vitest';
import { revokeCredential } from '../registry/credentials.ts';
import { registerDevice } from '../registry/register.ts';
import { addPlace, addSite } from '../registry/sites.ts';
import {
  devices,
  latestOfPlace,
  latestSince,
  places,
  pruneRefusals,
  refusalCounts,
  refusals,
  sites,
} from './read.ts';
import { temporaryStates } from './state.fixture.ts';
import type { State } from './state.ts';

const states = temporaryStates();
const NOW = 1_790_000_000_000;
const site = (id: string) => ({ id, timeZone: 'Asia/Shanghai' });

async function addLatest(state: State, place: string, quantity: string, seq: number): Promise<void> {
  const row = { device: 'd', channel: 'main', site: 's', value: 4.2, received_at: NOW, measured_at: NOW - 1 };
  await state.db
    .insertInto('latest')
    .values({ ...row, place, quantity, seq, clock: 'device', suspect: null })
    .execute();
}

describe('the reading side', () => {
  test('lists sites, places and devices in the order of their ids, narrowed to one site when asked', async () => {
    const state = await states.open();
    for (const id of ['b', 'a']) await addSite(state, site(id), NOW);
    await addPlace(state, { id: 'bin', site: 'b', kind: 'bin' }, NOW);
    const device = { id: 'd1', site: 'a', place: 'room', timeZone: 'UTC' };
    await registerDevice(state, { ...device, model: 'x/y', name: '一号' }, NOW);
    await registerDevice(state, { ...device, id: 'd0', site: 'b', place: 'bin' }, NOW);
    await revokeCredential(state, 'd0', NOW);
    expect((await sites(state)).map(({ id }) => id)).toEqual(['a', 'b']);
    expect((await places(state)).map(({ id }) => id)).toEqual(['bin', 'room']);
    expect((await places(state, 'a')).map(({ id }) => id)).toEqual(['room']);
    expect((await devices(state)).map(({ id, mayConnect }) => [id, mayConnect])).toEqual([
      ['d0', false],
      ['d1', true],
    ]);
    expect(await devices(state, 'a')).toEqual([
      {
        id: 'd1',
        site: 'a',
        name: '一号',
        model: 'x/y',
        createdAt: NOW,
        mayConnect: true,
        deployments: [{ channel: '*', place: 'room', from: 0 }],
      },
    ]);
  });

  test('gives the latest values of a place, and what changed after a number, oldest change first', async () => {
    const state = await states.open();
    await addLatest(state, 'room', 'relative_humidity', 3);
    await addLatest(state, 'room', 'air_temperature', 5);
    await addLatest(state, 'bin', 'co2', 4);
    expect((await latestOfPlace(state, 'room')).map(({ quantity }) => quantity)).toEqual([
      'air_temperature',
      'relative_humidity',
    ]);
    expect((await latestSince(state, 3, 10)).map(({ seq }) => seq)).toEqual([4, 5]);
    expect((await latestSince(state, 0, 2)).map(({ seq }) => seq)).toEqual([3, 4]);
  });

  test('leaves out a quantity that only a newer version knows', async () => {
    const state = await states.open();
    await addLatest(state, 'room', '__proto__', 1);
    expect(await latestOfPlace(state, 'room')).toEqual([]);
  });

  test('gives refusals newest first, by device and time, and keeps as many as it is told', async () => {
    const state = await states.open();
    for (let i = 0; i < 5; i++) {
      const row = {
        site: null,
        device: i % 2 === 0 ? 'even' : null,
        topic: 't',
        reason: 'malformed',
      } as const;
      await state.db
        .insertInto('refusal')
        .values({ ...row, at: NOW + i, detail: '{"field":"x"}', raw: Buffer.from([i]), raw_bytes: 1 })
        .execute();
    }
    const times = async (filter: object) =>
      (await refusals(state, { limit: 10, ...filter })).map(({ at }) => at - NOW);
    expect(await times({})).toEqual([4, 3, 2, 1, 0]);
    expect(await times({ device: 'even' })).toEqual([4, 2, 0]);
    expect(await times({ from: NOW + 1, to: NOW + 3 })).toEqual([2, 1]);
    expect(await times({ limit: 2 })).toEqual([4, 3]);
    expect(await times({ limit: -1 })).toEqual([]);
    expect((await refusals(state, { limit: 1 }))[0]).toMatchObject({ detail: { field: 'x' }, times: 1 });
    await pruneRefusals(state, 2);
    expect(await times({})).toEqual([4, 3]);
  });

  test('gives the counts of refusals that pruning does not touch', async () => {
    const state = await states.open();
    await state.db
      .insertInto('refusal_count')
      .values({ device: '', reason: 'malformed', times: 7 })
      .execute();
    await pruneRefusals(state, 0);
    expect(await refusalCounts(state)).toEqual([{ device: '', reason: 'malformed', times: 7 }]);
  });
});
