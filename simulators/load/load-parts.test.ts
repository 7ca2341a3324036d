import fc from 'fast-check';
import { expect, test } from 'vitest';
import { latencyHistogram } from './histogram.ts';
import { patchSeq, patchTs, publishTemplate } from './template.ts';
import { sendWindow } from './window.ts';

test('any percentile is within 1.6 % of the exact one, and the maximum is exact', () => {
  const latencies = fc.array(fc.integer({ min: 0, max: 5_000_000_000 }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(latencies, (values) => {
      const histogram = latencyHistogram();
      for (const value of values) histogram.record(value);
      const sorted = values.toSorted((a, b) => a - b);
      const exactUs = sorted[Math.ceil(0.9 * sorted.length) - 1]!;
      const { p90Ms, maxMs } = histogram.summary();
      expect(Math.abs(p90Ms * 1_000 - exactUs)).toBeLessThanOrEqual(exactUs * 0.016 + 1);
      expect(maxMs * 1_000).toBeCloseTo(sorted.at(-1)!, 3);
    }),
  );
});

test('two histograms added say the same as one that saw both', () => {
  const [one, two, both] = [latencyHistogram(), latencyHistogram(), latencyHistogram()];
  for (let us = 1; us < 100_000; us += 77) {
    (us % 2 === 0 ? one : two).record(us);
    both.record(us);
  }
  one.add(two);
  expect(one.summary()).toEqual(both.summary());
  expect(one.count()).toBe(both.count());
});

test('patched digits read back as the number, at any value that fits', () => {
  const seqs = fc.integer({ min: 0, max: 9_999_999_999 });
  const instants = fc.integer({ min: 1_000_000_000_000, max: 9_999_999_999_999 });
  fc.assert(
    fc.property(seqs, instants, (seq, ts) => {
      const bytes = Buffer.from('{"seq":##########,"ts":#############}');
      patchSeq(bytes, 7, seq);
      patchTs(bytes, 23, ts);
      expect(JSON.parse(bytes.toString())).toEqual({ seq, ts });
    }),
  );
});

test('a payload that holds seq twice is an error of the caller, not a wrong message', () => {
  const twice = () => publishTemplate('t', 1, (seq) => JSON.stringify({ seq, again: seq }), 0);
  expect(twice).toThrow(/seq twice/);
});

test('acknowledged in any order, a window of 4 never reuses a slot that still waits', () => {
  const window = sendWindow({ size: 4, topic: 't', deviceIndex: 0, payloadOf: (seq) => `{"seq":${seq}}` });
  window.fill(4, 1_790_000_000_000, () => 5);
  expect(window.free()).toBe(0);
  expect(window.acknowledge(2)).toBe(5);
  expect(window.free()).toBe(0);
  expect(window.acknowledge(2)).toBe(-1);
  expect(window.acknowledge(1)).toBe(5);
  expect([window.free(), window.inFlight()]).toEqual([2, 2]);
  const pieces = window.fill(2, 1_790_000_000_000, () => 6);
  expect(Buffer.concat([...pieces]).toString('latin1')).toMatch(/ {9}4}.*"seq": {9}5}/s);
  expect(window.again().length).toBe(4);
});
