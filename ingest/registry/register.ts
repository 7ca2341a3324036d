import type { Instant } from '../../devices/index.ts';
import type { PlaceKind } from '../state/schema.ts';
import type { State } from '../state/state.ts';
import { syncAccessFile } from './access-sync.ts';
import { type Credential, insertCredential, newSecret } from './credentials.ts';
import { insertDevice } from './devices.ts';
import { change, need, type Outcome, problem } from './outcome.ts';
import { insertPlace, insertSite } from './sites.ts';

export interface Registration {
  readonly id: string;
  readonly site: string;
  readonly place: string;
  /** Of the place: DEFAULT_KIND when the place is new; when it exists, it has to agree. */
  readonly kind?: PlaceKind | undefined;
  readonly name?: string | undefined;
  readonly model?: string | undefined;
  readonly from?: Instant | undefined;
  /** For a site that is new. */
  readonly timeZone: string;
}

export interface Registered {
  readonly credential: Credential;
  /** What had to be made first, in the order it was made. */
  readonly created: readonly { readonly what: 'site' | 'place'; readonly id: string }[];
}

/** A cold room is where most first sensors go. */
export const DEFAULT_KIND: PlaceKind = 'room';

/** Adds a device, its credential, and its site and place when they are missing: all of it or nothing. */
export async function registerDevice(
  state: State,
  device: Registration,
  now: Instant,
): Promise<Outcome<Registered>> {
  const secret = await newSecret();
  const outcome = await change(state, async (trx): Promise<Registered> => {
    const created: { what: 'site' | 'place'; id: string }[] = [];
    const site = await trx.selectFrom('site').select('id').where('id', '=', device.site).executeTakeFirst();
    if (site === undefined) {
      need(await insertSite(trx, { id: device.site, timeZone: device.timeZone }, now));
      created.push({ what: 'site', id: device.site });
    }
    const place = await trx
      .selectFrom('place')
      .select('kind')
      .where('id', '=', device.place)
      .executeTakeFirst();
    if (place === undefined) {
      const kind = device.kind ?? DEFAULT_KIND;
      need(await insertPlace(trx, { id: device.place, site: device.site, kind }, now));
      created.push({ what: 'place', id: device.place });
    } else if (device.kind !== undefined && device.kind !== place.kind) {
      need(problem('conflict', 'kind', `place "${device.place}" is a ${place.kind}, not a ${device.kind}`));
    }
    need(await insertDevice(trx, device, now));
    return { credential: need(await insertCredential(trx, device.id, secret, now)), created };
  });
  if (outcome.ok) await syncAccessFile(state);
  return outcome;
}
