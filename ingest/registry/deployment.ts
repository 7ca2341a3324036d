import type { Instant } from '../../devices/index.ts';

/** The channel of a deployment that holds for every channel without one of its own. */
export const EVERY_CHANNEL = '*';

/** From the beginning: a device's first place has all its history, buffered readings included, unless told otherwise. */
export const ALWAYS: Instant = 0;

export interface Deployment {
  /** Grows with each entry; of two that claim the same moment the later entered is believed. */
  readonly id: number;
  readonly channel: string;
  readonly place: string;
  /** Included. */
  readonly from: Instant;
  /** Excluded; undefined while it lasts. */
  readonly to?: Instant | undefined;
}

/** Sorts so that the first deployment that covers an instant is the one that counts. */
export function byPrecedence(a: Deployment, b: Deployment): number {
  return b.from - a.from || b.id - a.id;
}

export function covers(deployment: Deployment, at: Instant): boolean {
  return deployment.from <= at && (deployment.to === undefined || at < deployment.to);
}

/** What a move changes: rows to shorten, rows to take out (nothing of them would be left) and the row to add. */
export interface MovePlan {
  readonly shorten: readonly { readonly id: number; readonly to: Instant }[];
  readonly remove: readonly number[];
  readonly add: {
    readonly channel: string;
    readonly place: string;
    readonly from: Instant;
    readonly to?: Instant;
  };
}

/**
 * Puts `channel` (or with `*` the whole device, its separately placed channels included) at `place` from `at` on.
 * A move entered late does not undo the ones after it: it lasts until the next of them.
 */
export function planMove(
  existing: readonly Deployment[],
  channel: string,
  place: string,
  at: Instant,
): MovePlan {
  const concerns = (other: string) => other === channel || other === EVERY_CHANNEL;
  const later = existing
    .filter((deployment) => deployment.from > at && concerns(deployment.channel))
    .map((deployment) => deployment.from);
  const add = { channel, place, from: at };
  return {
    ...planEnd(existing, channel, at),
    add: later.length === 0 ? add : { ...add, to: Math.min(...later) },
  };
}

/** Ends what covers `at` for the channel, or with `*` for all of them. */
export function planEnd(
  existing: readonly Deployment[],
  channel: string,
  at: Instant,
): Pick<MovePlan, 'shorten' | 'remove'> {
  const ends = existing.filter(
    (deployment) => covers(deployment, at) && (channel === EVERY_CHANNEL || deployment.channel === channel),
  );
  return {
    shorten: ends.filter(({ from }) => from < at).map(({ id }) => ({ id, to: at })),
    remove: ends.filter(({ from }) => from === at).map(({ id }) => id),
  };
}

/** A lookup over one device's deployments, prepared once. */
export function deploymentLookup(
  deployments: readonly Deployment[],
): (channel: string, at: Instant) => Deployment | undefined {
  const byChannel = new Map<string, Deployment[]>();
  for (const deployment of [...deployments].sort(byPrecedence)) {
    const list = byChannel.get(deployment.channel);
    if (list === undefined) byChannel.set(deployment.channel, [deployment]);
    else list.push(deployment);
  }
  const first = (channel: string, at: Instant): Deployment | undefined => {
    for (const deployment of byChannel.get(channel) ?? []) if (covers(deployment, at)) return deployment;
    return undefined;
  };
  return (channel, at) => first(channel, at) ?? first(EVERY_CHANNEL, at);
}
