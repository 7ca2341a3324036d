/** Reads what the broker wrote into the journal about something it refused at its door. */
import type { JournalRecord } from '../../broker/index.ts';
import { type Instant, type Refusal, type RefusalReason, refusalReasons } from '../../devices/index.ts';

interface DoorNote {
  readonly refusal: Refusal;
  readonly row: {
    readonly at: Instant;
    readonly topic: string;
    readonly raw: Uint8Array;
    readonly rawBytes: number;
    readonly site?: string;
  };
}

function text(note: Record<string, unknown>, key: string): string {
  const value = note[key];
  return typeof value === 'string' ? value : '';
}

function reasonOf(given: string): RefusalReason {
  return refusalReasons.find((reason) => reason === given) ?? 'malformed_packet';
}

export function readDoorNote(record: JournalRecord): DoorNote {
  const note: Record<string, unknown> = JSON.parse(Buffer.from(record.payload).toString('utf8'));
  const raw = Buffer.from(text(note, 'raw'), 'base64');
  const from = [
    ['client id', text(note, 'clientId')],
    ['user', text(note, 'username')],
    ['from', text(note, 'address')],
  ];
  const site = text(note, 'site');
  const device = text(note, 'device');
  return {
    refusal: {
      reason: reasonOf(text(note, 'reason')),
      ...(device === '' ? {} : { device }),
      expected: text(note, 'expected'),
      received: from
        .filter(([, value]) => value !== '')
        .map(([name, value]) => `${name} ${value}`)
        .join(', '),
    },
    row: {
      at: record.receivedAt,
      topic: record.topic,
      raw,
      rawBytes: typeof note.rawBytes === 'number' ? note.rawBytes : raw.length,
      ...(site === '' ? {} : { site }),
    },
  };
}
