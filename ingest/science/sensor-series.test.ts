import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { HOUR } from '../../devices/index.ts';
import { degreeTimeOver } from './degree-hours.ts';
import { dewPoint, vapourPressureDeficit } from './humidity.ts';
import { usedLife } from './keeping-quality.ts';
import { lifeCurve } from './life-curve.ts';
import { published } from './products.ts';
import { begin, coverage, integrate, push, type Sample } from './series.ts';

/** Recorded series of real sensors; they are not part of the repository. */
const folder = '../shared/science/data';
const there = existsSync(folder);
const missing = there ? '' : ` (skipped: ${folder} is missing)`;
const rows = (name: string) => readFileSync(`${folder}/${name}`, 'utf8').trim().split(/\r?\n/).slice(1);

describe.skipIf(!there && !process.env.CI)(`recorded series${missing}`, () => {
  const gap = { longerThanMs: 2 * HOUR, low: 0, high: 40 };

  function office(): Sample[] {
    return rows('temperature_failures/ambient_temperature_system_failure.csv').map((line) => {
      const [stamp, fahrenheit] = line.split(',');
      return { at: Date.parse(`${stamp!.replace(' ', 'T')}Z`), value: (Number(fahrenheit) - 32) / 1.8 };
    });
  }

  test('a year of hourly temperatures with real gaps: incremental equals one pass to 1e-9, gaps widen', () => {
    const curve = lifeCurve(published, 'tomato_ripe');
    if (!curve.ok) throw new Error(curve.detail);
    const life = usedLife(curve.value, 0.5);
    const samples = office();
    const state = begin(life);
    for (const { at, value } of samples) expect(push(life, state, gap, at, value)).toBe('taken');
    const onePass = integrate(life, samples.toReversed(), gap);
    if (!onePass.ok) throw new Error(onePass.detail);
    expect(Math.abs(state.totals.point - onePass.value.totals.point)).toBeLessThan(1e-9);
    expect(state.gaps).toBeGreaterThan(0);
    expect(coverage(state)).toBeGreaterThan(0.8);
    expect(coverage(state)).toBeLessThan(1);
    expect(state.totals.best).toBeLessThan(state.totals.point);
    expect(state.totals.point).toBeLessThan(state.totals.worst);
  });

  test('degree-hours above 22 and below 22 degC add up to the integral of the distance', () => {
    const samples = office();
    const above = degreeTimeOver('above', 22, samples, { ...gap, longerThanMs: 1e12 });
    const below = degreeTimeOver('below', 22, samples, { ...gap, longerThanMs: 1e12 });
    if (!above.ok || !below.ok) throw new Error('refused');
    const hours = (samples.at(-1)!.at - samples[0]!.at) / HOUR;
    let sum = 0;
    for (let i = 1; i < samples.length; i++) {
      const [a, b] = [samples[i - 1]!, samples[i]!];
      sum += ((b.at - a.at) / HOUR) * ((a.value + b.value) / 2 - 22);
    }
    expect(above.value.totals.point - below.value.totals.point).toBeCloseTo(sum, 6);
    expect(above.value.totals.pointMs + below.value.totals.pointMs).toBeCloseTo(hours * HOUR, -1);
  });

  test('5000 greenhouse readings: the dew point never exceeds the air, and the recorded deficit is ours within 5 %', () => {
    let compared = 0;
    let previous = 0;
    for (const line of rows('lettuce_greenhouse/Koala_GreenhouseClimate_first5000.csv')) {
      const [stamp, air, humidity, , deficit] = line.split(',');
      if (air === '' || humidity === '' || deficit === '') continue;
      const at = Date.parse(`${stamp} UTC`);
      expect(at).toBeGreaterThanOrEqual(previous);
      previous = at;
      const dew = dewPoint(Number(air), Number(humidity));
      const vpd = vapourPressureDeficit(Number(air), Number(air), Number(humidity));
      if (!dew.ok || !vpd.ok) throw new Error(line);
      expect(dew.value).toBeLessThanOrEqual(Number(air) + 1e-9);
      // The recorder gives g of water per m3 that the air could still take up: Pa / (461.5 J/kg/K * K).
      const grams = (1000 * vpd.value) / (461.524 * (Number(air) + 273.15));
      if (Number(deficit) > 2) {
        compared += 1;
        expect(Math.abs(grams / Number(deficit) - 1)).toBeLessThan(0.05);
      }
    }
    expect(compared).toBeGreaterThan(1000);
  });
});
