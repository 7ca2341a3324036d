/** Means of smooth functions over a straight line: Gauss-Legendre with 4 points, exact to the seventh power. */
const inner = Math.sqrt(3 / 7 - (2 / 7) * Math.sqrt(6 / 5));
const outer = Math.sqrt(3 / 7 + (2 / 7) * Math.sqrt(6 / 5));
const innerWeight = (18 + Math.sqrt(30)) / 72;
const outerWeight = (18 - Math.sqrt(30)) / 72;
const points = [
  [(1 - outer) / 2, outerWeight],
  [(1 - inner) / 2, innerWeight],
  [(1 + inner) / 2, innerWeight],
  [(1 + outer) / 2, outerWeight],
] as const;

/** Widest piece, degC: at it the error of the exponentials used here is below 1e-10. */
const PIECE = 2;

/** Mean of `f` between two values that lie on one side of every kink of `f`. */
export function meanBetween(from: number, to: number, f: (value: number) => number): number {
  if (from === to) return f(from);
  const pieces = Math.max(1, Math.ceil(Math.abs(to - from) / PIECE));
  let sum = 0;
  for (let piece = 0; piece < pieces; piece++) {
    for (const [at, weight] of points) sum += weight * f(from + ((to - from) * (piece + at)) / pieces);
  }
  return sum / pieces;
}

/** Mean of `f` between two values, taken apart at the kinks of `f` (rising order). */
export function meanWithKinks(
  from: number,
  to: number,
  kinks: readonly number[],
  f: (value: number) => number,
): number {
  const low = Math.min(from, to);
  const high = Math.max(from, to);
  const inside = kinks.filter((kink) => kink > low && kink < high);
  if (inside.length === 0) return meanBetween(low, high, f);
  let sum = 0;
  let at = low;
  for (const end of [...inside, high]) {
    sum += meanBetween(at, end, f) * (end - at);
    at = end;
  }
  return sum / (high - low);
}
