import type { Identity } from './access.ts';
import * as guard from './guard.ts';

/** What a connection may do and how fast it does it. */
export interface Session {
  readonly identity: Identity;
  readonly retained: Set<string>;
  tokens: number;
  refilledAt: number;
}

/** May this message be retained? Keeps the account of what the device has retained. */
export function objectToRetain(
  session: Session,
  packet: { topic: string; retain: boolean; payload: string | Buffer },
): guard.Objection | undefined {
  if (!packet.retain) return undefined;
  if (packet.payload.length === 0) {
    session.retained.delete(packet.topic);
    return undefined;
  }
  if (!session.retained.has(packet.topic) && session.retained.size >= guard.MAX_RETAINED_PER_DEVICE) {
    return {
      reason: 'too_many_retained',
      expected: `at most ${guard.MAX_RETAINED_PER_DEVICE} retained topics`,
    };
  }
  session.retained.add(packet.topic);
  return undefined;
}

/** Takes one token and says how long the message has to wait for it: a rate is kept by delaying, not by dropping. */
export function takeToken(session: Session, now: number): number {
  const perMs = guard.MAX_MESSAGES_PER_SECOND / 1000;
  const elapsedMs = Math.max(0, now - session.refilledAt);
  session.tokens = Math.min(guard.BURST_MESSAGES, session.tokens + elapsedMs * perMs) - 1;
  session.refilledAt = now;
  return session.tokens >= 0 ? 0 : -session.tokens / perMs;
}
