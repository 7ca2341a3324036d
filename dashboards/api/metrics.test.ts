import { expect, test } from 'vitest';
import { wellStatus } from '../testing/status.ts';
import { metricsText } from './metrics.ts';

/** Reads Prometheus' text format 0.0.4 strictly: every line is a comment of a known form or a sample. */
function parse(text: string): ReadonlyMap<string, number> {
  const samples = new Map<string, number>();
  const types = new Map<string, string>();
  expect(text.endsWith('\n')).toBe(true);
  for (const line of text.trimEnd().split('\n')) {
    const type = /^# TYPE ([a-z_]+) (counter|gauge|histogram)$/.exec(line);
    if (type !== null) types.set(type[1]!, type[2]!);
    else if (!/^# HELP [a-z_]+ .+$/.test(line)) {
      const sample = /^([a-z_]+)(\{[a-z]+="(?:[^"\\\n]|\\.)*"\})? (-?[0-9.e+-]+)$/.exec(line);
      if (sample === null) throw new Error(`not a sample: ${line}`);
      const name = sample[1]!;
      expect(types.has(name) || types.get(name.replace(/_(bucket|sum|count)$/, '')) === 'histogram').toBe(
        true,
      );
      const key = name + (sample[2] ?? '');
      expect(samples.has(key), `${key} twice`).toBe(false);
      samples.set(key, Number(sample[3]));
    }
  }
  return samples;
}

const refusals = [
  { reason: 'malformed', times: 2 },
  { reason: 'unknown_device', times: 5 },
  { reason: 'malformed', times: 3 },
];

test('every figure of the system is a sample in its base unit', () => {
  const samples = parse(metricsText(wellStatus, refusals, 4));
  expect(Object.fromEntries(samples)).toMatchObject({
    greenlane_messages_accepted_total: 81_234,
    greenlane_readings_stored_total: 162_000,
    'greenlane_refused_total{reason="malformed"}': 5,
    'greenlane_refused_total{reason="unknown_device"}': 5,
    greenlane_journal_bytes: 12_345_678,
    greenlane_journal_oldest_seconds: 90_000,
    greenlane_store_lag_seconds: 0,
    greenlane_mqtt_connections: 9,
    greenlane_live_clients: 4,
  });
});

test('the histogram is cumulative and its +Inf bucket equals its count', () => {
  const samples = parse(metricsText(wellStatus, [], 0));
  const buckets = [...samples].filter(([key]) => key.startsWith('greenlane_puback_seconds_bucket'));
  expect(buckets.map(([, value]) => value)).toEqual([10, 70, 95, 99, 100]);
  expect(buckets.at(-1)?.[0]).toBe('greenlane_puback_seconds_bucket{le="+Inf"}');
  expect(samples.get('greenlane_puback_seconds_count')).toBe(100);
  expect(samples.get('greenlane_puback_seconds_sum')).toBe(0.61);
});

test('a reason with quotes, backslashes or line ends stays one label', () => {
  const samples = parse(metricsText(wellStatus, [{ reason: 'a"b\\c\nd', times: 1 }], 0));
  expect(samples.get('greenlane_refused_total{reason="a\\"b\\\\c\\nd"}')).toBe(1);
});
