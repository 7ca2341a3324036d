import type { SystemStatus } from './status.ts';

/** Prometheus' text format 0.0.4. Names are an API: adding is safe, renaming is not. Pure. */

interface Sample {
  readonly suffix?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export function metricsText(
  status: SystemStatus,
  refusals: readonly { readonly reason: string; readonly times: number }[],
  liveClients: number,
): string {
  const { broker, journal, ingest } = status;
  const one = (value: number) => [{ value }];
  return [
    metric(
      'greenlane_messages_accepted_total',
      'counter',
      'Messages acknowledged.',
      one(broker.acceptedTotal),
    ),
    metric(
      'greenlane_readings_stored_total',
      'counter',
      'Readings written to the store.',
      one(ingest.readingsTotal),
    ),
    metric('greenlane_refused_total', 'counter', 'What was refused, by reason.', byReason(refusals)),
    metric('greenlane_journal_bytes', 'gauge', 'Size of the journal.', one(journal.bytes)),
    metric(
      'greenlane_journal_max_bytes',
      'gauge',
      'Size at which devices are held back.',
      one(journal.maxBytes),
    ),
    metric(
      'greenlane_journal_oldest_seconds',
      'gauge',
      'Age of the oldest message kept.',
      one(journal.oldestAgeMs / 1e3),
    ),
    metric(
      'greenlane_journal_waiting_messages',
      'gauge',
      'Messages not yet stored.',
      one(journal.messagesWaiting),
    ),
    metric(
      'greenlane_store_lag_seconds',
      'gauge',
      'Age of the oldest message not yet stored.',
      one(ingest.lagMs / 1e3),
    ),
    metric(
      'greenlane_puback_seconds',
      'histogram',
      'From publish to acknowledgement.',
      histogram(broker.puback),
    ),
    metric('greenlane_mqtt_connections', 'gauge', 'MQTT clients connected.', one(broker.connections)),
    metric('greenlane_live_clients', 'gauge', 'Browsers that listen to live changes.', one(liveClients)),
  ].join('');
}

function metric(name: string, type: string, help: string, samples: readonly Sample[]): string {
  const lines = samples.map(({ suffix = '', labels = {}, value }) => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
    return `${name}${suffix}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function byReason(
  refusals: readonly { readonly reason: string; readonly times: number }[],
): readonly Sample[] {
  const sums = new Map<string, number>();
  for (const { reason, times } of refusals) sums.set(reason, (sums.get(reason) ?? 0) + times);
  return [...sums]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([reason, value]) => ({ labels: { reason }, value }));
}

function histogram({ le, counts, sum, count }: SystemStatus['broker']['puback']): readonly Sample[] {
  let below = 0;
  const buckets = le.map((bound, index) => {
    below += counts[index] ?? 0;
    return { suffix: '_bucket', labels: { le: String(bound) }, value: below };
  });
  return [
    ...buckets,
    { suffix: '_bucket', labels: { le: '+Inf' }, value: count },
    { suffix: '_sum', value: sum },
    { suffix: '_count', value: count },
  ];
}
