import type { Instant } from '../../devices/index.ts';
import {
  defaultLimits,
  type LatestValue,
  latestOfPlace,
  type Place,
  type PlaceLimit,
  parseLimits,
} from '../../ingest/index.ts';
import { inReadingOrder, judgePlace, type Verdict } from './judge.ts';
import type { Service } from './service.ts';

export interface PlaceLatest extends Verdict<LatestValue> {
  readonly limits: readonly PlaceLimit[];
  /** Most important first. */
  readonly rows: readonly LatestValue[];
}

/** The place's own limits, or the defaults of its kind. */
export function limitsOf(place: Place): readonly PlaceLimit[] {
  return parseLimits(place.limitsJson) ?? defaultLimits(place.kind);
}

/**
 * Newest readings of a place and the verdict on them. Readings of retired devices are history: if they counted, a
 * place whose sensor was replaced would say "no data" for ever.
 */
export async function placeLatest(service: Service, place: Place, now: Instant): Promise<PlaceLatest> {
  const { retiredDevices } = await service.registry();
  const rows = (await latestOfPlace(service.state, place.id)).filter(
    (row) => !retiredDevices.has(row.device),
  );
  const limits = limitsOf(place);
  return { ...judgePlace(place.kind, rows, limits, now), limits, rows: inReadingOrder(place.kind, rows) };
}
