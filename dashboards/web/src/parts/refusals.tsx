import { useEffect, useState } from 'preact/hooks';
import type { ApiRefusal } from '../../../api/schemas.ts';
import { fetchRefusals } from '../api.ts';
import { useClock, useReader } from '../context.ts';

const DAYS_MS = 30 * 24 * 60 * 60_000;
/** Enough to see a pattern; a phone does not list hundreds. */
const SHOWN = 20;

/** What the devices of a place sent that was not taken, and why. */
export function Refusals({ devices }: { readonly devices: readonly string[] }) {
  const { t } = useReader();
  const { rows, failure } = useRefusals(devices.join('|'));
  return (
    <section class="card refusals o4">
      <h3 class="section-title">{t('refusals.title')}</h3>
      <p class="small">{t('refusals.about')}</p>
      {failure === undefined ? null : <p class="wrong">{t('problem.failed', { reason: failure })}</p>}
      {rows === undefined && failure === undefined ? <p class="small">{t('loading')}</p> : null}
      {rows?.length === 0 ? <p class="why">{t('refusals.none')}</p> : null}
      <ul>
        {rows?.slice(0, SHOWN).map((row) => (
          <Row key={row.id} row={row} />
        ))}
      </ul>
      {rows !== undefined && rows.length > SHOWN ? (
        <p class="small">{t('refusals.more', { count: SHOWN })}</p>
      ) : null}
    </section>
  );
}

function Row({ row }: { readonly row: ApiRefusal }) {
  const { t, dateTime, quantity } = useReader();
  const { field, channel, expected, received } = row.detail;
  const about = [
    field === undefined ? undefined : quantity(field),
    channel,
    expected === undefined ? undefined : t('refusals.expected', { expected }),
    received === undefined || received === '' ? undefined : t('refusals.received', { received }),
  ].filter((part) => part !== undefined);
  return (
    <li>
      <div class="row base">
        <b>{t(`reason.${row.reason}`)}</b>
        <time class="small age" dateTime={row.at}>
          {dateTime(Date.parse(row.at))}
        </time>
      </div>
      <p class="small">
        {[row.device, ...about, row.times > 1 ? t('refusals.times', { count: row.times }) : undefined]
          .filter((part) => part !== undefined)
          .join(' · ')}
      </p>
      <details>
        <summary>
          {t('refusals.raw')} · {t('refusals.bytes', { count: row.raw.bytes })}
        </summary>
        <pre class="raw">{row.raw.text ?? row.raw.hex.match(/../g)?.join(' ')}</pre>
      </details>
    </li>
  );
}

function useRefusals(devices: string) {
  const now = useClock();
  const [state, setState] = useState<{ rows?: readonly ApiRefusal[]; failure?: string }>({});
  useEffect(() => {
    const abort = new AbortController();
    const names = devices === '' ? [] : devices.split('|');
    Promise.all(names.map((device) => fetchRefusals(device, now() - DAYS_MS, SHOWN + 1, abort.signal)))
      .then((lists) => setState({ rows: lists.flat().sort((a, b) => b.id - a.id) }))
      .catch((error: unknown) => {
        if (!abort.signal.aborted)
          setState({ failure: error instanceof Error ? error.message : String(error) });
      });
    return () => abort.abort();
  }, [devices]);
  return state;
}
