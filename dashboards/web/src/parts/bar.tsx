import type { OverviewPlace } from '../../../api/schemas.ts';
import { useReader } from '../context.ts';
import { type Cell, cellsNow } from '../model.ts';
import type { Reader } from '../reader.ts';

const kinds = ['act', 'watch', 'fine', 'none'] as const satisfies readonly Cell[];

function describe({ t }: Reader, cells: readonly Cell[]): string {
  const parts = kinds
    .map((kind) => ({ kind, count: cells.filter((cell) => cell === kind).length }))
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => t(`bar.${kind}`, { count }));
  return t('bar.label', { parts: parts.join(', ') });
}

/** The last seven days at a glance. */
export function Bar({ place }: { readonly place: OverviewPlace }) {
  const reader = useReader();
  const cells = cellsNow(place);
  if (cells === undefined) return <p class="bar missing">{reader.t('bar.missing')}</p>;
  return (
    <div class="bar" role="img" aria-label={describe(reader, cells)}>
      {cells.map((cell, index) => (
        <i key={index} class={`cell ${cell}`} />
      ))}
    </div>
  );
}

const PER_DAY = 4;

/** The same, taller: a button per day, wide enough for a thumb. */
export function TallBar({
  place,
  onDay,
}: {
  readonly place: OverviewPlace;
  /** The end of the day's last cell. */
  readonly onDay: (to: number) => void;
}) {
  const reader = useReader();
  const cells = cellsNow(place);
  if (cells === undefined || place.bar === undefined) return <p class="small">{reader.t('bar.missing')}</p>;
  const from = Date.parse(place.bar.from);
  const dayMs = PER_DAY * place.bar.cellMs;
  return (
    <div class="days">
      {Array.from({ length: cells.length / PER_DAY }, (_, day) => {
        const own = cells.slice(day * PER_DAY, (day + 1) * PER_DAY);
        const start = from + day * dayMs;
        const worst = kinds.find((kind) => own.includes(kind)) ?? 'none';
        const word = reader.t(`state.${worst === 'none' ? 'no_data' : worst}`);
        return (
          <button
            key={start}
            type="button"
            class="day"
            aria-label={`${reader.date(start + dayMs / 2)}: ${word}`}
            onClick={() => onDay(start + dayMs)}
          >
            <span class="bar tall">
              {own.map((cell, index) => (
                <i key={index} class={`cell ${cell}`} />
              ))}
            </span>
            {reader.weekday(start + dayMs / 2)}
          </button>
        );
      })}
    </div>
  );
}
