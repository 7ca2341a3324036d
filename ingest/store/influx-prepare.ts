import { keptFor, keptUnreachable } from './influx-answer.ts';
import type { Connection } from './influx-connection.ts';
import type { Questions } from './influx-query.ts';
import { StoreError, type WriteOutcome } from './store.ts';

const READY: WriteOutcome = { kind: 'stored', rejected: [] };

const NOTHING = Buffer.alloc(0);

/**
 * Makes the database exist. 1.x creates it; a user without the right to create one is fine when it is there. A bucket of
 * 2.x needs an organisation and a retention that only its administrator knows, and 3.x makes its database by itself.
 */
export async function prepareInflux(connection: Connection, questions: Questions): Promise<WriteOutcome> {
  const flavour = await connection.flavour();
  if (!('major' in flavour)) return flavour;
  if (flavour.major === 1) {
    try {
      await questions.createDatabase();
      return READY;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      if (error.because !== 'unauthorized') {
        return { kind: 'kept', because: error.because, message: error.message };
      }
    }
  }
  return await probe(connection);
}

/** A write of no lines: refused for being empty or accepted, it says that points would find their place. */
async function probe(connection: Connection): Promise<WriteOutcome> {
  try {
    const answer = await connection.post(NOTHING);
    if (answer.status < 300 || answer.status === 400 || answer.status === 422) return READY;
    const kept = keptFor(answer, connection.where);
    if (kept.because !== 'missing') return kept;
    return {
      ...kept,
      message: `${kept.message}; create "${connection.database}" there, or correct its name`,
    };
  } catch (error) {
    return keptUnreachable(error, connection.where);
  }
}
