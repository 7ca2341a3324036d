import type { Kysely } from 'kysely';
import { type Instant, isId } from '../../devices/index.ts';
import { type Database, type PlaceKind, placeKinds } from '../state/schema.ts';
import type { State } from '../state/state.ts';
import { change, done, need, type Outcome, problem } from './outcome.ts';
import { type PlaceLimit, placeLimitsSchema } from './place-limits.ts';

/** Longest name a person may give: it has to fit a tile and a label. */
export const NAME_LENGTH_MAX = 80;

export interface NewSite {
  readonly id: string;
  readonly name?: string | undefined;
  /** IANA name, "Asia/Shanghai". */
  readonly timeZone: string;
}

export interface NewPlace {
  readonly id: string;
  readonly site: string;
  readonly kind: PlaceKind;
  readonly name?: string | undefined;
  readonly limits?: readonly PlaceLimit[] | undefined;
}

/** Adds a site; its id becomes a topic level and a tag, and cannot be changed later. */
export function addSite(state: State, site: NewSite, now: Instant): Promise<Outcome<void>> {
  return change(state, async (trx) => need(await insertSite(trx, site, now)));
}

/** Adds a place to a site. Place ids are unique over all sites: a lot that travels names them without the site. */
export function addPlace(state: State, place: NewPlace, now: Instant): Promise<Outcome<void>> {
  return change(state, async (trx) => need(await insertPlace(trx, place, now)));
}

export async function insertSite(db: Kysely<Database>, site: NewSite, now: Instant): Promise<Outcome<void>> {
  const bad = badId('site', site.id) ?? badName('site', site.name);
  if (bad !== undefined) return bad;
  if (!isTimeZone(site.timeZone))
    return problem(
      'invalid',
      'time_zone',
      `"${site.timeZone}" is not a time zone; write one like "Asia/Shanghai"`,
    );
  const existing = await db.selectFrom('site').select('id').where('id', '=', site.id).executeTakeFirst();
  if (existing !== undefined) return problem('conflict', 'site', `site "${site.id}" exists already`);
  await db
    .insertInto('site')
    .values({ id: site.id, name: site.name ?? site.id, time_zone: site.timeZone, created_at: now })
    .execute();
  return done(undefined);
}

export async function insertPlace(
  db: Kysely<Database>,
  place: NewPlace,
  now: Instant,
): Promise<Outcome<void>> {
  const bad = badId('place', place.id) ?? badName('place', place.name) ?? badLimits(place.limits);
  if (bad !== undefined) return bad;
  if (!placeKinds.includes(place.kind))
    return problem('invalid', 'kind', `"${place.kind}" is not a kind of place; use ${placeKinds.join(', ')}`);
  const site = await db.selectFrom('site').select('id').where('id', '=', place.site).executeTakeFirst();
  if (site === undefined) return problem('missing', 'site', `there is no site "${place.site}"`);
  const existing = await db.selectFrom('place').select('site').where('id', '=', place.id).executeTakeFirst();
  if (existing !== undefined)
    return problem('conflict', 'place', `place "${place.id}" exists already, in site "${existing.site}"`);
  await db
    .insertInto('place')
    .values({
      id: place.id,
      site: place.site,
      name: place.name ?? place.id,
      kind: place.kind,
      limits: place.limits === undefined ? null : JSON.stringify(place.limits),
      created_at: now,
      retired_at: null,
    })
    .execute();
  return done(undefined);
}

/** Says what is wrong with an id, or undefined when it is one. */
export function badId(field: string, id: string): Outcome<never> | undefined {
  if (isId(id)) return undefined;
  return problem(
    'invalid',
    field,
    `"${id}" cannot be a ${field} id; use 1 to 64 of the characters A-Z a-z 0-9 _ . - (other writing goes into the name)`,
  );
}

export function badName(field: string, name: string | undefined): Outcome<never> | undefined {
  if (name === undefined) return undefined;
  if (name.trim() !== '' && name.length <= NAME_LENGTH_MAX && !/\p{Cc}/u.test(name)) return undefined;
  return problem(
    'invalid',
    'name',
    `the name of a ${field} has 1 to ${NAME_LENGTH_MAX} printable characters`,
  );
}

function badLimits(limits: readonly PlaceLimit[] | undefined): Outcome<never> | undefined {
  if (limits === undefined) return undefined;
  const { error } = placeLimitsSchema.safeParse(limits);
  return error === undefined
    ? undefined
    : problem('invalid', 'limits', error.issues[0]?.message ?? 'the limits cannot be read');
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
