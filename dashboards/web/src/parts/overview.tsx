import type { OverviewPlace } from '../../../api/schemas.ts';
import { useReader } from '../context.ts';
import { inOrder } from '../model.ts';
import { Tile } from './tile.tsx';

/** All places of a site, worst first. */
export function OverviewView({
  places,
  site,
}: {
  readonly places: readonly OverviewPlace[];
  readonly site: string;
}) {
  const { language } = useReader();
  if (places.length === 0) return <Empty site={site} />;
  return (
    <main>
      <ul class="tiles">
        {inOrder(places, language).map((place) => (
          <Tile key={place.id} place={place} />
        ))}
      </ul>
    </main>
  );
}

/** An empty state teaches: these two lines are the whole way to the first tile. */
function Empty({ site }: { readonly site: string }) {
  const { t } = useReader();
  return (
    <main class="card narrow-card">
      <h2 class="section-title">{t('empty.title')}</h2>
      <p>{t('empty.about')}</p>
      <pre class="raw">npm run -s device -- add sensor-1 --site {site} --place room-1</pre>
      <p>{t('empty.next')}</p>
    </main>
  );
}

/** Holds the room of the tiles until they are there. */
export function Skeleton() {
  const { t } = useReader();
  return (
    <main aria-busy="true">
      <p class="hidden" role="status">
        {t('loading')}
      </p>
      <ul class="tiles" aria-hidden="true">
        {[1, 2, 3, 4].map((index) => (
          <li key={index} class="card skeleton" />
        ))}
      </ul>
    </main>
  );
}
