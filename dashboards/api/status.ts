import { z } from 'zod';

/**
 * What the running system says about itself. The composition root fills it; `/readyz`, `/metrics` and the page read it.
 * Totals count since the process started.
 */
export const systemStatusSchema = z
  .object({
    broker: z.object({
      state: z.enum(['ok', 'degraded']),
      reason: z.string().optional().describe('Key of the reason, e.g. `access_file_missing`.'),
      connections: z.number().describe('MQTT clients connected now.'),
      acceptedTotal: z.number().describe('Messages acknowledged.'),
      puback: z
        .object({
          le: z.array(z.number()).describe('Upper bounds of the buckets in seconds, rising, without +Inf.'),
          counts: z
            .array(z.number())
            .describe('Observations per bucket (not cumulative); one more than `le`, the last is +Inf.'),
          sum: z.number().describe('Seconds.'),
          count: z.number(),
        })
        .describe('Time from the arrival of a publish to its acknowledgement.'),
    }),
    journal: z.object({
      bytes: z.number(),
      maxBytes: z.number(),
      oldestAgeMs: z.number().describe('Age of the oldest message kept.'),
      groupsWaiting: z.number().describe('Groups written but not yet stored.'),
      messagesWaiting: z.number(),
      state: z.enum(['ok', 'full', 'failing']),
      reason: z.string().optional().describe("The operating system's or database's own words."),
    }),
    ingest: z.object({
      readingsTotal: z.number(),
      lagMs: z.number().describe('Age of the oldest message not yet stored; 0 when none waits.'),
      state: z.enum(['ok', 'waiting']),
      reason: z
        .string()
        .optional()
        .describe('Why the store takes nothing: `unreachable`, `unauthorized`, ...'),
      message: z.string().optional().describe("The store's own words."),
    }),
    store: z.object({ kind: z.enum(['sqlite', 'influx']) }),
  })
  .readonly();

export type SystemStatus = z.infer<typeof systemStatusSchema>;

/** Closed: each key is a text in both languages of the page and a sentence in `/readyz`. */
export const problemKeys = [
  'journal_full',
  'journal_failing',
  'broker_degraded',
  'store_unauthorized',
  'store_missing',
  'store_too_large',
  'store_throttled',
  'store_server_error',
  'store_unreachable',
  'store_full',
  'store_waiting',
  'backlog',
] as const;
export type ProblemKey = (typeof problemKeys)[number];

export const problemSchema = z.object({
  key: z.enum(problemKeys),
  /** For whoever operates the server: what is wrong and what to do, in English. */
  message: z.string(),
  lagMs: z.number().optional(),
});
export type Problem = z.infer<typeof problemSchema>;

/**
 * Behind by more than this is worth a word. Two minutes is far more than a busy moment (a group waits milliseconds)
 * and far less than the time in which a cold room gets warm.
 */
export const BACKLOG_LIMIT_MS = 2 * 60_000;

const storeSentences: Readonly<Record<string, string>> = {
  unauthorized:
    'The store refuses our credentials. Check influx.token, or influx.username and influx.password.',
  missing:
    'The store does not know our database, bucket or organisation. Create it, or correct influx.bucket.',
  too_large: 'The store refuses even a single point as too large. Check the limits of its HTTP server.',
  throttled: 'The store asks us to slow down (429). Nothing to do unless it stays so.',
  server_error: 'The store answers with an error of its own (5xx). See its log.',
  unreachable: 'The store cannot be reached. Check that it runs, influx.url, and the network between.',
  full: 'The disk of the store is full. Make room: what is waiting is then stored by itself.',
};

/** What is wrong right now, worst first; empty when all is well. */
export function problemsOf(status: SystemStatus): readonly Problem[] {
  const problems: Problem[] = [];
  const { journal, broker, ingest } = status;
  if (journal.state === 'full') {
    problems.push({
      key: 'journal_full',
      message: `The journal is full (${megabytes(journal.bytes)} of ${megabytes(journal.maxBytes)}): devices are not acknowledged and keep their messages. Bring the store back, or raise journal.max_size.`,
    });
  } else if (journal.state === 'failing') {
    problems.push({
      key: 'journal_failing',
      message: `The journal cannot be written: ${journal.reason ?? 'no reason given'}. Devices are not acknowledged and keep their messages. Check the disk of the data directory.`,
    });
  }
  if (ingest.state === 'waiting') problems.push(storeProblem(ingest.reason, ingest.message, ingest.lagMs));
  else if (ingest.lagMs > BACKLOG_LIMIT_MS) {
    problems.push({
      key: 'backlog',
      message: `${journal.messagesWaiting} messages wait to be stored, the oldest for ${Math.round(ingest.lagMs / 1000)} s. They are safe in the journal.`,
      lagMs: ingest.lagMs,
    });
  }
  if (broker.state === 'degraded') {
    problems.push({
      key: 'broker_degraded',
      message: `The MQTT broker works with restrictions: ${broker.reason ?? 'no reason given'}.`,
    });
  }
  return problems;
}

function storeProblem(reason: string | undefined, words: string | undefined, lagMs: number): Problem {
  const key = problemKeys.find((name) => name === `store_${reason ?? 'waiting'}`) ?? 'store_waiting';
  const sentence =
    storeSentences[reason ?? ''] ?? `The store takes nothing for now (${reason ?? 'no reason given'}).`;
  const said = words === undefined || words === '' ? '' : ` It said: ${words}`;
  return { key, message: `${sentence}${said} Messages are kept in the journal.`, lagMs };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(0)} MB`;
}

/** What is known before the parts have reported for the first time. */
export function startingStatus(kind: SystemStatus['store']['kind']): SystemStatus {
  return {
    broker: {
      state: 'ok',
      connections: 0,
      acceptedTotal: 0,
      puback: { le: [], counts: [0], sum: 0, count: 0 },
    },
    journal: { bytes: 0, maxBytes: 0, oldestAgeMs: 0, groupsWaiting: 0, messagesWaiting: 0, state: 'ok' },
    ingest: { readingsTotal: 0, lagMs: 0, state: 'ok' },
    store: { kind },
  };
}
