import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fixture } from './fixtures.ts';
import {
  absoluteHumidity,
  condensation,
  dewPoint,
  enthalpy,
  humidityRatio,
  humidityRatioFromWetBulb,
  relativeHumidityFromWetBulb,
  saturationPressure,
  standardPressure,
  vapourPressureDeficit,
  wetBulb,
} from './humidity.ts';
import type { Answer } from './result.ts';

interface Vector {
  quantity: string;
  inputs: string;
  value: number;
  tolerance: string | number;
}

function value(answer: Answer<number>): number {
  if (!answer.ok) throw new Error(answer.detail);
  return answer.value;
}

/** The named numbers of an input text such as "Tdb=40 Twb=20 p=101325". */
function inputs(text: string): Record<string, number> {
  return Object.fromEntries([...text.matchAll(/(\w+)=(-?[\d.]+)/g)].map((m) => [m[1], Number(m[2])]));
}

function allowed(vector: Vector): number {
  const number = Number.parseFloat(String(vector.tolerance));
  return String(vector.tolerance).includes('%') ? (Math.abs(vector.value) * number) / 100 : number;
}

function compute(vector: Vector): number {
  const { T = 0, RH = 100, p = 101325, z = 0, Tdb = 0, Twb = 0 } = inputs(vector.inputs);
  if (vector.quantity.startsWith('saturation vapour')) return value(saturationPressure(T));
  if (vector.quantity.startsWith('saturation humidity')) return value(humidityRatio(T, 100, p));
  if (vector.quantity.startsWith('saturated air')) return 1000 * value(enthalpy(T, 100, p));
  if (vector.quantity.startsWith('standard')) return value(standardPressure(z));
  if (vector.quantity === 'wet bulb') return value(wetBulb(T, RH, p));
  if (vector.quantity.includes('RH')) return value(relativeHumidityFromWetBulb(Tdb, Twb, p)) / 100;
  if (vector.quantity.includes('dew'))
    return value(dewPoint(Tdb, value(relativeHumidityFromWetBulb(Tdb, Twb, p))));
  return value(humidityRatioFromWetBulb(Tdb, Twb, p));
}

describe('psychrometrics', () => {
  const vectors = fixture<Vector[]>('psychrometric');

  test('there are 29 printed figures', () => expect(vectors).toHaveLength(29));

  test.each(vectors.map((vector) => [vector.quantity, vector.inputs, vector] as const))(
    '%s at %s as ASHRAE prints it',
    (_quantity, _inputs, vector) => {
      expect(Math.abs(compute(vector) - vector.value)).toBeLessThanOrEqual(allowed(vector));
    },
  );

  const { dew_point_AERK: dew } = fixture<{
    dew_point_AERK: {
      cases: { T_C: number; RH_pct: number; Td_C: number }[];
      psychrolib_1_1_1_crosscheck: { T_C: number; RH_pct: number; Td_C: number }[];
    };
  }>('test-vectors');

  test.each(dew.psychrolib_1_1_1_crosscheck)(
    'dew point $T_C degC, $RH_pct % as psychrolib within 0.001',
    (row) => {
      expect(Math.abs(value(dewPoint(row.T_C, row.RH_pct)) - row.Td_C)).toBeLessThan(0.001);
    },
  );

  test('the formula over water of Alduchov & Eskridge agrees within 0.01 degC above 0 and is 0.17 off below', () => {
    for (const row of dew.cases.filter((c) => c.Td_C > 0 && c.T_C >= 10)) {
      expect(Math.abs(value(dewPoint(row.T_C, row.RH_pct)) - row.Td_C)).toBeLessThan(0.01);
    }
    expect(value(dewPoint(0, 90)) - -1.4442).toBeCloseTo(0.17, 2);
  });

  test('the air at its dew point is saturated, anywhere', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -30, max: 50, noNaN: true }),
        fc.double({ min: 2, max: 100, noNaN: true }),
        (t, rh) => {
          const point = value(dewPoint(t, rh));
          expect(point).toBeLessThanOrEqual(t + 1e-9);
          expect(value(saturationPressure(point))).toBeCloseTo((rh / 100) * value(saturationPressure(t)), 6);
          expect(value(wetBulb(t, rh))).toBeGreaterThanOrEqual(point - 1e-6);
        },
      ),
    );
  });

  test('produce at 2 degC in air of 20 degC and 60 % gets wet; at 12.5 degC it is near; at 15 dry', () => {
    const state = (surface: number) => {
      const answer = condensation(surface, 20, 60);
      return answer.ok && answer.value.state;
    };
    expect([state(2), state(12.5), state(15)]).toEqual(['wet', 'near', 'dry']);
    expect(value(vapourPressureDeficit(2, 20, 60))).toBeLessThan(0);
  });

  test('apple at 0 degC and 90 % has a deficit of 61 Pa; air at 20 degC and 50 % holds 8.6 g/m3', () => {
    expect(value(vapourPressureDeficit(0, 0, 90))).toBeCloseTo(61, 0);
    expect(value(absoluteHumidity(20, 50))).toBeCloseTo(8.64, 1);
  });

  test('101 % humidity, 250 degC and a wet bulb above the dry one are refused', () => {
    expect(dewPoint(20, 101)).toMatchObject({ ok: false, reason: 'out_of_range' });
    expect(saturationPressure(250)).toMatchObject({ ok: false, reason: 'out_of_range' });
    expect(humidityRatioFromWetBulb(20, 21, 101325)).toMatchObject({ ok: false, reason: 'out_of_range' });
    expect(dewPoint(20, 0)).toMatchObject({ ok: false, reason: 'out_of_range' });
  });
});
