import { MINUTE } from '../../devices/index.ts';
import { degreeTime } from './degree-hours.ts';
import { usedLife } from './keeping-quality.ts';
import { lifeCurve } from './life-curve.ts';
import { published } from './products.ts';
import { begin, type GapRule, type Integrand, push } from './series.ts';

/** How many readings per second one core integrates, sample by sample, with sensor accuracy and gaps. */
export interface BenchResult {
  readonly name: string;
  readonly readings: number;
  readonly readingsPerSecond: number;
}

const gap: GapRule = { longerThanMs: 30 * MINUTE, low: 0, high: 30 };

/** A cold chain of 10-minute readings around 6 degC with noise, warm spells and a gap every 5000 readings. */
function reading(i: number): { at: number; value: number } {
  const noise = ((i * 7919) % 101) / 101;
  const value = 6 + 5 * Math.sin(i / 500) + 3 * noise + (i % 1000 < 30 ? 12 : 0);
  return { at: i * 10 * MINUTE + Math.floor(i / 5000) * 60 * MINUTE, value };
}

function run<T>(name: string, integrand: Integrand<T>, readings: number, nowMs: () => number): BenchResult {
  const at = new Float64Array(readings);
  const values = new Float64Array(readings);
  for (let i = 0; i < readings; i++) {
    const sample = reading(i);
    at[i] = sample.at;
    values[i] = sample.value;
  }
  const state = begin(integrand);
  const started = nowMs();
  for (let i = 0; i < readings; i++) push(integrand, state, gap, at[i] ?? 0, values[i] ?? 0);
  const elapsedMs = nowMs() - started;
  return { name, readings, readingsPerSecond: Math.round((readings * 1000) / elapsedMs) };
}

/**
 * Runs the benchmark.
 * @param nowMs a monotonic clock, ms
 */
export function benchScience(nowMs: () => number, readings = 2_000_000): readonly BenchResult[] {
  const curve = lifeCurve(published, 'broccoli');
  if (!curve.ok) return [];
  const life = usedLife(curve.value, 0.5);
  const heat = degreeTime('above', 8, 0.5);
  run('warm-up', life, Math.min(readings, 200_000), nowMs);
  return [
    run('used life, three cases', life, readings, nowMs),
    run('degree-hours, three cases', heat, readings, nowMs),
  ];
}

if (process.argv[1]?.endsWith('science/bench.ts')) {
  for (const { name, readingsPerSecond } of benchScience(() => performance.now())) {
    console.log(`${name}: ${readingsPerSecond.toLocaleString('en')} readings per second`);
  }
}
