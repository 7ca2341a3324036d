import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOUR } from '../../devices/index.ts';
import { latestOfPlace } from '../../ingest/index.ts';
import { openVillage, type Village } from '../testing/village.ts';
import { barFrom, CELL_MS, CELLS, type Cell, cellsOf, createBars, worstCells } from './bar.ts';

const now = Date.UTC(2026, 5, 12, 6, 5);
const row = (...cells: Cell[]): Cell[] => [...cells, ...Array<Cell>(CELLS - cells.length).fill('none')];
const all = (cell: Cell): Cell[] => Array<Cell>(CELLS).fill(cell);

test('28 cells of six hours end with the one that is running', () => {
  const from = barFrom(now);
  expect(from + CELLS * CELL_MS).toBeGreaterThan(now);
  expect(from + (CELLS - 1) * CELL_MS).toBeLessThanOrEqual(now);
});

test('the worst hour decides a cell; an hour outside the bar is ignored', () => {
  const limit = { quantity: 'air_temperature', high: 6, actHigh: 8 };
  const hours = [2, 7, 9, 3].map((value, index) => ({ at: index * 3 * HOUR, value }));
  expect(cellsOf(0, [{ at: -1, value: 99 }, ...hours, { at: CELLS * CELL_MS, value: 99 }], limit)).toEqual(
    row('watch', 'act'),
  );
  expect(cellsOf(0, hours, undefined)).toEqual(row('fine', 'fine'));
});

test('a probe that fell silent takes the green away, but not a warning', () => {
  const silent = row('fine', 'fine');
  expect(worstCells([all('fine'), silent])).toEqual([
    'fine',
    'fine',
    ...Array(CELLS - 3).fill('none'),
    'fine',
  ]);
  expect(worstCells([all('watch'), silent])).toEqual(all('watch'));
});

test('a probe that was added later does not take the green of the days before it', () => {
  const added = all('none')
    .with(CELLS - 2, 'fine')
    .with(CELLS - 1, 'fine');
  expect(worstCells([all('fine'), added])).toEqual(all('fine'));
});

test('the running cell is what was heard so far', () => {
  expect(worstCells([all('fine'), all('fine').with(CELLS - 1, 'none')]).at(-1)).toBe('fine');
});

let village: Village;
beforeAll(async () => {
  village = await openVillage(now, 10);
});
afterAll(() => village.close());

const bin = { id: 'bin-2', kind: 'bin' as const, limits: [{ quantity: 'grain_temperature', high: 20 }] };

test('bars come from the store once, however many ask, and again after five minutes', async () => {
  let reads = 0;
  const counted = {
    ...village.store,
    buckets: (...question: Parameters<typeof village.store.buckets>) => {
      reads++;
      return village.store.buckets(...question);
    },
  };
  const bars = createBars(counted, () => undefined);
  const latest = await latestOfPlace(village.state, 'bin-2');
  const asked = await Promise.all(Array.from({ length: 20 }, () => bars.of(bin, latest, now)));
  expect(new Set(asked).size).toBe(1);
  expect(asked[0]?.cells).toHaveLength(CELLS);
  const once = reads;
  // Four probes, each from rollups and from the raw readings of the last hours.
  expect(once).toBe(8);
  await bars.of(bin, latest, now + 299_000);
  expect(reads).toBe(once);
  await bars.of(bin, latest, now + 301_000);
  expect(reads).toBe(2 * once);
});

test('more than eight probes of one quantity are read together, by their extremes', async () => {
  const fields: string[] = [];
  const counted = {
    ...village.store,
    buckets: (...question: Parameters<typeof village.store.buckets>) => {
      fields.push(`${question[2]} ${question[0].device ?? 'all'}`);
      return village.store.buckets(...question);
    },
  };
  const [probe] = await latestOfPlace(village.state, 'bin-2');
  const many = Array.from({ length: 60 }, (_, index) => ({ ...probe!, channel: `c${index}` }));
  await createBars(counted, () => undefined).of(bin, many, now);
  expect(new Set(fields)).toEqual(new Set(['min all', 'max all']));
});
