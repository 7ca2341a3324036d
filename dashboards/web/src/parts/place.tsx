import type { OverviewPlace } from '../../../api/schemas.ts';
import { useReader, useTicking } from '../context.ts';
import { byQuantity } from '../model.ts';
import type { Reader } from '../reader.ts';
import { placeHash, type Range, type Route, rangeMs, ranges } from '../route.ts';
import { Age } from './age.tsx';
import { TallBar } from './bar.tsx';
import { Chart } from './chart.tsx';
import { Refusals } from './refusals.tsx';
import { StateBadge } from './state-badge.tsx';
import { MainValue } from './tile.tsx';

type PlaceRoute = Extract<Route, { view: 'place' }>;

/** The right edge of a live chart moves on in these steps; in between, newest readings are drawn as they come. */
const stepMs: Readonly<Record<Range, number>> = { '24h': 60_000, '7d': 10 * 60_000, '30d': 60 * 60_000 };

/** One place: why it is in its state, every reading, a chart per quantity, what was refused. */
export function PlaceView({
  place,
  route,
}: {
  readonly place: OverviewPlace | undefined;
  readonly route: PlaceRoute;
}) {
  const { t } = useReader();
  const step = stepMs[route.range];
  const rightEdge = useTicking((now) => Math.ceil(now / step) * step);
  const to = route.to ?? rightEdge;
  const from = to - rangeMs[route.range];
  const show = (range: Range, end: number | undefined) => {
    location.hash = placeHash(route.place, range, end !== undefined && end < rightEdge ? end : undefined);
  };
  return (
    <main>
      <a class="button quiet back" href="#/">
        <span aria-hidden="true">←</span> {t('detail.back')}
      </a>
      {place === undefined ? (
        <p class="card">{t('detail.missing')}</p>
      ) : (
        <div class="detail">
          <div class="side">
            <Head place={place} />
            <section class="card o1">
              <h3 class="section-title">{t('bar.title')}</h3>
              <p class="small">{t('bar.hint')}</p>
              <TallBar place={place} onDay={(end) => show('24h', end)} />
            </section>
            <Readings place={place} />
          </div>
          <div class="main">
            <div class="o2">
              <Ranges route={route} to={to} onShow={show} />
            </div>
            <div class="charts o2">
              {byQuantity(place.readings).map((group) => (
                <Chart
                  key={group.quantity}
                  place={place.id}
                  group={group}
                  limit={place.limits.find(({ quantity }) => quantity === group.quantity)}
                  from={from}
                  to={to}
                  isLive={route.to === undefined}
                />
              ))}
            </div>
            <Refusals devices={[...new Set(place.readings.map(({ device }) => device))].sort()} />
          </div>
        </div>
      )}
    </main>
  );
}

function Head({ place }: { readonly place: OverviewPlace }) {
  const reader = useReader();
  return (
    <section class={`card detail-head ${place.state} o1`}>
      <div class="row">
        <div>
          <p class="small">{reader.t(`kind.${place.kind}`)}</p>
          <h2>{place.name}</h2>
        </div>
        <StateBadge state={place.state} />
      </div>
      <MainValue place={place} />
      {place.main === undefined ? null : (
        <p class="small">
          {reader.quantity(place.main.quantity)} · {reader.probe(place.main)}
        </p>
      )}
      {place.because.map((reason) => {
        const sentence = reader.because(reason);
        return (
          <p key={sentence} class="why">
            {sentence}
          </p>
        );
      })}
    </section>
  );
}

function Readings({ place }: { readonly place: OverviewPlace }) {
  const reader = useReader();
  return (
    <section class="card o3">
      <h3 class="section-title">{reader.t('detail.now')}</h3>
      <dl class="readings">
        {place.readings.map((reading) => (
          <div key={`${reading.device} ${reading.channel} ${reading.quantity}`}>
            <dt>{reader.quantity(reading.quantity)}</dt>
            <dd class="v">{reader.value(reading.quantity, reading.value)}</dd>
            <dd class="small probe">
              {reader.probe(reading)}
              {reading.clock === 'device' ? '' : ` · ${reader.t(`detail.clock.${reading.clock}`)}`}
              {reading.suspect === undefined
                ? ''
                : ` · ${reader.t('detail.suspect', { reason: reader.t(`reason.${reading.suspect}`) })}`}
            </dd>
            <dd class="aged">
              <Age at={reading.measuredAt} />
            </dd>
          </div>
        ))}
      </dl>
      <p class="small">{limitsText(reader, place)}</p>
    </section>
  );
}

/** "Limits: air temperature 0 to 6 °C, ..." for the quantities that are measured here. */
function limitsText(reader: Reader, place: OverviewPlace): string {
  const measured = new Set(place.readings.map(({ quantity }) => quantity));
  const parts = place.limits
    .filter(({ quantity }) => measured.has(quantity))
    .map(({ quantity, low, high }) => {
      const value = (amount: number) => reader.limit(quantity, amount);
      const name = reader.quantity(quantity);
      if (low !== undefined && high !== undefined) {
        return `${name} ${reader.t('value.range', { low: value(low).replace(reader.unit(quantity), ''), high: value(high) })}`;
      }
      if (high !== undefined) return `${name} ≤ ${value(high)}`;
      return low === undefined ? name : `${name} ≥ ${value(low)}`;
    });
  return reader.t('detail.limits', {
    limits: parts.length > 0 ? parts.join(', ') : reader.t('detail.no_limits'),
  });
}

function Ranges({
  route,
  to,
  onShow,
}: {
  readonly route: PlaceRoute;
  readonly to: number;
  readonly onShow: (range: Range, to: number | undefined) => void;
}) {
  const { t } = useReader();
  const { range } = route;
  return (
    <fieldset class="ranges">
      <legend class="hidden">{t('range.label')}</legend>
      {ranges.map((name) => (
        <button
          key={name}
          type="button"
          class="button"
          aria-pressed={name === range}
          onClick={() => onShow(name, route.to)}
        >
          {t(`range.${name}`)}
        </button>
      ))}
      <div class="steps">
        <button
          type="button"
          class="button"
          aria-label={t('range.earlier')}
          title={t('range.earlier')}
          onClick={() => onShow(range, to - rangeMs[range])}
        >
          ‹
        </button>
        <button
          type="button"
          class="button"
          aria-label={t('range.later')}
          title={t('range.later')}
          disabled={route.to === undefined}
          onClick={() => onShow(range, to + rangeMs[range])}
        >
          ›
        </button>
        {route.to === undefined ? null : (
          <button type="button" class="button" onClick={() => onShow(range, undefined)}>
            {t('range.to_now')}
          </button>
        )}
      </div>
    </fieldset>
  );
}
