/** Seeded randomness: the same seed gives the same village. */

/** mulberry32 (Tommy Ettinger, 2017, public domain): numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A number in [0, 1) that depends on seed and position only, so that any instant can be asked for by itself. */
export function noiseAt(seed: number, position: number): number {
  return seeded(Math.imul(seed, 2_654_435_761) ^ Math.imul(position | 0, 40_503))();
}

/** Roughly normal (sum of four uniforms, variance 1), by seed and position. */
export function gaussAt(seed: number, position: number): number {
  let sum = 0;
  for (let n = 0; n < 4; n++) sum += noiseAt(seed + n * 7_919, position);
  return (sum - 2) * Math.sqrt(3);
}
