import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { covers, type Deployment, deploymentLookup, EVERY_CHANNEL, planEnd, planMove } from './deployment.ts';

const channels = ['main', 'probe-1', 'probe-2'] as const;
const channel = fc.constantFrom(...channels, EVERY_CHANNEL);
const place = fc.constantFrom('a', 'b', 'c', 'd');
const moves = fc.array(fc.record({ channel, place, at: fc.integer({ min: 0, max: 12 }) }), { maxLength: 12 });

type Move = { channel: string; place: string; at: number };

/** What the registry does with a plan, on a plain array. */
function applied(deployments: readonly Deployment[], move: Move, id: number): readonly Deployment[] {
  const plan = planMove(deployments, move.channel, move.place, move.at);
  return [
    ...deployments
      .filter((one) => !plan.remove.includes(one.id))
      .map((one) => ({ ...one, to: plan.shorten.find((change) => change.id === one.id)?.to ?? one.to })),
    { id, ...plan.add },
  ];
}

function history(list: readonly Move[]): readonly Deployment[] {
  return list.reduce<readonly Deployment[]>((rows, move, i) => applied(rows, move, i + 1), []);
}

describe('a lookup', () => {
  test.each([
    ['before the first deployment', 'main', 9, undefined],
    ['at its first instant', 'main', 10, 'a'],
    ['at its last instant', 'main', 19, 'a'],
    ['in a gap', 'main', 20, undefined],
    ['after the gap', 'main', 30, 'b'],
    ['where two overlap, the later begun', 'main', 45, 'c'],
    ['where two begin together, the later entered', 'main', 60, 'e'],
    ['for a channel with its own deployment', 'probe-1', 35, 'd'],
    ['for that channel outside its own', 'probe-1', 45, 'c'],
    ['for a channel named like a property', '__proto__', 10, 'a'],
  ])('%s', (_, channelName, at, expected) => {
    const find = deploymentLookup([
      { id: 1, channel: '*', place: 'a', from: 10, to: 20 },
      { id: 2, channel: '*', place: 'b', from: 30 },
      { id: 3, channel: '*', place: 'c', from: 40, to: 50 },
      { id: 4, channel: 'probe-1', place: 'd', from: 32, to: 40 },
      { id: 5, channel: '*', place: 'e', from: 60 },
      { id: 4.5, channel: '*', place: 'f', from: 60 },
    ]);
    expect(find(channelName, at)?.place).toBe(expected);
  });

  test('over any rows finds the channel’s own before `*`, then the later begun, then the later entered', () => {
    const row = fc.record({
      channel,
      place,
      from: fc.integer({ min: 0, max: 12 }),
      length: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 12 }),
        fc.nat(14),
        fc.constantFrom(...channels),
        (rows, at, asked) => {
          const all = rows.map(({ length, ...one }, i): Deployment => {
            return length === undefined ? { id: i, ...one } : { id: i, ...one, to: one.from + length };
          });
          const claims = all.filter(
            (one) => covers(one, at) && (one.channel === asked || one.channel === '*'),
          );
          const own = claims.filter((one) => one.channel === asked);
          const eligible = own.length > 0 ? own : claims;
          const latest = Math.max(...eligible.map(({ from }) => from));
          const expected = eligible.filter(({ from }) => from === latest).at(-1);
          expect(deploymentLookup(all)(asked, at)).toEqual(expected);
        },
      ),
    );
  });
});

describe('moves', () => {
  test('entered in any order leave each channel where the latest move that concerns it put it', () => {
    fc.assert(
      fc.property(moves, fc.nat(14), fc.constantFrom(...channels), (list, at, asked) => {
        const concerning = list.filter(
          (move) => move.at <= at && (move.channel === asked || move.channel === EVERY_CHANNEL),
        );
        const latest = Math.max(...concerning.map((move) => move.at));
        const expected = concerning.filter((move) => move.at === latest).at(-1)?.place;
        expect(deploymentLookup(history(list))(asked, at)?.place).toBe(expected);
      }),
      { numRuns: 1_000 },
    );
  });

  test('leave no deployment that ends before it begins, and no two of one channel that overlap', () => {
    fc.assert(
      fc.property(moves, (list) => {
        const rows = history(list);
        for (const one of rows) expect(one.to ?? Infinity).toBeGreaterThan(one.from);
        for (const one of rows)
          for (const other of rows)
            if (one.id < other.id && one.channel === other.channel)
              expect(one.from < (other.to ?? Infinity) && other.from < (one.to ?? Infinity)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test('end everywhere when the device is taken out of service', () => {
    fc.assert(
      fc.property(moves, fc.constantFrom(...channels), (list, asked) => {
        const rows = history(list);
        const { shorten, remove } = planEnd(rows, EVERY_CHANNEL, 13);
        const ended = rows
          .filter(({ id }) => !remove.includes(id))
          .map((one) => ({ ...one, to: shorten.find(({ id }) => id === one.id)?.to ?? one.to }));
        expect(deploymentLookup(ended)(asked, 13)).toBeUndefined();
        expect(deploymentLookup(ended)(asked, 12)?.place).toBe(deploymentLookup(rows)(asked, 12)?.place);
      }),
    );
  });
});
