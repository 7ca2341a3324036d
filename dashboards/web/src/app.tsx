import { useEffect, useMemo, useState } from 'preact/hooks';
import { storage, storeToken } from './api.ts';
import { type Surroundings, SurroundingsContext } from './context.ts';
import { OverviewView, Skeleton } from './parts/overview.tsx';
import { PlaceView } from './parts/place.tsx';
import { StatusLine } from './parts/status-line.tsx';
import { TokenForm } from './parts/token-form.tsx';
import { Top } from './parts/top.tsx';
import { createReader } from './reader.ts';
import { parseHash, type Route } from './route.ts';
import { chooseLanguage, type Language } from './texts/texts.ts';
import { useOverview } from './use-overview.ts';

const LANGUAGE_KEY = 'greenlane.language';
const SITE_KEY = 'greenlane.site';

export function App() {
  const [language, setLanguage] = useState<Language>(() =>
    chooseLanguage(storage((keep) => keep.getItem(LANGUAGE_KEY)) ?? null, navigator.languages),
  );
  const [chosenSite, setChosenSite] = useState(() => storage((keep) => keep.getItem(SITE_KEY)) ?? undefined);
  const [attempt, setAttempt] = useState(0);
  const route = useRoute();
  const { overview, unauthorized, offlineSince, failure, skewMs } = useOverview(attempt);

  const shown = route.view === 'place' ? overview?.places.find(({ id }) => id === route.place) : undefined;
  const sites = overview?.sites ?? [];
  const site = sites.find(({ id }) => id === (shown?.site ?? chosenSite)) ?? sites[0];
  const places = useMemo(
    () => (overview?.places ?? []).filter((place) => place.site === site?.id),
    [overview?.places, site?.id],
  );
  const timeZone = site?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const surroundings = useMemo<Surroundings>(
    () => ({ reader: createReader(language, timeZone), now: () => Date.now() + skewMs }),
    [language, timeZone, skewMs],
  );
  const { t } = surroundings.reader;

  useEffect(() => {
    document.documentElement.lang = language;
    document.title = [shown?.name, site?.name, t('title.suffix')].filter(Boolean).join(' · ');
  }, [language, shown?.name, site?.name, t]);

  const switchLanguage = () => {
    const next = language === 'en' ? 'zh-CN' : 'en';
    storage((keep) => keep.setItem(LANGUAGE_KEY, next));
    setLanguage(next);
  };
  const chooseSite = (id: string) => {
    storage((keep) => keep.setItem(SITE_KEY, id));
    setChosenSite(id);
    location.hash = '#/';
  };
  const enterToken = (token: string) => {
    storeToken(token);
    setAttempt(attempt + 1);
  };

  return (
    <SurroundingsContext.Provider value={surroundings}>
      <div class="page">
        <Top sites={sites} site={site?.id} places={places} onSite={chooseSite} onLanguage={switchLanguage} />
        <StatusLine problems={overview?.problems ?? []} offlineSince={offlineSince} failure={failure} />
        {unauthorized ? <TokenForm wrong={attempt > 0} onToken={enterToken} /> : null}
        {!unauthorized && overview === undefined ? <Skeleton /> : null}
        {!unauthorized && overview !== undefined && route.view === 'overview' ? (
          <OverviewView places={places} site={site?.id ?? 'home'} />
        ) : null}
        {!unauthorized && overview !== undefined && route.view === 'place' ? (
          <PlaceView key={route.place} place={shown} route={route} />
        ) : null}
      </div>
    </SurroundingsContext.Provider>
  );
}

function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = () => setHash(location.hash);
    window.addEventListener('hashchange', changed);
    return () => window.removeEventListener('hashchange', changed);
  }, []);
  return useMemo(() => parseHash(hash), [hash]);
}
