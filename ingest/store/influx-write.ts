import type { WriteAnswer } from './influx-answer.ts';
import type { LineBatch, LineEncoder } from './influx-lines.ts';
import type { WriteOutcome } from './store.ts';

/**
 * Points in one request, about 2 MB. InfluxDB 1.6 spent 1.66, 1.72 and 1.48 s of processor on a million points in requests
 * of 5,000, 10,000 and 20,000 lines, and 0.99, 0.94 and 0.87 s with four points in a line. What a proxy allows less of is
 * learnt from its 413.
 */
export const DEFAULT_REQUEST_POINTS = 20_000;

export interface Delivery {
  readonly send: (lines: Buffer) => Promise<WriteAnswer>;
  readonly encoder: LineEncoder;
  /** Halved for good when the server says that a request is too large. */
  requestPoints: number;
}

type Rejected = { readonly index: number; readonly message: string };

/**
 * Sends some points of a batch in requests one after the other: a later point of the same series and time must arrive
 * later. Everything is stored or rejected, or nothing is claimed: writing the whole batch again changes nothing.
 */
export async function deliver(
  delivery: Delivery,
  batch: LineBatch,
  points: Int32Array,
): Promise<WriteOutcome> {
  const rejected: Rejected[] = [];
  let aboutPoints = false;
  let start = 0;
  while (start < points.length) {
    const some = points.subarray(start, start + delivery.requestPoints);
    const answer = await delivery.send(delivery.encoder.encode(batch, some, false));
    if (answer.kind === 'kept') return answer;
    if (answer.kind === 'too_large') {
      if (some.length === 1) return { kind: 'kept', because: 'too_large', message: answer.message };
      delivery.requestPoints = Math.ceil(some.length / 2);
      continue;
    }
    if (answer.kind === 'refused') {
      aboutPoints ||= answer.aboutPoints;
      const kept = await isolate(delivery, batch, byField(batch, some), rejected);
      if (kept !== undefined) return kept;
    }
    start += some.length;
  }
  const [first] = rejected;
  if (first !== undefined && rejected.length === points.length && !aboutPoints) {
    const message = `the store refuses every point with words that do not speak of points: ${first.message}`;
    return { kind: 'kept', because: 'server_error', message };
  }
  return { kind: 'stored', rejected };
}

/**
 * Finds the points that are refused among some that were refused together, by halves: for k bad ones among n about
 * k log2 n requests. The good ones are stored on the way.
 * @returns an outcome when the search could not be finished
 */
async function isolate(
  delivery: Delivery,
  batch: LineBatch,
  points: Int32Array,
  rejected: Rejected[],
): Promise<WriteOutcome | undefined> {
  const answer = await delivery.send(delivery.encoder.encode(batch, points, true));
  if (answer.kind === 'stored') return undefined;
  if (answer.kind === 'kept') return answer;
  if (answer.kind === 'refused' && (points.length === 1 || refusedAll(batch, points, answer.dropped))) {
    for (const index of points) rejected.push({ index, message: answer.message });
    return undefined;
  }
  if (points.length === 1) return { kind: 'kept', because: 'too_large', message: answer.message };
  const half = points.length >> 1;
  return (
    (await isolate(delivery, batch, points.subarray(0, half), rejected)) ??
    (await isolate(delivery, batch, points.subarray(half), rejected))
  );
}

/**
 * InfluxDB 1.x counts what it dropped but names one reason. When it dropped every point of one field of one measurement,
 * the reason is one for all, and a thousand conflicting points need not be asked about one by one.
 */
function refusedAll(batch: LineBatch, points: Int32Array, dropped: number | undefined): boolean {
  return dropped === points.length && kindOf(batch, points[0]) === kindOf(batch, points.at(-1));
}

/** Points of one measurement and field next to each other, each series still in its order. */
function byField(batch: LineBatch, points: Int32Array): Int32Array {
  return points.slice().sort((a, b) => {
    const [kindA, kindB] = [kindOf(batch, a), kindOf(batch, b)];
    return kindA < kindB ? -1 : kindA > kindB ? 1 : a - b;
  });
}

function kindOf(batch: LineBatch, point: number | undefined): string {
  const series = batch.series[point ?? 0];
  return series === undefined ? '' : `${series.measurement} ${series.field}`;
}
