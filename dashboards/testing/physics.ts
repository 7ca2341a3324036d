import type { Instant } from '../../devices/index.ts';
import { DAY, HOUR, MINUTE } from '../../devices/index.ts';

/** Shapes that look like the real thing, for pictures and tests of the dashboards; the fleet has better ones. */

/** Uniform numbers in [0, 1) that depend on nothing but the seed (mulberry32, T. Ettinger, public domain). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export type Shape = (at: Instant, random: () => number) => number | undefined;

/** Hour of the day in China, 0 to 24. */
const hourOf = (at: Instant) => ((at + 8 * HOUR) % DAY) / HOUR;

/** A cold room: the compressor's saw tooth, a door now and then. */
export function coldRoom(meanC: number, swingC: number): Shape {
  return (at, random) => {
    const cycle = (at % (47 * MINUTE)) / (47 * MINUTE);
    const tooth = cycle < 0.35 ? 1 - cycle / 0.35 : (cycle - 0.35) / 0.65;
    const hour = hourOf(at);
    const door = [6.5, 11.2, 16.4].some((open) => hour > open && hour < open + 0.25) ? 2.4 : 0;
    return meanC + swingC * (tooth - 0.5) + door * random() + 0.12 * (random() - 0.5);
  };
}

/** What lies in the room follows the air slowly. */
export function product(meanC: number): Shape {
  return (at, random) => meanC + 0.2 * Math.sin(at / (3 * HOUR)) + 0.05 * random();
}

export function humidity(mean: number): Shape {
  return (at, random) => Math.min(100, mean + 2 * Math.sin(at / (5 * HOUR)) + 1.5 * (random() - 0.5));
}

export function outside(meanC: number): Shape {
  return (at, random) =>
    meanC +
    6 * Math.sin(((hourOf(at) - 9) / 24) * 2 * Math.PI) +
    2 * Math.sin(at / (2 * DAY)) +
    0.4 * random();
}

/** Soil water: drawn down by day more than by night, lifted by an irrigation every `everyDays` from `irrigatedAt`. */
export function soil(topPct: number, perDayPct: number, everyDays: number, irrigatedAt: Instant): Shape {
  return (at, random) => {
    const days = (at - irrigatedAt) / DAY;
    const since = days - Math.floor(days / everyDays) * everyDays;
    const noon = Math.sin(((hourOf(at) - 7) / 24) * 2 * Math.PI) * 0.13;
    return topPct - perDayPct * Math.max(0, since - noon) + 0.15 * (random() - 0.5);
  };
}

/** From `since` on, `shape` rises by `perHour` up to `most` above itself. */
export function failing(shape: Shape, since: Instant, perHour: number, most: number): Shape {
  return (at, random) => {
    const value = shape(at, random);
    if (value === undefined || at < since) return value;
    return value + Math.min(most, ((at - since) / HOUR) * perHour);
  };
}

/** Nothing is heard from `from` until `to`. */
export function silent(shape: Shape, from: Instant, to: Instant): Shape {
  return (at, random) => (at >= from && at < to ? undefined : shape(at, random));
}
