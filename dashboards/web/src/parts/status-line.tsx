import type { Problem } from '../../../api/status.ts';
import { useReader } from '../context.ts';
import { StateIcon } from './state-badge.tsx';

/** Nothing is acknowledged any more: that is worse than late. */
const bad: ReadonlySet<Problem['key']> = new Set(['journal_full', 'journal_failing']);

export interface Trouble {
  readonly problems: readonly Problem[];
  /** When the values shown are from, while there is no connection. */
  readonly offlineSince?: number | undefined;
  readonly failure?: string | undefined;
}

/** What is wrong with the system itself, in words; nothing at all when all is well. */
export function StatusLine({ problems, offlineSince, failure }: Trouble) {
  const reader = useReader();
  const lines = problems.map((problem) => ({ text: reader.problem(problem), isBad: bad.has(problem.key) }));
  if (failure !== undefined)
    lines.unshift({ text: reader.t('problem.failed', { reason: failure }), isBad: false });
  if (offlineSince !== undefined) {
    lines.unshift({ text: reader.t('problem.offline', { time: reader.time(offlineSince) }), isBad: false });
  }
  return (
    <div role="status">
      {lines.map(({ text, isBad }) => (
        <p key={text} class={isBad ? 'status bad' : 'status'}>
          <StateIcon state={isBad ? 'act' : 'watch'} class="mark" />
          <span>{text}</span>
        </p>
      ))}
    </div>
  );
}
