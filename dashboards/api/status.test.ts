import { expect, test } from 'vitest';
import { journalFull, storeAway, wellStatus } from '../testing/status.ts';
import { BACKLOG_LIMIT_MS, problemKeys, problemsOf, startingStatus } from './status.ts';

test('a system that is well, or has just started, has no problems', () => {
  expect(problemsOf(wellStatus)).toEqual([]);
  expect(problemsOf(startingStatus('sqlite'))).toEqual([]);
});

test.each(['unauthorized', 'missing', 'too_large', 'throttled', 'server_error', 'unreachable', 'full'])(
  'a store that takes nothing because it is %s has its own key, sentence, and its own words',
  (reason) => {
    const [problem] = problemsOf({
      ...storeAway,
      ingest: { ...storeAway.ingest, reason, message: 'its words' },
    });
    expect(problem?.key).toBe(`store_${reason}`);
    expect(problemKeys).toContain(`store_${reason}`);
    expect(problem?.message).toContain('its words');
  },
);

test('a reason this version does not know is told as it came', () => {
  const [problem] = problemsOf({ ...storeAway, ingest: { ...storeAway.ingest, reason: 'eclipse' } });
  expect(problem).toMatchObject({ key: 'store_waiting', message: expect.stringContaining('eclipse') });
});

test('a full journal comes before the store that caused it, with both sizes', () => {
  const problems = problemsOf(journalFull);
  expect(problems.map(({ key }) => key)).toEqual(['journal_full', 'store_unreachable']);
  expect(problems[0]?.message).toContain('20000 MB of 20000 MB');
});

test('two minutes behind is a busy moment, more is a backlog', () => {
  const behind = (lagMs: number) => ({ ...wellStatus, ingest: { ...wellStatus.ingest, lagMs } });
  expect(problemsOf(behind(BACKLOG_LIMIT_MS))).toEqual([]);
  expect(problemsOf(behind(BACKLOG_LIMIT_MS + 1))[0]).toMatchObject({ key: 'backlog', lagMs: 120_001 });
});

test('a broker with restrictions and a journal that cannot be written say why', () => {
  const problems = problemsOf({
    ...wellStatus,
    broker: { ...wellStatus.broker, state: 'degraded', reason: 'access_file_missing' },
    journal: { ...wellStatus.journal, state: 'failing', reason: 'EIO' },
  });
  expect(problems.map(({ key }) => key)).toEqual(['journal_failing', 'broker_degraded']);
  expect(problems[0]?.message).toContain('EIO');
  expect(problems[1]?.message).toContain('access_file_missing');
});
