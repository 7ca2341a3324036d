/**
 * What is refused before it becomes a message: a wrong password, a foreign topic, a packet too large. Each is counted;
 * a bounded number is also written to the journal, so that it stands in the refusals list beside the others.
 */
import { type Clock, excerpt, type RefusalReason } from '../devices/index.ts';
import type { Journal } from './journal/journal.ts';

export interface DoorRefusal {
  readonly reason: RefusalReason;
  readonly address: string;
  readonly expected: string;
  readonly clientId?: string;
  readonly username?: string;
  readonly topic?: string;
  readonly device?: string;
  readonly site?: string;
  /** What came, as bytes; shortened. */
  readonly raw?: Uint8Array;
}

/** An attacker chooses how often he is refused; he does not choose how much of our disk that takes. */
const NOTES_PER_SECOND = 20;
const NOTES_BURST = 200;
/** Enough to recognise a payload by; the whole would let a stranger fill the journal. */
const RAW_BYTES = 256;

export interface Door {
  readonly refuse: (refusal: DoorRefusal) => void;
  readonly counts: () => ReadonlyMap<RefusalReason, number>;
}

export function door(journal: Journal, clock: Clock): Door {
  const counts = new Map<RefusalReason, number>();
  let notes = NOTES_BURST;
  let refilledAt = clock();

  return {
    counts: () => counts,
    refuse: (refusal) => {
      counts.set(refusal.reason, (counts.get(refusal.reason) ?? 0) + 1);
      const now = clock();
      notes = Math.min(NOTES_BURST, notes + (Math.max(0, now - refilledAt) / 1000) * NOTES_PER_SECOND);
      refilledAt = now;
      if (notes < 1) return;
      notes -= 1;
      const { raw, topic, ...rest } = refusal;
      const note = {
        ...rest,
        clientId: excerpt(refusal.clientId ?? ''),
        username: excerpt(refusal.username ?? ''),
        ...(raw === undefined
          ? {}
          : { raw: Buffer.from(raw.subarray(0, RAW_BYTES)).toString('base64'), rawBytes: raw.length }),
      };
      journal.append(
        {
          sender: refusal.device ?? '',
          topic: excerpt(topic ?? ''),
          payload: Buffer.from(JSON.stringify(note)),
          receivedAt: now,
          dup: false,
          kind: 'refusal',
        },
        // Nobody waits for this note: if the disk is full it is only counted.
        () => {},
      );
    },
  };
}
