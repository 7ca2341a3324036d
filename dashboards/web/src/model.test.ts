import { expect, test } from 'vitest';
import type { ApiReading, LiveLatest, Overview, OverviewPlace } from '../../api/schemas.ts';
import { wellStatus } from '../../testing/status.ts';
import { applyLatest, byQuantity, cellsNow, countStates, inOrder } from './model.ts';

const reading = (more: Partial<ApiReading> = {}): ApiReading => ({
  device: 'd',
  channel: 'main',
  quantity: 'air_temperature',
  unit: 'Cel',
  value: 2,
  measuredAt: '2026-06-12T06:00:00.000Z',
  receivedAt: '2026-06-12T06:00:01.000Z',
  clock: 'device',
  ageMs: 0,
  ...more,
});

const place = (id: string, more: Partial<OverviewPlace> = {}): OverviewPlace => ({
  id,
  site: 's',
  name: id,
  kind: 'room',
  limits: [],
  state: 'fine',
  because: [],
  readings: [reading()],
  main: reading(),
  ...more,
});

const overview = (places: OverviewPlace[]): Overview => ({
  at: '2026-06-12T06:00:00.000Z',
  seq: 1,
  sites: [],
  places,
  status: wellStatus,
  problems: [],
});

const event = (more: Partial<LiveLatest>): LiveLatest => ({
  at: '2026-06-12T06:01:00.000Z',
  readings: [],
  places: [],
  ...more,
});

test('an event changes its place and no other', () => {
  const before = overview([place('a'), place('b')]);
  const warm = { ...reading({ value: 9 }), place: 'a', site: 's' };
  const after = applyLatest(
    before,
    event({ readings: [warm], places: [{ id: 'a', state: 'act', because: [{ key: 'above' }], main: warm }] }),
  );
  expect(after.places[0]).toMatchObject({ state: 'act', main: { value: 9 }, because: [{ key: 'above' }] });
  expect(after.places[0]!.readings.map(({ value }) => value)).toEqual([9]);
  expect(after.places[1]).toBe(before.places[1]);
});

test('a probe nobody knew yet is added, one of another channel stays', () => {
  const added = { ...reading({ channel: 'top', value: 5 }), place: 'a', site: 's' };
  const after = applyLatest(overview([place('a')]), event({ readings: [added] }));
  expect(after.places[0]!.readings.map(({ channel, value }) => [channel, value])).toEqual([
    ['main', 2],
    ['top', 5],
  ]);
});

test('a place that lost its last reading has no main value any more', () => {
  const after = applyLatest(
    overview([place('a')]),
    event({ places: [{ id: 'a', state: 'no_data', because: [] }] }),
  );
  expect(after.places[0]!.main).toBeUndefined();
});

test('an event about a place this page does not know is ignored', () => {
  const before = overview([place('a')]);
  expect(applyLatest(before, event({ places: [{ id: 'x', state: 'act', because: [] }] })).places).toEqual(
    before.places,
  );
});

test('worst first, then by name with numbers in order', () => {
  const places = [
    place('bin 10'),
    place('bin 2'),
    place('z', { state: 'act' }),
    place('y', { state: 'no_data' }),
    place('x', { state: 'watch' }),
  ];
  expect(inOrder(places, 'en').map(({ id }) => id)).toEqual(['z', 'x', 'y', 'bin 2', 'bin 10']);
  expect(countStates(places)).toEqual({ act: 1, watch: 1, no_data: 1, fine: 2 });
});

test.each([
  ['fine', 'act', 'act'],
  ['act', 'fine', 'act'],
  ['act', 'no_data', 'act'],
  ['fine', 'no_data', 'none'],
  ['watch', 'no_data', 'watch'],
  ['none', 'watch', 'watch'],
] as const)('the last cell was %s and the place is %s now: %s', (last, state, shown) => {
  const bar = { from: '2026-06-05T06:00:00.000Z', cellMs: 1, cells: ['fine' as const, last] };
  expect(cellsNow({ bar, state })).toEqual(['fine', shown]);
});

test('what a sensor says about itself is no quantity of the place', () => {
  const groups = byQuantity([reading(), reading({ quantity: 'battery_level' }), reading({ channel: 'b' })]);
  expect(groups.map(({ quantity, readings }) => [quantity, readings.length])).toEqual([
    ['air_temperature', 2],
  ]);
});
