import { PassThrough } from 'node:stream';
import type { LiveLatest, LiveStatus } from './schemas.ts';

/** What a client wants to hear; undefined means everything. */
export interface LiveFilter {
  readonly site?: string | undefined;
  readonly place?: string | undefined;
}

/** One open event stream. */
export interface LiveClient {
  readonly stream: PassThrough;
  readonly filter: LiveFilter;
  /** Everything up to this number was written. */
  readonly seq: () => number;
  /** True while the socket has not taken what was written: nothing more is written until it has. */
  readonly behind: () => boolean;
  readonly latest: (seq: number, latest: LiveLatest, siteOf: (place: string) => string | undefined) => void;
  readonly status: (status: LiveStatus) => void;
  readonly comment: (text: string) => void;
  readonly end: () => void;
}

/**
 * Bytes waiting per client before it counts as behind: half on each side of the stream. 500 clients then hold 32 MB,
 * and one event each.
 */
const BUFFER_BYTES = 64 * 1024;

/** How long the browser waits before it connects again, told by the stream. */
const RETRY_MS = 3_000;

/** @param onDrain called when a client that was behind has taken everything */
export function createLiveClient(filter: LiveFilter, startSeq: number, onDrain: () => void): LiveClient {
  const stream = new PassThrough({ highWaterMark: BUFFER_BYTES / 2 });
  let seq = startSeq;
  let behind = false;
  const write = (text: string) => {
    if (stream.writableEnded || stream.destroyed) return;
    behind = !stream.write(text);
  };
  stream.on('drain', () => {
    behind = false;
    onDrain();
  });
  // The number is sent at once, so that a line that drops before the first change does not lose it.
  write(`retry: ${RETRY_MS}\nid: ${seq}\n\n`);
  return {
    stream,
    filter,
    seq: () => seq,
    behind: () => behind,
    latest: (at, latest, siteOf) => {
      seq = at;
      const wanted = only(latest, filter, siteOf);
      if (wanted.readings.length + wanted.places.length > 0) write(event('latest', wanted, at));
    },
    status: (status) => write(event('status', status, seq)),
    comment: (text) => write(`: ${text}\n\n`),
    end: () => stream.end(),
  };
}

function event(name: string, data: unknown, id: number): string {
  return `event: ${name}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
}

function only(
  latest: LiveLatest,
  filter: LiveFilter,
  siteOf: (place: string) => string | undefined,
): LiveLatest {
  const { site, place } = filter;
  if (site === undefined && place === undefined) return latest;
  const wants = (itsPlace: string, itsSite: string | undefined) =>
    (place === undefined || place === itsPlace) && (site === undefined || site === itsSite);
  return {
    at: latest.at,
    readings: latest.readings.filter((reading) => wants(reading.place, reading.site)),
    places: latest.places.filter(({ id }) => wants(id, siteOf(id))),
  };
}
