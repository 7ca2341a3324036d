/** The address of a view, kept behind the `#` so that a reload and the back button work. Pure. */

export const ranges = ['24h', '7d', '30d'] as const;
export type Range = (typeof ranges)[number];

const DAY = 24 * 60 * 60_000;
export const rangeMs: Readonly<Record<Range, number>> = { '24h': DAY, '7d': 7 * DAY, '30d': 30 * DAY };

export type Route =
  | { readonly view: 'overview' }
  | {
      readonly view: 'place';
      readonly place: string;
      readonly range: Range;
      /** End of the time shown; undefined for "now", which moves. */
      readonly to?: number;
    };

export function placeHash(place: string, range: Range = '24h', to?: number): string {
  return `#/place/${encodeURIComponent(place)}/${range}${to === undefined ? '' : `/${to}`}`;
}

export function parseHash(hash: string): Route {
  const [view, place, range, to] = hash.replace(/^#\/?/, '').split('/');
  if (view !== 'place' || place === undefined || place === '') return { view: 'overview' };
  const end = /^\d{12,14}$/.test(to ?? '') ? Number(to) : undefined;
  return {
    view: 'place',
    place: decode(place),
    range: ranges.find((name) => name === range) ?? '24h',
    ...(end === undefined ? {} : { to: end }),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
