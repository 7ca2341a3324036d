import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Drawing } from './chart-data.ts';
import { type Colour, type Decor, drawOver, drawUnder } from './chart-draw.ts';
import type { Reader } from './reader.ts';

/** The only file that knows uPlot. It is loaded when the first chart is, not with the first view. */

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;

export interface PlotInput {
  readonly drawing: Drawing;
  readonly decor: Decor;
  readonly from: number;
  readonly to: number;
  /** CSS variables of the lines. */
  readonly colours: readonly string[];
  readonly hasEnvelope: boolean;
}

export interface Plot {
  readonly resize: (width: number, height: number) => void;
  readonly redraw: () => void;
  /** Moves the cursor by a part of the width, -1 to 1. */
  readonly step: (part: number) => void;
  readonly destroy: () => void;
}

/** @param onCursor the instant under the cursor, undefined when it leaves */
export function createPlot(
  target: HTMLElement,
  input: PlotInput,
  onCursor: (at: number | undefined) => void,
): Plot {
  const colour: Colour = (name) => getComputedStyle(target).getPropertyValue(name).trim();
  const u = new uPlot(optionsOf(target, input, colour, onCursor), dataOf(input.drawing), target);
  followFinger(u);
  return {
    resize: (width, height) => {
      if (width > 0 && (width !== u.width || height !== u.height)) u.setSize({ width, height });
    },
    redraw: () => u.redraw(false, true),
    step: (part) => {
      const width = u.over.clientWidth;
      const now = u.cursor.left !== undefined && u.cursor.left >= 0 ? u.cursor.left : width;
      u.setCursor({ left: Math.min(width, Math.max(0, now + part * width)), top: u.over.clientHeight / 2 });
    },
    destroy: () => u.destroy(),
  };
}

function dataOf({ tables }: Drawing): uPlot.AlignedData {
  // 1 = a null of a table is a gap in its line and stays one; times another line has alone are skipped.
  const joined = uPlot.join(
    tables.map(([times, values]) => [times, values]),
    tables.map(() => [1, 1]),
  );
  return joined;
}

function optionsOf(
  target: HTMLElement,
  { decor, from, to, colours, hasEnvelope, drawing }: PlotInput,
  colour: Colour,
  onCursor: (at: number | undefined) => void,
): uPlot.Options {
  const { reader, names } = decor;
  const lines = colours.map(
    (name, index): uPlot.Series => ({
      stroke: () => colour(name),
      width: index === 0 ? 2 : 1.6,
      points: { show: false },
    }),
  );
  const edges: uPlot.Series[] = hasEnvelope ? [{ points: { show: false } }, { points: { show: false } }] : [];
  const namesPx = names.length > 0 ? Math.max(...names.map(({ name }) => widthOf(target, name))) + 10 : 10;
  return {
    width: target.clientWidth,
    height: target.clientHeight,
    ms: 1,
    padding: [10, namesPx, 0, 0],
    legend: { show: false },
    tzDate: (at) => uPlot.tzDate(new Date(at), reader.timeZone),
    scales: { x: { time: true, range: [from, to] }, y: { range: [drawing.range[0], drawing.range[1]] } },
    cursor: { drag: { x: false, y: false }, y: false, points: { show: false } },
    axes: axesOf(target, decor, colour),
    series: [{}, ...lines, ...edges],
    ...(hasEnvelope
      ? { bands: [{ series: [lines.length + 2, lines.length + 1], fill: () => colour('--series-soft') }] }
      : {}),
    hooks: {
      drawClear: [(u) => drawUnder(u, decor, colour)],
      draw: [(u) => drawOver(u, decor, colour)],
      setCursor: [
        (u) => {
          const left = u.cursor.left ?? -1;
          onCursor(left < 0 ? undefined : u.posToVal(left, 'x'));
        },
      ],
    },
  };
}

function axesOf(target: HTMLElement, { reader, quantity }: Decor, colour: Colour): uPlot.Axis[] {
  const font = `12px ${getComputedStyle(target).fontFamily}`;
  const stroke = () => colour('--muted');
  return [
    {
      stroke,
      font,
      grid: { show: false },
      ticks: { stroke: () => colour('--line'), width: 1, size: 5 },
      gap: 4,
      size: 34,
      space: 62,
      values: (_u, splits, _axis, _space, step) => splits.map((at) => timeLabel(reader, at, step)),
    },
    {
      stroke,
      font,
      grid: { stroke: () => colour('--line'), width: 1 },
      ticks: { show: false },
      gap: 6,
      size: 46,
      space: 38,
      values: (_u, splits, _axis, _space, step) => {
        if (quantity === 'door_open') {
          return splits.map((value) => (value === 0 || value === 1 ? reader.value(quantity, value) : ''));
        }
        const decimals = decimalsOf(step);
        const format = new Intl.NumberFormat(reader.language, {
          minimumFractionDigits: decimals,
          maximumFractionDigits: decimals,
          signDisplay: 'negative',
        });
        return splits.map((value) => format.format(value));
      },
    },
  ];
}

/** Decimals that tell two marks apart: 2.5 needs one although it is larger than 1. */
function decimalsOf(step: number): number {
  for (let decimals = 0; decimals < 4; decimals++) {
    const scaled = step * 10 ** decimals;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6) return decimals;
  }
  return 4;
}

/** Times of the day; a day's first mark and wide steps are the date. */
function timeLabel(reader: Reader, at: number, step: number): string {
  const time = reader.time(at);
  return step >= DAY || time === '00:00' ? reader.date(at) : time;
}

function widthOf(target: HTMLElement, text: string): number {
  const ctx = document.createElement('canvas').getContext('2d');
  if (ctx === null) return text.length * 8;
  ctx.font = `600 12px ${getComputedStyle(target).fontFamily}`;
  return Math.ceil(ctx.measureText(text).width);
}

/** uPlot follows a mouse; a finger that moves sideways reads values too, while up and down still scrolls the page. */
function followFinger(u: uPlot): void {
  const follow = (event: PointerEvent) => {
    if (event.pointerType === 'mouse') return;
    const box = u.over.getBoundingClientRect();
    u.setCursor({ left: event.clientX - box.left, top: event.clientY - box.top });
  };
  u.over.addEventListener('pointerdown', follow);
  u.over.addEventListener('pointermove', follow);
}
