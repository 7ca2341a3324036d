/** Turns journal groups into what is to be stored and what is to be remembered with the offset. */

import { groupRecords, type JournalGroup, type JournalRecord } from '../../broker/index.ts';
import {
  type Decoded,
  decodeMessage,
  HOUR,
  type Instant,
  isId,
  type Reading,
  type Refusal,
  type RefusalReason,
} from '../../devices/index.ts';
import type { RegistrySnapshot } from '../registry/index.ts';
import { RAW_BYTES_MAX } from '../state/schema.ts';
import type { Measurement, PointBatch, Series } from '../store/index.ts';
import { Copies, type Seen } from './copies.ts';
import { readDoorNote } from './door-note.ts';
import { type Channel, SeriesIndex } from './series-index.ts';

export interface RefusalRow extends Refusal {
  readonly at: Instant;
  readonly site?: string;
  readonly topic: string;
  readonly raw: Uint8Array;
  readonly rawBytes: number;
}

/** A device's last known value, as it will be committed. */
export interface LatestRow {
  readonly reading: Reading;
  readonly site: string;
  readonly place: string;
}

export interface Batch {
  readonly points: PointBatch;
  /** Some point may have the time of an earlier one: it must not be written before those under way. */
  readonly mayOverwrite: boolean;
  readonly lastGroup: number;
  readonly oldestReceivedAt: Instant;
  readonly messages: number;
  readonly refusals: readonly RefusalRow[];
  /** All refusals, also those whose row was left out; key is `<device> <reason>`. */
  readonly refusalCounts: ReadonlyMap<string, number>;
  readonly latest: readonly LatestRow[];
  readonly seen: readonly Seen[];
  readonly stamps: ReadonlyMap<string, Instant>;
  readonly due: ReadonlyMap<Measurement, ReadonlySet<Instant>>;
}

/** Rows kept per device and batch: a sensor gone mad is counted in full, but shown by example. */
const ROWS_PER_DEVICE = 20;

export class BatchBuilder {
  readonly #index: SeriesIndex;
  readonly #copies = new Copies();
  readonly #stamps = new Map<string, Instant>();
  #number = 0;

  constructor(registry: RegistrySnapshot) {
    this.#index = new SeriesIndex(registry);
  }

  /** Goes on from what was committed. */
  restore(state: {
    latest: Iterable<LatestRow>;
    seen: Iterable<Seen>;
    stamps: Iterable<readonly [string, Instant]>;
  }): void {
    for (const { reading } of state.latest) {
      const channel = this.#index.find(reading.device, reading.channel, reading.quantity, reading.measuredAt);
      if (channel === undefined) continue;
      channel.latest = reading;
      channel.latestWhere = channel.where;
    }
    this.#copies.restore(state.seen);
    for (const [device, at] of state.stamps) this.#stamps.set(device, at);
  }

  useRegistry(registry: RegistrySnapshot): void {
    this.#index.useRegistry(registry);
  }

  /** @param groups at least one, in order */
  build(groups: readonly JournalGroup[]): Batch {
    this.#number += 1;
    const draft = newDraft(this.#number);
    for (const group of groups) for (const record of groupRecords(group.body)) this.#take(record, draft);
    const first = groups[0];
    const last = groups.at(-1);
    return {
      points: { series: draft.series, at: draft.at, value: draft.value },
      mayOverwrite: draft.mayOverwrite,
      lastGroup: last?.id ?? 0,
      oldestReceivedAt: first?.receivedFrom ?? 0,
      messages: groups.reduce((sum, group) => sum + group.messages, 0),
      refusals: draft.refusals,
      refusalCounts: draft.refusalCounts,
      latest: draft.changed.flatMap(latestRow),
      seen: draft.seen,
      stamps: draft.stamps,
      due: draft.due,
    };
  }

  #take(record: JournalRecord, draft: Draft): void {
    if (record.kind === 'refusal') {
      const note = readDoorNote(record);
      refuse(draft, note.refusal, note.row);
      return;
    }
    const decoded = decodeMessage(record);
    for (const refusal of decoded.refusals) {
      refuse(draft, { device: record.sender, ...refusal }, rowOf(record));
    }
    if (decoded.readings.length === 0) return;
    if (!this.#isCopy(record, decoded, draft)) this.#keepAll(record, decoded.readings, draft);
  }

  #isCopy(record: JournalRecord, decoded: Decoded, draft: Draft): boolean {
    if (!decoded.readings.some((reading) => reading.clock !== 'device')) return false;
    const outcome = this.#copies.isCopy(
      record.sender,
      decoded.identity,
      record.payload,
      record.dup,
      record.receivedAt,
    );
    if (outcome === true) {
      count(draft, record.sender, 'duplicate');
      return true;
    }
    draft.seen.push(outcome);
    return false;
  }

  #keepAll(record: JournalRecord, readings: readonly Reading[], draft: Draft): void {
    let stamp: Instant | undefined;
    for (const reading of readings) {
      if (!isId(reading.device) || !isId(reading.channel)) {
        refuse(
          draft,
          { reason: 'unknown_channel', device: record.sender, field: reading.channel },
          rowOf(record),
        );
        continue;
      }
      if (reading.clock === 'server') {
        stamp ??= this.#serverStamp(reading.device, reading.measuredAt, draft);
        this.#keep({ ...reading, measuredAt: stamp }, record, draft);
      } else this.#keep(reading, record, draft);
    }
  }

  /** Two messages of one device in the same millisecond are two measurements: the second is moved by one. */
  #serverStamp(device: string, at: Instant, draft: Draft): Instant {
    const stamp = Math.max(at, (this.#stamps.get(device) ?? 0) + 1);
    this.#stamps.set(device, stamp);
    draft.stamps.set(device, stamp);
    return stamp;
  }

  #keep(reading: Reading, record: JournalRecord, draft: Draft): void {
    const { measuredAt, suspect } = reading;
    const channel = this.#index.find(reading.device, reading.channel, reading.quantity, measuredAt);
    const series =
      channel === undefined || suspect === undefined
        ? channel?.series
        : this.#index.suspectSeries(channel, suspect);
    if (channel === undefined || series === undefined) {
      const expected = 'fewer devices, channels and quantities: the limit of series is reached';
      refuse(draft, { reason: 'too_many_records', device: record.sender, expected }, rowOf(record));
      return;
    }
    draft.series.push(series);
    draft.at.push(measuredAt);
    draft.value.push(reading.value);
    if (suspect === undefined) noteDue(channel, measuredAt, draft);
    if (channel.latest !== undefined && measuredAt <= channel.latest.measuredAt) {
      draft.mayOverwrite = true;
      if (measuredAt < channel.latest.measuredAt) return;
    }
    channel.latest = reading;
    channel.latestWhere = channel.where;
    if (channel.changedIn === draft.number) return;
    channel.changedIn = draft.number;
    draft.changed.push(channel);
  }
}

interface Draft {
  readonly number: number;
  mayOverwrite: boolean;
  readonly series: Series[];
  readonly at: Instant[];
  readonly value: number[];
  readonly refusals: RefusalRow[];
  readonly rowsOf: Map<string, number>;
  readonly refusalCounts: Map<string, number>;
  readonly changed: Channel[];
  readonly seen: Seen[];
  readonly stamps: Map<string, Instant>;
  readonly due: Map<Measurement, Set<Instant>>;
}

function newDraft(number: number): Draft {
  return {
    number,
    mayOverwrite: false,
    series: [],
    at: [],
    value: [],
    refusals: [],
    rowsOf: new Map(),
    refusalCounts: new Map(),
    changed: [],
    seen: [],
    stamps: new Map(),
    due: new Map(),
  };
}

function noteDue(channel: Channel, at: Instant, draft: Draft): void {
  const hour = Math.floor(at / HOUR) * HOUR;
  if (channel.dueIn === draft.number && channel.dueHour === hour) return;
  channel.dueIn = draft.number;
  channel.dueHour = hour;
  const { measurement } = channel.series;
  const hours = draft.due.get(measurement);
  if (hours === undefined) draft.due.set(measurement, new Set([hour]));
  else hours.add(hour);
}

function latestRow(channel: Channel): LatestRow[] {
  const { latest, latestWhere } = channel;
  return latest === undefined ? [] : [{ reading: latest, site: latestWhere.site, place: latestWhere.place }];
}

type RowContext = Omit<RefusalRow, keyof Refusal>;

function rowOf(record: JournalRecord): RowContext {
  const { topic, payload, receivedAt } = record;
  return { at: receivedAt, topic, raw: payload.slice(0, RAW_BYTES_MAX), rawBytes: payload.length };
}

function count(draft: Draft, device: string, reason: RefusalReason): void {
  const key = `${device} ${reason}`;
  draft.refusalCounts.set(key, (draft.refusalCounts.get(key) ?? 0) + 1);
}

function refuse(draft: Draft, refusal: Refusal, context: RowContext): void {
  const device = refusal.device ?? '';
  count(draft, device, refusal.reason);
  const rows = draft.rowsOf.get(device) ?? 0;
  if (rows >= ROWS_PER_DEVICE) return;
  draft.rowsOf.set(device, rows + 1);
  draft.refusals.push({ ...refusal, ...context });
}
