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

/** The same, taller: each cell opens its time. */
export function TallBar({
  place,
  onCell,
}: {
  readonly place: OverviewPlace;
  readonly onCell: (to: number) => void;
}) {
  const reader = useReader();
  const cells = cellsNow(place);
  if (cells === undefined || place.bar === undefined) return <p class="small">{reader.t('bar.missing')}</p>;
  const from = Date.parse(place.bar.from);
  const { cellMs } = place.bar;
  const perDay = 4;
  return (
    <div>
      <div class="bar tall">
        {cells.map((cell, index) => {
          const start = from + index * cellMs;
          const word = reader.t(`state.${cell === 'none' ? 'no_data' : cell}`);
          return (
            <button
              key={start}
              type="button"
              class={`cell ${cell}`}
              aria-label={`${reader.dateTime(start)}: ${word}`}
              title={`${reader.dateTime(start)}: ${word}`}
              // One step of the keyboard per day is enough: 28 stops would be a wall.
              tabIndex={index % perDay === 0 ? 0 : -1}
              onClick={() => onCell(start + cellMs)}
            />
          );
        })}
      </div>
      <div class="days" aria-hidden="true">
        {Array.from({ length: 7 }, (_, day) => (
          <span key={day}>{reader.date(from + day * perDay * cellMs)}</span>
        ))}
      </div>
    </div>
  );
}
