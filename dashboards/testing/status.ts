import type { SystemStatus } from '../api/status.ts';

/** A system that is well. */
export const wellStatus: SystemStatus = {
  broker: {
    state: 'ok',
    connections: 9,
    acceptedTotal: 81_234,
    puback: { le: [0.001, 0.005, 0.01, 0.1], counts: [10, 60, 25, 4, 1], sum: 0.61, count: 100 },
  },
  journal: {
    bytes: 12_345_678,
    maxBytes: 20_000_000_000,
    oldestAgeMs: 90_000_000,
    groupsWaiting: 0,
    messagesWaiting: 0,
    state: 'ok',
  },
  ingest: { readingsTotal: 162_000, lagMs: 0, state: 'ok' },
  store: { kind: 'sqlite' },
};

/** The store went away an hour ago; everything waits in the journal. */
export const storeAway: SystemStatus = {
  ...wellStatus,
  journal: { ...wellStatus.journal, groupsWaiting: 3_600, messagesWaiting: 24_000 },
  ingest: {
    ...wellStatus.ingest,
    lagMs: 3_600_000,
    state: 'waiting',
    reason: 'unreachable',
    message: 'connect ECONNREFUSED 127.0.0.1:8086',
  },
};

/** Nothing more is acknowledged. */
export const journalFull: SystemStatus = {
  ...storeAway,
  journal: { ...storeAway.journal, bytes: 20_000_000_000, state: 'full' },
};
