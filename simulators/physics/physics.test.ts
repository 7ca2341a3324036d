import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { preCooler, reefer, stepColdStore, warehouse } from './cold-store.ts';
import { seeded } from './random.ts';
import { contentPercent, loam, stepSoil } from './soil.ts';
import { weatherAt } from './weather.ts';

describe('a cold store', () => {
  test('keeps its heat balance within 0.1 % over any two days', () => {
    fc.assert(
      fc.property(fc.constantFrom(preCooler, reefer, warehouse), fc.integer(), (store, seed) => {
        const random = seeded(seed);
        let state = { airC: 12, productC: 15, isRunning: false };
        const sum = { in: 0, breath: 0, out: 0 };
        const start = state;
        for (let minute = 0; minute < 2 * 24 * 60; minute++) {
          const input = { outsideC: 10 + 15 * random(), isDoorOpen: random() < 0.05, canRun: random() > 0.1 };
          const step = stepColdStore(store, state, input, 60);
          state = step.state;
          sum.in += step.flows.inKj;
          sum.breath += step.flows.respirationKj;
          sum.out += step.flows.outKj;
        }
        const stored =
          store.airKjPerK * (state.airC - start.airC) +
          store.productKjPerK * (state.productC - start.productC);
        expect(Math.abs(sum.in + sum.breath - sum.out - stored)).toBeLessThan(0.001 * (sum.out + 1));
      }),
      { numRuns: 20 },
    );
  });

  test('settles around its set point, and warms when the compressor cannot run', () => {
    let state = { airC: 15, productC: 15, isRunning: false };
    const run = (minutes: number, canRun: boolean): void => {
      for (let n = 0; n < minutes; n++)
        state = stepColdStore(reefer, state, { outsideC: 25, isDoorOpen: false, canRun }, 60).state;
    };
    run(48 * 60, true);
    expect(state.airC).toBeGreaterThan(1.5);
    expect(state.airC).toBeLessThan(4.5);
    const before = state.airC;
    run(120, false);
    expect(state.airC).toBeGreaterThan(before + 2);
  });
});

test('soil water is neither made nor lost: balance within 0.1 % over any season', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const random = seeded(seed);
      let state = { upperMm: 70, lowerMm: 75 };
      const start = state.upperMm + state.lowerMm;
      let net = 0;
      let moved = 1;
      for (let hour = 0; hour < 90 * 24; hour++) {
        const rain = random() < 0.02 ? random() * 20 : 0;
        const { state: next, flows } = stepSoil(loam, state, rain, random() * 0.5, 1);
        state = next;
        net += flows.inMm - flows.evapotranspirationMm - flows.drainedMm;
        moved += flows.inMm + flows.evapotranspirationMm + flows.drainedMm;
        expect(contentPercent(loam, state.upperMm)).toBeGreaterThan(loam.wiltingPointPercent - 0.01);
      }
      expect(Math.abs(start + net - state.upperMm - state.lowerMm)).toBeLessThan(0.001 * moved);
    }),
    { numRuns: 20 },
  );
});

test('weather is the same for the same seed and instant, and within what Liaoning has in June', () => {
  const climate = { meanC: 21, swingC: 6, offsetMs: 8 * 3_600_000, seed: 7 };
  for (let hour = 0; hour < 24 * 30; hour++) {
    const at = Date.UTC(2026, 5, 1) + hour * 3_600_000;
    const weather = weatherAt(climate, at);
    expect(weatherAt(climate, at)).toEqual(weather);
    expect(weather.airC).toBeGreaterThan(0);
    expect(weather.airC).toBeLessThan(40);
  }
});
