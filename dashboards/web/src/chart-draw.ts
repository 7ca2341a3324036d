import type uPlot from 'uplot';
import type { Limit } from '../../api/schemas.ts';
import type { Gap } from './gaps.ts';
import type { Reader } from './reader.ts';

/** What uPlot does not draw: the allowed band, gaps, limits in words, names at the ends of lines. */

export type Colour = (name: string) => string;

export interface Decor {
  readonly reader: Reader;
  readonly quantity: string;
  readonly limit: Limit | undefined;
  readonly gaps: readonly Gap[];
  /** Names at the right end, one per line; none when there is only one. */
  readonly names: readonly {
    readonly name: string;
    readonly colour: string;
    readonly at: number;
    readonly value: number;
  }[];
}

const LABEL_PX = 12;

/** Canvas pixels per CSS pixel. */
function ratio(u: uPlot): number {
  return u.ctx.canvas.width / u.width;
}

export function font(u: uPlot, weight = 400): string {
  return `${weight} ${Math.round(LABEL_PX * ratio(u))}px ${getComputedStyle(u.root).fontFamily}`;
}

/** Under the lines: allowed band and hatched gaps. */
export function drawUnder(u: uPlot, { limit, gaps, reader }: Decor, colour: Colour): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  if (limit?.low !== undefined || limit?.high !== undefined) {
    const top = limit.high === undefined ? bbox.top : u.valToPos(limit.high, 'y', true);
    const bottom = limit.low === undefined ? bbox.top + bbox.height : u.valToPos(limit.low, 'y', true);
    ctx.fillStyle = colour('--band');
    ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
  }
  for (const gap of gaps) hatch(u, gap, colour, reader.t('chart.gap'));
  ctx.restore();
}

function hatch(u: uPlot, gap: Gap, colour: Colour, word: string): void {
  const { ctx, bbox } = u;
  const dpr = ratio(u);
  const left = Math.max(bbox.left, u.valToPos(gap.from, 'x', true));
  const right = Math.min(bbox.left + bbox.width, u.valToPos(gap.to, 'x', true));
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, bbox.top, right - left, bbox.height);
  ctx.clip();
  ctx.fillStyle = colour('--card');
  ctx.fillRect(left, bbox.top, right - left, bbox.height);
  ctx.strokeStyle = colour('--gap');
  ctx.lineWidth = 1.5 * dpr;
  ctx.beginPath();
  const step = 9 * dpr;
  const height = bbox.height;
  // Counted from the plot's edge, so that hatching stays still when the gap grows.
  const first = bbox.left + Math.floor((left - height - bbox.left) / step) * step;
  for (let x = first; x < right; x += step) {
    ctx.moveTo(x, bbox.top + height);
    ctx.lineTo(x + height, bbox.top);
  }
  ctx.stroke();
  ctx.font = font(u);
  if (right - left > ctx.measureText(word).width + 16 * dpr) {
    ctx.textAlign = 'center';
    haloText(u, word, (left + right) / 2, bbox.top + 16 * dpr, colour('--muted'), colour);
  }
  ctx.restore();
}

/** Over the lines: limits, dashed and labelled in words, and names. */
export function drawOver(u: uPlot, { limit, names, quantity, reader }: Decor, colour: Colour): void {
  const text = (key: 'limit_high' | 'limit_low' | 'act_high' | 'act_low', value: number) =>
    reader.t(`chart.${key}`, { value: reader.limit(quantity, value) });
  if (limit?.high !== undefined)
    rule(u, limit.high, text('limit_high', limit.high), 'above', '--watch', colour);
  if (limit?.low !== undefined) rule(u, limit.low, text('limit_low', limit.low), 'below', '--watch', colour);
  if (limit?.actHigh !== undefined)
    rule(u, limit.actHigh, text('act_high', limit.actHigh), 'above', '--act', colour);
  if (limit?.actLow !== undefined)
    rule(u, limit.actLow, text('act_low', limit.actLow), 'below', '--act', colour);
  drawNames(u, names, colour);
}

function rule(
  u: uPlot,
  value: number,
  word: string,
  side: 'above' | 'below',
  name: string,
  colour: Colour,
): void {
  const { ctx, bbox } = u;
  const y = u.valToPos(value, 'y', true);
  if (y < bbox.top || y > bbox.top + bbox.height) return;
  const dpr = ratio(u);
  ctx.save();
  ctx.strokeStyle = colour(name);
  ctx.lineWidth = dpr;
  ctx.setLineDash([5 * dpr, 4 * dpr]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.font = font(u);
  // Limits for acting are named on the right: the two may lie closer together than a line of text.
  const isAct = name === '--act';
  ctx.textAlign = isAct ? 'right' : 'left';
  const x = isAct ? bbox.left + bbox.width - 6 * dpr : bbox.left + 6 * dpr;
  const baseline = side === 'above' ? y - 5 * dpr : y + (LABEL_PX + 3) * dpr;
  haloText(u, word, x, baseline, colour(name), colour);
  ctx.restore();
}

/** Text stays readable where it crosses a line. */
function haloText(u: uPlot, text: string, x: number, y: number, fill: string, colour: Colour): void {
  const { ctx } = u;
  ctx.lineJoin = 'round';
  ctx.lineWidth = 4 * ratio(u);
  ctx.strokeStyle = colour('--card');
  ctx.strokeText(text, x, y);
  ctx.fillStyle = fill;
  ctx.fillText(text, x, y);
}

function drawNames(u: uPlot, names: Decor['names'], colour: Colour): void {
  const { ctx, bbox } = u;
  const dpr = ratio(u);
  const step = (LABEL_PX + 2) * dpr;
  const placed = names
    .map(({ name, colour: its, value }) => ({ name, its, y: u.valToPos(value, 'y', true) }))
    .sort((a, b) => a.y - b.y);
  // Names of lines that end close together are pushed apart, downwards first, then back up from the bottom edge.
  let floor = bbox.top + step / 2;
  for (const one of placed) {
    one.y = Math.max(one.y, floor);
    floor = one.y + step;
  }
  let ceiling = bbox.top + bbox.height - step / 4;
  for (const one of [...placed].reverse()) {
    one.y = Math.min(one.y, ceiling);
    ceiling = one.y - step;
  }
  ctx.save();
  ctx.font = font(u, 600);
  ctx.textAlign = 'left';
  for (const { name, its, y } of placed) {
    haloText(u, name, bbox.left + bbox.width + 6 * dpr, y + 4 * dpr, colour(its), colour);
  }
  ctx.restore();
}
