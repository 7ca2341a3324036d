import type { Overview, OverviewPlace } from '../../../api/schemas.ts';
import { useReader } from '../context.ts';
import { countStates } from '../model.ts';

type Sites = Overview['sites'];

/** The site's name (or the choice of one), what needs somebody, and the other language. */
export function Top({
  sites,
  site,
  places,
  onSite,
  onLanguage,
}: {
  readonly sites: Sites;
  readonly site: string | undefined;
  readonly places: readonly OverviewPlace[];
  readonly onSite: (site: string) => void;
  readonly onLanguage: () => void;
}) {
  const { t, language } = useReader();
  const name = sites.find(({ id }) => id === site)?.name ?? 'Greenlane';
  return (
    <header>
      <div class="top">
        {sites.length > 1 ? (
          <select
            class="select"
            aria-label={t('site.label')}
            value={site}
            onChange={(event) => onSite(event.currentTarget.value)}
          >
            {sites.map(({ id, name: label }) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </select>
        ) : (
          <h1>{name}</h1>
        )}
        <div class="grow" />
        <Summary places={places} class="summary wide" />
        <button
          type="button"
          class="button quiet"
          lang={language === 'en' ? 'zh-CN' : 'en'}
          aria-label={t('language.switch_label')}
          onClick={onLanguage}
        >
          {t('language.switch')}
        </button>
      </div>
      <Summary places={places} class="summary narrow" />
    </header>
  );
}

function Summary({
  places,
  class: name,
}: {
  readonly places: readonly OverviewPlace[];
  readonly class: string;
}) {
  const { t } = useReader();
  const counts = countStates(places);
  if (places.length === 0) return null;
  const shown = (['act', 'watch', 'no_data'] as const).filter((state) => counts[state] > 0);
  return (
    <p class={name}>
      {shown.length === 0 ? t('summary.all_fine') : null}
      {shown.map((state, index) => (
        <span key={state}>
          {index > 0 ? ' · ' : ''}
          <b class={`s-${state}`}>{t(`summary.${state}`, { count: counts[state] })}</b>
        </span>
      ))}
    </p>
  );
}
