import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeStoredMark } from './file.ts';
import { Journal } from './journal.ts';
import { JournalReader } from './reader.ts';
import { groupBuilder, groupRecords, type JournalRecord } from './record.ts';

const record = fc.record({
  sender: fc.string({ unit: 'grapheme', maxLength: 64 }),
  topic: fc.string({ unit: 'grapheme', maxLength: 256 }),
  payload: fc.uint8Array({ maxLength: 2_000 }),
  receivedAt: fc.integer({ min: 0, max: 2 ** 45 }),
  dup: fc.boolean(),
  kind: fc.constantFrom('message' as const, 'refusal' as const),
});

function group(records: readonly JournalRecord[]): Uint8Array {
  const builder = groupBuilder();
  for (const { sender, topic, payload, receivedAt, dup, kind } of records)
    builder.add(sender, topic, payload, receivedAt, dup, kind);
  expect(builder.count()).toBe(records.length);
  return builder.take();
}

describe('a journal group', () => {
  test('gives back every record byte by byte, in order', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 40 }), (records) => {
        const back = [...groupRecords(group(records))];
        expect(back.map((one) => ({ ...one, payload: [...one.payload] }))).toEqual(
          records.map((one) => ({ ...one, payload: [...one.payload] })),
        );
      }),
    );
  });

  test('cut at any byte is an error of ours or a shorter list, never another record', () => {
    const whole = {
      sender: 'probe-1',
      topic: 'greenlane/s/probe-1/up',
      dup: false,
      kind: 'message' as const,
    };
    const records = [4.2, 5.1].map((value) => ({
      ...whole,
      payload: Buffer.from(`${value}`),
      receivedAt: value * 1e12,
    }));
    const bytes = group(records);
    for (let cut = 0; cut < bytes.length; cut++) {
      const read: string[] = [];
      try {
        for (const one of groupRecords(bytes.subarray(0, cut)))
          read.push(Buffer.from(one.payload).toString());
      } catch (error) {
        expect(String(error)).toMatch(/journal group damaged at byte/);
      }
      expect(['', '4.2', '4.2,5.1']).toContain(read.join(','));
    }
  });
});

describe('the journal', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'greenlane-journal-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const message = (n: number, size = 20): JournalRecord => ({
    sender: 'probe-1',
    topic: 'greenlane/s/probe-1/up',
    payload: Buffer.from(String(n).padEnd(size, '.')),
    receivedAt: 1_790_000_000_000 + n,
    dup: false,
    kind: 'message',
  });
  const append = (journal: Journal, one: JournalRecord): Promise<void> =>
    new Promise((resolve, reject) => journal.append(one, (error) => (error ? reject(error) : resolve())));
  const payloads = (after: number): string[] => {
    const reader = new JournalReader(dir);
    try {
      return reader
        .read(after, 1_000, 1e9)
        .flatMap((one) =>
          [...groupRecords(one.body)].map((r) => Buffer.from(r.payload).toString().replaceAll('.', '')),
        );
    } finally {
      reader.close();
    }
  };

  test('calls back 1,000 messages in order, and each is on disk when its callback runs', async () => {
    const journal = new Journal({ dataDir: dir, keep: 1e9, maxBytes: 1e9 });
    await journal.start();
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 1_000 }, (_, n) =>
        append(journal, message(n)).then(() => {
          order.push(n);
          if (n % 250 === 0) expect(payloads(0)).toContain(String(n));
        }),
      ),
    );
    expect(order).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
    await journal.stop();
    expect(payloads(0)).toEqual(Array.from({ length: 1_000 }, (_, n) => String(n)));
  });

  test('at its size limit it acknowledges nothing, and goes on once ingest has stored enough', async () => {
    const journal = new Journal({ dataDir: dir, keep: 1e12, maxBytes: 100_000 });
    await journal.start();
    for (let n = 0; n < 9; n++) await append(journal, message(n, 10_000));
    let acknowledged = false;
    const waiting = append(journal, message(9, 10_000)).then(() => {
      acknowledged = true;
    });
    await expect.poll(() => journal.status().state, { timeout: 5_000 }).toBe('journal_full');
    expect(acknowledged).toBe(false);
    writeStoredMark(dir, 5);
    await waiting;
    expect(journal.status().state).toBe('ok');
    expect(payloads(5)).toEqual(['5', '6', '7', '8', '9']);
    await journal.stop();
  });
});
