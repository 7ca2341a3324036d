import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { parseQuantity, quantities } from '../../../../devices/index.ts';
import type { Limit } from '../../../api/schemas.ts';
import { type Axis, type Drawing, drawingOf, type SeriesData, valueAt, withNewest } from '../chart-data.ts';
import { useReader } from '../context.ts';
import { usualSpacing } from '../gaps.ts';
import type { QuantityGroup } from '../model.ts';
import type { Plot, PlotInput } from '../plot.ts';
import type { Reader } from '../reader.ts';
import { useSeries } from '../use-series.ts';

const colours = ['--series', '--series-2', '--series-3', '--series-4', '--series-5', '--series-6'] as const;

interface ChartProps {
  readonly place: string;
  readonly group: QuantityGroup;
  readonly limit: Limit | undefined;
  readonly from: number;
  readonly to: number;
  /** The right edge is now: newest readings are drawn as they come. */
  readonly isLive: boolean;
}

/** One quantity of a place over time, with its allowed band and its gaps. */
export function Chart({ place, group, limit, from, to, isLive }: ChartProps) {
  const reader = useReader();
  const { quantity, readings } = group;
  const { data, failure, retry } = useSeries(place, quantity, readings, from, to);
  const [cursor, setCursor] = useState<number>();
  const live = useMemo(
    () =>
      data === undefined || !isLive
        ? data
        : { ...data, lines: data.lines.map((line) => withNewest(line, readings, to)) },
    [data, readings, isLive, to],
  );
  const drawing = useMemo(
    () => live && drawingOf(live, limit, from, to, axisOf(quantity)),
    [live, limit, quantity, from, to],
  );
  const input = useMemo(
    () =>
      live === undefined || drawing?.last === undefined
        ? undefined
        : inputOf(reader, quantity, live, drawing, from, to),
    [reader, quantity, live, drawing, from, to],
  );
  const spoken = live === undefined ? '' : readout(reader, quantity, live, cursor);
  const isMany = (live?.lines.length ?? 1) > 1;
  const unit = reader.unit(quantity).trim();
  return (
    <section class="card chart-card">
      <div class="row base chart-title">
        <h3>
          {reader.quantity(quantity)} <span class="small">{unit}</span>
        </h3>
        <span class={`small at lines-${Math.ceil((live?.lines.length ?? 1) / 2) + (isMany ? 1 : 0)}`}>
          {spoken}
        </span>
      </div>
      <div class="chart">
        {input !== undefined && drawing !== undefined ? (
          <Canvas
            label={labelOf(reader, quantity, drawing, from, to)}
            input={input}
            cursor={cursor}
            spoken={spoken}
            onCursor={setCursor}
          />
        ) : null}
        <Note
          isEmpty={drawing !== undefined && drawing.last === undefined}
          failure={failure}
          hasData={live !== undefined}
          retry={retry}
        />
      </div>
    </section>
  );
}

function Note({
  isEmpty,
  failure,
  hasData,
  retry,
}: {
  readonly isEmpty: boolean;
  readonly failure: string | undefined;
  readonly hasData: boolean;
  readonly retry: () => void;
}) {
  const { t } = useReader();
  if (failure !== undefined && !hasData) {
    return (
      <div class="note" role="alert">
        <p>{t('chart.failed', { reason: failure })}</p>
        <button type="button" class="button" onClick={retry}>
          {t('chart.retry')}
        </button>
      </div>
    );
  }
  if (isEmpty) return <p class="note">{t('chart.empty')}</p>;
  return hasData ? null : <p class="note">{t('loading')}</p>;
}

/** The axis spans at least twenty of the smallest steps worth showing (2 °C, 20 % of humidity), nothing impossible. */
function axisOf(quantity: string): Axis {
  const known = parseQuantity(quantity);
  if (known === undefined)
    return { leastSpan: 1, min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };
  const { decimals, min, max } = quantities[known];
  return { leastSpan: Math.min(max - min, 20 / 10 ** decimals), min, max };
}

/** The values under the cursor; without one the newest of several lines, or what a point of a single one stands for. */
function readout(reader: Reader, quantity: string, data: SeriesData, cursor: number | undefined): string {
  if (cursor === undefined && data.lines.length > 1) {
    return data.lines
      .map(({ probe, points }) => {
        const last = points.at(-1)?.[1];
        const shown = last === undefined ? reader.t('chart.gap') : reader.value(quantity, last);
        return probe === undefined ? shown : `${nameOf(data, probe)} ${shown}`;
      })
      .join(' · ');
  }
  if (cursor === undefined) {
    if (data.everyMs < 2 * 60_000) return '';
    const duration = reader.duration(data.everyMs);
    return reader.t(data.low === undefined ? 'chart.mean' : 'chart.envelope', { duration });
  }
  const values = data.lines.map((line) => {
    const value = valueAt(line, cursor, 2 * usualSpacing(line.points, data.everyMs));
    const shown = value === undefined ? reader.t('chart.gap') : reader.value(quantity, value);
    return data.lines.length > 1 && line.probe !== undefined ? `${nameOf(data, line.probe)} ${shown}` : shown;
  });
  return `${reader.dateTime(cursor)} · ${values.join(' · ')}`;
}

/** Channels alone when one device has them all, devices alone when each has one. */
function nameOf({ lines }: SeriesData, probe: { readonly device: string; readonly channel: string }): string {
  const devices = new Set(lines.map((line) => line.probe?.device));
  if (devices.size === 1) return probe.channel;
  return devices.size === lines.length ? probe.device : `${probe.device} ${probe.channel}`;
}

function labelOf(reader: Reader, quantity: string, drawing: Drawing, from: number, to: number): string {
  const { lowest, highest, last, gaps } = drawing;
  const range = { quantity: reader.quantity(quantity), from: reader.dateTime(from), to: reader.dateTime(to) };
  if (lowest === undefined || highest === undefined || last === undefined)
    return reader.t('chart.label_empty', range);
  return reader.t('chart.label', {
    ...range,
    low: reader.value(quantity, lowest),
    high: reader.value(quantity, highest),
    last: reader.value(quantity, last),
    gaps: gaps.length,
  });
}

function inputOf(
  reader: Reader,
  quantity: string,
  data: SeriesData,
  drawing: Drawing,
  from: number,
  to: number,
): PlotInput {
  const names = data.lines.flatMap(({ probe, points }, index) => {
    const last = points.at(-1);
    if (probe === undefined || last === undefined || data.lines.length < 2) return [];
    return [{ name: nameOf(data, probe), colour: colours[index] ?? '--series', at: last[0], value: last[1] }];
  });
  return {
    drawing,
    decor: { reader, quantity, limit: drawing.limit, gaps: drawing.gaps, names },
    from,
    to,
    colours: data.lines.map((_, index) => colours[index] ?? '--series'),
    hasEnvelope: data.low !== undefined,
  };
}

/** Holds the canvas; the library that draws on it is loaded with the first chart. */
function Canvas({
  label,
  input,
  cursor,
  spoken,
  onCursor,
}: {
  readonly label: string;
  readonly input: PlotInput;
  readonly cursor: number | undefined;
  /** The value under the cursor, for a screen reader. */
  readonly spoken: string;
  readonly onCursor: (at: number | undefined) => void;
}) {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | undefined>(undefined);

  useEffect(() => {
    const target = holder.current;
    if (target === null) return;
    let isGone = false;
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    const redraw = () => plot.current?.redraw();
    const observer = new ResizeObserver(() => plot.current?.resize(target.clientWidth, target.clientHeight));
    import('../plot.ts').then(({ createPlot }) => {
      if (isGone) return;
      plot.current = createPlot(target, input, onCursor);
      observer.observe(target);
    });
    dark.addEventListener('change', redraw);
    return () => {
      isGone = true;
      observer.disconnect();
      dark.removeEventListener('change', redraw);
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [input, onCursor]);

  return (
    <div
      ref={holder}
      class="chart-canvas"
      // A hand on a time line: arrow keys move it, and the value under it is read out.
      role="slider"
      aria-label={label}
      aria-valuemin={input.from}
      aria-valuemax={input.to}
      aria-valuenow={cursor ?? input.to}
      aria-valuetext={spoken}
      tabIndex={0}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
        event.preventDefault();
        plot.current?.step(event.key === 'ArrowLeft' ? -0.02 : 0.02);
      }}
    />
  );
}
