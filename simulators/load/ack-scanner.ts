/**
 * Reads what a broker sends to a publisher: CONNACK, PUBACK and PINGRESP, all of two or four bytes. Anything else is
 * a broken server. Splitting at any byte is allowed, as TCP may.
 */
export interface AckScanner {
  /** Looks at the first `length` bytes of `chunk`; false once the server sent something a publisher never gets. */
  readonly scan: (chunk: Uint8Array, length: number) => boolean;
}

export interface AckHandlers {
  /** CONNACK with its return code (MQTT 3.1.1 table 3.1), 0 = accepted. */
  readonly onConnack: (code: number) => void;
  readonly onPuback: (packetId: number) => void;
}

const CONNACK = 0x20;
const PUBACK = 0x40;
const PINGRESP = 0xd0;

export function ackScanner({ onConnack, onPuback }: AckHandlers): AckScanner {
  // At most three bytes of a packet that the chunk boundary cut in two.
  const carried = [0, 0, 0, 0];
  let carry = 0;

  const whole = (type: number, remaining: number, third: number, fourth: number): boolean => {
    if (type === PUBACK && remaining === 2) onPuback((third << 8) | fourth);
    else if (type === CONNACK && remaining === 2) onConnack(fourth);
    else return false;
    return true;
  };

  const scan = (chunk: Uint8Array, length: number): boolean => {
    let at = 0;
    while (at < length) {
      // The usual case, kept short: a whole PUBACK inside the chunk.
      if (carry === 0 && length - at >= 4 && chunk[at] === PUBACK && chunk[at + 1] === 2) {
        onPuback(((chunk[at + 2] ?? 0) << 8) | (chunk[at + 3] ?? 0));
        at += 4;
        continue;
      }
      carried[carry] = chunk[at] ?? 0;
      carry += 1;
      at += 1;
      const [type = 0, remaining = 0, third = 0, fourth = 0] = carried;
      if (carry === 2 && type === PINGRESP && remaining === 0) carry = 0;
      else if (carry === 2 && remaining !== 2) return false;
      else if (carry === 4) {
        carry = 0;
        if (!whole(type, remaining, third, fourth)) return false;
      }
    }
    return true;
  };
  return { scan };
}
