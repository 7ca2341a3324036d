/** What TS301 and TS302 share: two inputs, each for a temperature probe or a door magnet. */
import type { ByteCursor } from '../bytes.ts';
import { type FrameDraft, refuseSlot } from '../frame.ts';
import type { Measurement, Model } from '../model.ts';
import type { Instant } from '../time.ts';
import {
  battery,
  type Entry,
  type History,
  keepRaw,
  readRaw,
  temperature,
  tlvModel,
  writeRaw,
} from './tlv.ts';

const first = temperature('probe-1', 'air_temperature', { report: 0x0367, alarm: 0x8367, change: 0x93d7 });
const second = temperature('probe-2', 'air_temperature', { report: 0x0467, alarm: 0x8467, change: 0x94d7 });
const inputs = [first[0], second[0]];

/** 0 is closed, 1 is open. */
const magnet = (channel: string, key: number): Entry => {
  return { key, channel, quantity: 'door_open', kind: 'u8', divisor: 1 };
};

/** The mask of a history record has four bits for input 1 (high) and input 2: nothing, temperature, or magnet. */
const PERIODIC_TEMPERATURE = 4;

const history: History = {
  read: readMasked,
  write: (measurements) => {
    const found = inputs.map((input) => measurements.find((m) => m.channel === input?.channel));
    const mask = found.reduce((bits, m) => bits * 16 + (m === undefined ? 0 : PERIODIC_TEMPERATURE), 0);
    return [
      mask,
      ...inputs.flatMap((input, i) => (input && found[i] ? writeRaw(input, found[i].value) : [])),
    ];
  },
};

function readMasked(cursor: ByteCursor, measuredAt: Instant, draft: FrameDraft): boolean {
  const mask = cursor.u8();
  if (mask === undefined) return false;
  const raws: (readonly [Entry, number])[] = [];
  for (const [i, input] of inputs.entries()) {
    const kind = i === 0 ? mask >> 4 : mask & 0xf;
    if (kind === 0 || input === undefined) continue;
    if (kind > PERIODIC_TEMPERATURE) {
      // The vendor gives no length for a magnet's history, so the record cannot be read past it.
      refuseSlot(draft, 'unsupported', { ...input, quantity: 'door_open' }, 'a temperature', `kind ${kind}`);
      cursor.bytes(cursor.remaining());
      return true;
    }
    const raw = readRaw(cursor, input.kind);
    if (raw === undefined) return false;
    raws.push([input, raw]);
  }
  for (const [input, raw] of raws) keepRaw(draft, input, raw, measuredAt);
  return true;
}

/** @throws RangeError for a door in the history, which these frames cannot carry */
function refuseDoorHistory(measurements: readonly Measurement[]): void {
  if (measurements.some((m) => m.measuredAt !== undefined && m.quantity === 'door_open')) {
    throw new RangeError('the history of a TS30x holds temperatures only');
  }
}

export function ts30x(id: string, title: string): Model {
  const entries = [battery, ...first, ...second, magnet('probe-1', 0x0300), magnet('probe-2', 0x0400)];
  const model = tlvModel({ id, title, entries, history });
  return {
    ...model,
    encode: (measurements) => {
      refuseDoorHistory(measurements);
      return model.encode(measurements);
    },
  };
}
