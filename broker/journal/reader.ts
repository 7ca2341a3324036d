import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { BroadcastChannel } from 'node:worker_threads';
import type { Duration } from '../../devices/index.ts';
import { ANNOUNCE_CHANNEL, journalPath, openForReading } from './file.ts';

export interface JournalGroup {
  readonly id: number;
  readonly messages: number;
  readonly receivedFrom: number;
  readonly body: Uint8Array;
}

/** A group written by another process is found this late; one of this process is announced at once. */
const POLL_MS: Duration = 200;

/** Reads groups in order, on a connection of its own. */
export class JournalReader {
  #db: DatabaseSync | undefined;
  readonly #dataDir: string;
  readonly #channel = new BroadcastChannel(ANNOUNCE_CHANNEL);
  #announced = false;
  #wake: (() => void) | undefined;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
    this.#channel.onmessage = () => {
      this.#announced = true;
      this.#wake?.();
    };
  }

  /** Groups after `group` in order, until `maxGroups` or `maxBytes` is reached; at least one when there is one. */
  read(group: number, maxGroups: number, maxBytes: number): JournalGroup[] {
    const db = this.#open();
    if (db === undefined) return [];
    const found: JournalGroup[] = [];
    let bytes = 0;
    const rows = db
      .prepare('SELECT id, messages, received_from, body FROM message_group WHERE id > ? ORDER BY id LIMIT ?')
      .iterate(group, maxGroups);
    for (const row of rows) {
      const { id, messages, received_from: receivedFrom, body } = row;
      if (typeof id !== 'number' || typeof messages !== 'number' || typeof receivedFrom !== 'number')
        continue;
      if (!(body instanceof Uint8Array)) continue;
      found.push({ id, messages, receivedFrom, body });
      bytes += body.byteLength;
      if (bytes >= maxBytes) break;
    }
    return found;
  }

  /** Comes back when a group may have been added, or after POLL_MS. */
  async waitForMore(): Promise<void> {
    if (this.#announced) {
      this.#announced = false;
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, POLL_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
    this.#announced = false;
  }

  close(): void {
    this.#channel.close();
    this.#db?.close();
    this.#db = undefined;
  }

  #open(): DatabaseSync | undefined {
    if (this.#db === undefined && existsSync(journalPath(this.#dataDir))) {
      const db = openForReading(this.#dataDir);
      // The writer may be creating the file at this moment: without its table there is nothing to read yet.
      const table = db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'message_group'").get();
      if (table === undefined) db.close();
      else this.#db = db;
    }
    return this.#db;
  }
}
