import { MINUTE, SECOND } from '../../devices/index.ts';
import { type LatestValue, latestSince } from '../../ingest/index.ts';
import { createLiveClient, type LiveClient, type LiveFilter } from './live-client.ts';
import { placeLatest } from './place-latest.ts';
import type { LiveLatest, LiveStatus } from './schemas.ts';
import type { Service } from './service.ts';
import { problemsOf } from './status.ts';
import { iso, readingView } from './view.ts';

/** Browsers that may listen at once: a village has dozens, and each costs a socket and up to 64 kB. */
export const MAX_CLIENTS = 500;

/** One look for all clients; half a second keeps "within a second" true including the network. */
const POLL_MS = 500;
/** Proxies and phones drop a silent connection after 30 to 60 s. */
const HEARTBEAT_MS = 15 * SECOND;
/** Time alone changes states too (silence becomes "no data"), and slowly changing numbers of the status. */
const REVIEW_MS = 10 * SECOND;
/** A stream ends after this; the browser comes back by itself, and a revoked token then no longer works. */
const MAX_STREAM_MS = 60 * MINUTE;
/** Rows read at once: one event stays below a few hundred kB. */
const PAGE_ROWS = 500;

export interface LiveHub {
  /** Reads what is new, tells all clients, and answers the number up to which everything was read. */
  readonly poll: () => Promise<number>;
  /** Undefined when MAX_CLIENTS listen already. */
  readonly connect: (filter: LiveFilter, lastEventId: number | undefined) => Promise<LiveClient | undefined>;
  readonly clients: () => number;
  readonly stop: () => void;
}

/** @param pollMs how often the state is asked; tests shorten it */
export function createLiveHub(
  service: Service,
  onError: (error: unknown) => void,
  pollMs = POLL_MS,
): LiveHub {
  const clients = new Set<LiveClient>();
  const states = new Map<string, string>();
  let cursor = 0;
  let problems = '';
  let reviewedAt = 0;
  let spokenAt = 0;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  const tell = async (client: LiveClient, latest: LiveLatest, seq: number) => {
    const { placeById } = await service.registry();
    client.latest(seq, latest, (place) => placeById.get(place)?.site);
  };

  const catchUp = async (client: LiveClient) => {
    while (!client.behind() && client.seq() < cursor) {
      const rows = await latestSince(service.state, client.seq(), PAGE_ROWS);
      const last = rows.at(-1);
      if (last === undefined) return;
      await tell(client, await changes(service, rows), last.seq);
    }
  };

  const readNew = async (): Promise<number> => {
    for (;;) {
      const rows = await latestSince(service.state, cursor, PAGE_ROWS);
      const last = rows.at(-1);
      if (last === undefined) return cursor;
      const before = cursor;
      cursor = last.seq;
      if (clients.size === 0) continue;
      const latest = await changes(service, rows);
      for (const { id, state } of latest.places) states.set(id, state);
      for (const client of clients) {
        // Who is behind reads the rest by itself when its socket has drained.
        if (!client.behind() && client.seq() === before) await tell(client, latest, cursor);
      }
    }
  };

  const review = async () => {
    const now = service.clock();
    const status: LiveStatus = liveStatus(service);
    const keys = status.problems.map((problem) => problem.key).join();
    const due = now - reviewedAt >= REVIEW_MS || now < reviewedAt;
    if (keys !== problems || due) {
      for (const client of clients) if (!client.behind()) client.status(status);
    }
    problems = keys;
    if (!due) return;
    reviewedAt = now;
    const places = await verdictsChanged(service, states);
    if (places.length === 0) return;
    for (const client of clients) {
      if (!client.behind()) await tell(client, { at: iso(now), readings: [], places }, client.seq());
    }
  };

  const heartbeat = () => {
    const now = service.clock();
    if (Math.abs(now - spokenAt) < HEARTBEAT_MS) return;
    spokenAt = now;
    for (const client of clients) if (!client.behind()) client.comment('still here');
  };

  /** One at a time: two readers of the same change would tell it twice or out of order. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  };

  const tick = () => {
    inTurn(async () => {
      await readNew();
      await review();
      heartbeat();
    })
      .catch(onError)
      .finally(() => {
        timer = clients.size > 0 && !stopped ? setTimeout(tick, pollMs) : undefined;
      });
  };

  const open = async (filter: LiveFilter, lastEventId: number | undefined) => {
    if (stopped || clients.size >= MAX_CLIENTS) return undefined;
    const seq = await readNew();
    // A number from before the state was replaced: everything is told again.
    const from = lastEventId === undefined ? seq : lastEventId > seq ? 0 : lastEventId;
    const client = createLiveClient(filter, from, () => {
      inTurn(() => catchUp(client)).catch(onError);
    });
    const expiry = setTimeout(client.end, MAX_STREAM_MS);
    client.stream.once('close', () => {
      clearTimeout(expiry);
      clients.delete(client);
    });
    clients.add(client);
    client.status(liveStatus(service));
    await catchUp(client);
    timer ??= setTimeout(tick, pollMs);
    return client;
  };

  return {
    poll: () => inTurn(readNew),
    connect: (filter, lastEventId) => inTurn(() => open(filter, lastEventId)),
    clients: () => clients.size,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      for (const client of clients) client.end();
    },
  };
}

function liveStatus(service: Service): LiveStatus {
  const status = service.status();
  return { at: iso(service.clock()), status, problems: [...problemsOf(status)] };
}

/** The changed readings, and the verdict on each place they belong to. */
async function changes(service: Service, rows: readonly LatestValue[]): Promise<LiveLatest> {
  const now = service.clock();
  const { placeById, retiredDevices } = await service.registry();
  const places: LiveLatest['places'] = [];
  for (const id of new Set(rows.map((row) => row.place))) {
    const place = placeById.get(id);
    if (place === undefined || place.retiredAt !== undefined) continue;
    const { state, because, main } = await placeLatest(service, place, now);
    places.push({
      id,
      state,
      because: [...because],
      ...(main === undefined ? {} : { main: readingView(main, now) }),
    });
  }
  const readings = rows
    .filter((row) => !retiredDevices.has(row.device))
    .map((row) => ({ ...readingView(row, now), place: row.place, site: row.site }));
  return { at: iso(now), readings, places };
}

/** Places whose state is another than the last one told, although nothing was heard of them. */
async function verdictsChanged(service: Service, states: Map<string, string>): Promise<LiveLatest['places']> {
  const now = service.clock();
  const { places } = await service.registry();
  const changed: LiveLatest['places'] = [];
  for (const place of places) {
    if (place.retiredAt !== undefined) continue;
    const { state, because, main } = await placeLatest(service, place, now);
    const before = states.get(place.id);
    states.set(place.id, state);
    if (before === undefined || before === state) continue;
    changed.push({
      id: place.id,
      state,
      because: [...because],
      ...(main === undefined ? {} : { main: readingView(main, now) }),
    });
  }
  return changed;
}
