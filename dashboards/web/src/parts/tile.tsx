import type { OverviewPlace } from '../../../api/schemas.ts';
import { useReader } from '../context.ts';
import { byQuantity, type QuantityGroup } from '../model.ts';
import { placeHash } from '../route.ts';
import { Age } from './age.tsx';
import { Bar } from './bar.tsx';
import { StateBadge } from './state-badge.tsx';

/** More would make tiles of different heights; the rest is one tap away. */
const MAX_OTHERS = 3;

/** One place: is it fine, what is the value, how old is it, and why. */
export function Tile({ place }: { readonly place: OverviewPlace }) {
  const { because } = useReader();
  const reason = place.because[0];
  return (
    <li>
      <article class={`card tile ${place.state}`}>
        <div class="row">
          <h2 class="name">
            <a href={placeHash(place.id)}>{place.name}</a>
          </h2>
          <StateBadge state={place.state} />
        </div>
        <MainValue place={place} />
        {place.state !== 'fine' && reason !== undefined ? <p class="why">{because(reason)}</p> : null}
        <Others place={place} />
        <div class="space" />
        <Bar place={place} />
      </article>
    </li>
  );
}

export function MainValue({ place }: { readonly place: OverviewPlace }) {
  const reader = useReader();
  const { main } = place;
  if (main === undefined) return null;
  const { quantity, value } = main;
  return (
    <div class="row base">
      <span class={place.state === 'no_data' ? 'big stale' : 'big'}>
        <span class="hidden">{reader.quantity(quantity)} </span>
        {reader.number(quantity, value)}
        <span class="unit">{reader.unit(quantity)}</span>
      </span>
      <Age at={main.measuredAt} />
    </div>
  );
}

function Others({ place }: { readonly place: OverviewPlace }) {
  const reader = useReader();
  const groups = byQuantity(place.readings).filter(
    ({ quantity, readings }) => quantity !== place.main?.quantity || readings.length > 1,
  );
  return (
    <p class="others small">
      {groups.slice(0, MAX_OTHERS).map((group) => (
        <span key={group.quantity}>
          {reader.quantity(group.quantity)} <GroupValue group={group} />
        </span>
      ))}
    </p>
  );
}

/** One value, or from the lowest to the highest of several probes. */
function GroupValue({ group: { quantity, readings } }: { readonly group: QuantityGroup }) {
  const reader = useReader();
  const values = readings.filter((reading) => reading.suspect === undefined).map((reading) => reading.value);
  if (values.length === 0) return <>–</>;
  const low = Math.min(...values);
  const high = Math.max(...values);
  if (reader.number(quantity, low) === reader.number(quantity, high))
    return <>{reader.value(quantity, high)}</>;
  return (
    <>{reader.t('value.range', { low: reader.number(quantity, low), high: reader.value(quantity, high) })}</>
  );
}
