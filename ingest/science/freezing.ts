import { type Event, eventsBelowOver } from './degree-hours.ts';
import { citationOf, type Product } from './products.ts';
import { type Answer, known, refuse } from './result.ts';
import type { GapRule, Sample, Window } from './series.ts';

export interface FreezingExposure {
  /** The warmest published freezing point: where sources differ, the alarm is on this one. */
  readonly limitC: number;
  readonly events: readonly Event[];
  readonly dropped: number;
  readonly totalMs: number;
}

/**
 * Times at or below the highest freezing point of a product, degC product temperature.
 * Crossings lie on the straight line between samples. Super-cooling is not assumed.
 */
export function freezingExposure(
  product: Product,
  samples: readonly Sample[],
  gap: GapRule,
  accuracyC = 0,
  window: Window = {},
): Answer<FreezingExposure> {
  const freezing = product.freezing;
  if (freezing === undefined) return refuse('no_figure', `${product.id}: no freezing point is published`);
  const events = eventsBelowOver(freezing.alarmC + accuracyC, samples, gap, window);
  if (!events.ok) return events;
  return known(
    {
      limitC: freezing.alarmC,
      events: events.value.list,
      dropped: events.value.dropped,
      totalMs: events.value.totalMs,
    },
    [citationOf(freezing)],
  );
}
