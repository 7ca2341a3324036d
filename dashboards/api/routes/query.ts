import { z } from 'zod';
import { parseDuration, parseQuantity, quantityNames } from '../../../devices/index.ts';
import type { Place } from '../../../ingest/index.ts';
import { unknownName } from '../errors.ts';
import { nearest } from '../nearest.ts';
import type { Service } from '../service.ts';

/** Parts of requests that several routes take, each with the sentence that helps when it is wrong. */

/** An id as somebody typed it; whether it exists is looked up, so that the answer can name the nearest. */
export const idParam = z.string().min(1).max(200);

export const siteQuery = z.strictObject({ site: idParam.optional().describe('Id of a site.') });

const INSTANT_FIX =
  'Write e.g. 2026-06-12T06:40:00Z or 2026-06-12T14:40:00+08:00, or milliseconds since 1970.';
const ISO_INSTANT = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:?\d\d)$/;
/** Dates of which JavaScript keeps exact milliseconds and ISO 8601 four digits of a year. */
const LAST_INSTANT = Date.UTC(9999, 11, 31);

/** An instant: ISO 8601 with its zone, or UTC milliseconds. A time without zone would be 8 hours wrong unnoticed. */
export const instantParam = z
  .string()
  .max(40)
  .transform((text, ctx) => {
    // A "+" in a query means a space unless it was escaped: +08:00 arrives as " 08:00".
    const given = text.replace(/ (\d\d:?\d\d)$/, '+$1');
    const at = /^\d{1,15}$/.test(given)
      ? Number(given)
      : ISO_INSTANT.test(given)
        ? Date.parse(given)
        : Number.NaN;
    if (at >= 0 && at <= LAST_INSTANT) return at;
    const naive = /^\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d)?)?$/.test(given);
    const problem = naive ? 'has no time zone' : 'is not a time';
    ctx.addIssue({ code: 'custom', message: `"${text}" ${problem}.`, params: { fix: INSTANT_FIX } });
    return z.NEVER;
  })
  .describe('ISO 8601 with time zone, or UTC milliseconds since 1970.');

export const quantityParam = z
  .string()
  .max(200)
  .transform((text, ctx) => {
    const name = parseQuantity(text);
    if (name !== undefined) return name;
    const guesses = nearest(text, quantityNames);
    const fix =
      guesses.length > 0 ? `Did you mean ${guesses.join(', ')}?` : `Known are ${quantityNames.join(', ')}.`;
    ctx.addIssue({
      code: 'custom',
      message: `There is no quantity "${text.slice(0, 80)}".`,
      params: { fix },
    });
    return z.NEVER;
  })
  .describe(`One of ${quantityNames.join(', ')}.`);

/** Milliseconds, or one of the words. */
export const everyParam = z
  .string()
  .max(40)
  .transform((text, ctx) => {
    if (text === 'auto' || text === 'raw') return text;
    const ms = parseDuration(text);
    if (ms !== undefined && Number.isInteger(ms) && ms >= 1_000) return ms;
    const message = `"${text}" is not a width of at least one second.`;
    ctx.addIssue({
      code: 'custom',
      message,
      params: { fix: 'Write auto, raw, or a duration such as 15m, 1h or 1d.' },
    });
    return z.NEVER;
  });

/** 404 with the nearest names unless the site exists. */
export async function requireSite(service: Service, id: string | undefined): Promise<void> {
  if (id === undefined) return;
  const { sites } = await service.registry();
  if (!sites.some((site) => site.id === id))
    throw unknownName(
      'site',
      'site',
      id,
      sites.map((site) => site.id),
    );
}

/** 404 with the nearest names unless the device exists; one that was retired still has its history. */
export async function requireDevice(service: Service, id: string | undefined): Promise<void> {
  if (id === undefined) return;
  const { devices } = await service.registry();
  if (!devices.some((row) => row.id === id))
    throw unknownName(
      'device',
      'device',
      id,
      devices.map((row) => row.id),
    );
}

/** The place with this id, or 404 with the nearest names. */
export async function requirePlace(service: Service, id: string, field: string): Promise<Place> {
  const { placeById } = await service.registry();
  const place = placeById.get(id);
  if (place === undefined) throw unknownName(field, 'place', id, [...placeById.keys()]);
  return place;
}
