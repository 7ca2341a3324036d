import { expect, test } from 'vitest';
import { parseHash, placeHash } from './route.ts';

test('an address leads back to the view it was made from', () => {
  for (const [place, range, to] of [
    ['precool-1', '24h', undefined],
    ['a.b_c-D', '30d', 1_781_229_600_000],
  ] as const) {
    expect(parseHash(placeHash(place, range, to))).toEqual({
      view: 'place',
      place,
      range,
      ...(to === undefined ? {} : { to }),
    });
  }
});

test.each(['', '#', '#/', '#/place', '#/place/', '#/nonsense/x'])('%j is the overview', (hash) => {
  expect(parseHash(hash)).toEqual({ view: 'overview' });
});

test('what cannot be read falls back instead of failing', () => {
  expect(parseHash('#/place/%E0%A4%A/1y/soon')).toEqual({ view: 'place', place: '%E0%A4%A', range: '24h' });
});
