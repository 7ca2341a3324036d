import type { PlaceState } from '../../../api/schemas.ts';
import { useReader } from '../context.ts';

/** Disc, triangle, square, dashed ring: the shape says the state without the colour. */
function Shape({ state }: { readonly state: PlaceState }) {
  if (state === 'fine') return <circle cx="6" cy="6" r="5" fill="currentColor" />;
  if (state === 'watch') return <path d="M6 .8l5.4 9.9H.6z" fill="currentColor" />;
  if (state === 'act') return <rect x="1" y="1" width="10" height="10" rx="1.5" fill="currentColor" />;
  return (
    <circle
      cx="6"
      cy="6"
      r="4.4"
      fill="none"
      stroke="currentColor"
      stroke-width="1.8"
      stroke-dasharray="2.6 2"
    />
  );
}

export function StateIcon({ state, class: name }: { readonly state: PlaceState; readonly class?: string }) {
  return (
    <svg viewBox="0 0 12 12" aria-hidden="true" {...(name === undefined ? {} : { class: name })}>
      <Shape state={state} />
    </svg>
  );
}

export function StateBadge({ state }: { readonly state: PlaceState }) {
  const { t } = useReader();
  return (
    <span class={`state ${state}`}>
      <StateIcon state={state} />
      {t(`state.${state}`)}
    </span>
  );
}
