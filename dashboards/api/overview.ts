import type { Instant } from '../../devices/index.ts';
import type { Place } from '../../ingest/index.ts';
import { placeLatest } from './place-latest.ts';
import type { Overview, OverviewPlace } from './schemas.ts';
import type { Service } from './service.ts';
import { problemsOf } from './status.ts';
import { iso, placeView, readingView } from './view.ts';

/** Places read at the same time: enough to hide the store's latency, too few to swamp it. */
const PLACES_AT_ONCE = 8;

/** Everything the first view needs in one answer: a phone on a bad line pays for every round trip. */
export async function readOverview(
  service: Service,
  seq: number,
  site: string | undefined,
): Promise<Overview> {
  const now = service.clock();
  const { sites, places } = await service.registry();
  const shown = places.filter(
    (place) => place.retiredAt === undefined && (site ?? place.site) === place.site,
  );
  const status = service.status();
  return {
    at: iso(now),
    seq,
    sites: sites.map(({ id, name, timeZone }) => ({ id, name, timeZone })),
    places: await inGroups(shown, PLACES_AT_ONCE, (place) => overviewPlace(service, place, now)),
    status,
    problems: [...problemsOf(status)],
  };
}

async function overviewPlace(service: Service, place: Place, now: Instant): Promise<OverviewPlace> {
  const latest = await placeLatest(service, place, now);
  const view = placeView(place, latest.limits);
  const bar = await service.bars.of(
    { id: place.id, kind: place.kind, limits: latest.limits },
    latest.rows,
    now,
  );
  return {
    ...view,
    state: latest.state,
    because: [...latest.because],
    ...(latest.main === undefined ? {} : { main: readingView(latest.main, now) }),
    readings: latest.rows.map((row) => readingView(row, now)),
    ...(bar === undefined ? {} : { bar }),
  };
}

async function inGroups<T, R>(
  items: readonly T[],
  size: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += size) {
    results.push(...(await Promise.all(items.slice(start, start + size).map(work))));
  }
  return results;
}
