import type { Instant } from '../../devices/index.ts';
import type { TaggedPoint } from './store.ts';

/** Points of one page handed to the reader: a few hundred kB, and a second of nobody's time. */
export const PAGE_POINTS = 5_000;

/** A part of one stream: its points in time order, complete for every instant before `covered`. */
export interface Chunk {
  readonly points: readonly TaggedPoint[];
  readonly covered: Instant;
}

/** Something that yields points in time order; asked again from where it was complete. */
export type Stream = (from: Instant) => Chunk | Promise<Chunk>;

/**
 * Merges streams by time into pages, holding at most one chunk of each: everything before the instant that all of them
 * have covered is final, so it is sorted and handed on.
 */
export async function* mergeInTime(
  streams: readonly Stream[],
  from: Instant,
  to: Instant,
): AsyncGenerator<readonly TaggedPoint[]> {
  const heads = streams.map((next) => ({ next, covered: from, waiting: [] as TaggedPoint[] }));
  let done = from;
  while (heads.length > 0 && done < to) {
    for (const head of heads) {
      if (head.covered > done) continue;
      const { points, covered } = await head.next(head.covered);
      if (covered <= head.covered) throw new Error('a stream of points did not advance');
      head.covered = covered;
      for (const point of points) head.waiting.push(point);
    }
    done = Math.min(...heads.map((head) => head.covered));
    const ready: TaggedPoint[] = [];
    for (const head of heads) takeBefore(head.waiting, done, ready);
    ready.sort(inOrder);
    for (let start = 0; start < ready.length; start += PAGE_POINTS)
      yield ready.slice(start, start + PAGE_POINTS);
  }
}

function takeBefore(waiting: TaggedPoint[], before: Instant, into: TaggedPoint[]): void {
  const end = waiting.findIndex((point) => point.at >= before);
  const taken = end === -1 ? waiting.splice(0) : waiting.splice(0, end);
  for (const point of taken) into.push(point);
}

/** By time, device, channel; by value last, so that one device seen at two places still has one order everywhere. */
function inOrder(a: TaggedPoint, b: TaggedPoint): number {
  return a.at - b.at || compare(a.device, b.device) || compare(a.channel, b.channel) || a.value - b.value;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
