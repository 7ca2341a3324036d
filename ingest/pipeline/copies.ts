/**
 * Tells a second copy of a message from a second measurement when the device has no clock. With a clock nothing is
 * needed: the same series and time is the same point. Without one, the time would be ours, and differ.
 */
import { hash } from 'node:crypto';
import { type Duration, type Instant, MINUTE } from '../../devices/index.ts';

/** A copy comes from a resend after a lost PUBACK or a second gateway: within minutes, or after a reconnect. */
export const COPY_WINDOW_MS: Duration = 10 * MINUTE;

/** Messages remembered per device: more than a device without a clock sends within the window. */
export const REMEMBERED_PER_DEVICE = 128;

export interface Seen {
  readonly device: string;
  readonly identity: string;
  readonly at: Instant;
}

/** What identifies a message: its network's name for it, or for a resend its content. */
export function copyKeys(
  identity: string | undefined,
  payload: Uint8Array,
): { readonly strong: string; readonly isResendOnly: boolean } {
  // A sequence number starts again when the device does, so it counts only together with the content.
  if (identity !== undefined && !identity.startsWith('seq:'))
    return { strong: identity, isResendOnly: false };
  const content = hash('sha256', payload, 'base64url').slice(0, 22);
  return identity === undefined
    ? { strong: `content:${content}`, isResendOnly: true }
    : { strong: `${identity}:${content}`, isResendOnly: false };
}

export class Copies {
  readonly #devices = new Map<string, Map<string, Instant>>();

  /** Fills the memory from what was committed. */
  restore(rows: Iterable<Seen>): void {
    for (const { device, identity, at } of rows) this.#of(device).set(identity, at);
  }

  /**
   * True when this is a copy of a message taken within the window. Otherwise it is remembered.
   * @param dup the sender itself says that it may have sent this before
   */
  isCopy(
    device: string,
    identity: string | undefined,
    payload: Uint8Array,
    dup: boolean,
    at: Instant,
  ): Seen | true {
    const { strong, isResendOnly } = copyKeys(identity, payload);
    const seen = this.#of(device);
    const before = seen.get(strong);
    // Two equal messages without a number are two measurements, unless the sender marks the second as a resend.
    if (before !== undefined && at - before <= COPY_WINDOW_MS && (!isResendOnly || dup)) return true;
    seen.delete(strong);
    seen.set(strong, at);
    if (seen.size > REMEMBERED_PER_DEVICE) {
      const [oldest] = seen.keys();
      if (oldest !== undefined) seen.delete(oldest);
    }
    return { device, identity: strong, at };
  }

  #of(device: string): Map<string, Instant> {
    let seen = this.#devices.get(device);
    if (seen === undefined) {
      seen = new Map();
      this.#devices.set(device, seen);
    }
    return seen;
  }
}
