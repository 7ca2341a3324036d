import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HOUR } from '../../devices/index.ts';
import {
  dailyReferenceEt,
  hargreavesEt,
  hargreavesMm,
  hourlyReferenceEt,
  monthlySoilHeat,
} from './evapotranspiration.ts';
import { fixture } from './fixtures.ts';
import type { Answer } from './result.ts';
import * as weather from './weather.ts';

function ok<T>(answer: Answer<T>): T {
  if (!answer.ok) throw new Error(answer.detail);
  return answer.value;
}

const toC = (f: number) => (f - 32) / 1.8;
const MPH = 0.44704;
const LANGLEY = 0.041868;
const fallon = { latitudeDeg: 39.4575, elevationM: 1208.5 };

interface Example {
  example: string;
  quantity: string;
  inputs: Record<string, number>;
  printed: number;
  tolerance: number;
}

const vectors = fixture<{
  fao56_examples_2_to_20: Example[];
  fallon_intermediates: {
    daily_2015_182: { in_: Record<string, number>; out: Record<string, number> };
    hourly_18UTC: { in_: Record<string, number>; out: Record<string, number> };
  };
}>('et0-vectors');

/** What each worked example of FAO-56 computes, by its quantity. */
const compute: Readonly<Record<string, (i: Record<string, number>) => number>> = {
  'pressure kPa': (i) => weather.pressureKPa(i.z!),
  'psychrometric constant kPa/C': (i) => weather.psychrometricKPa(i.P!),
  'mean saturation vapour pressure kPa': (i) =>
    (weather.saturationKPa(i.Tmin!) + weather.saturationKPa(i.Tmax!)) / 2,
  'ea from wet/dry bulb kPa': (i) => weather.vapourFromWetBulb(i.Tdry!, i.Twet!, i.P!),
  'ea from RHmax/RHmin kPa': (i) => (i.es_min! * i.RHmax! + i.es_max! * i.RHmin!) / 200,
  'ea from RHmax only kPa': (i) => (i.es_min! * i.RHmax!) / 100,
  'ea from RHmean kPa': (i) => (i.RHmean! / 100) * ((i.es_min! + i.es_max!) / 2),
  'inverse relative distance': (i) => weather.sunDistance(i.J!),
  'declination rad': (i) => weather.declination(i.J!),
  'sunset hour angle rad': (i) => weather.sunsetAngle(weather.radians(i.lat!), i.decl!),
  'Ra MJ/m2/d': (i) => weather.extraterrestrialDay(i.lat!, i.J!),
  'daylight hours': (i) => (24 / Math.PI) * i.ws!,
  'Rs MJ/m2/d': (i) => weather.radiationFromSunshine(i.n!, i.N!, i.Ra!),
  'Rnl MJ/m2/d': (i) =>
    weather.netLongwave(4.903e-9, [i.Tmin!, i.Tmax!], i.ea!, weather.cloudiness(i.Rs!, i.Rso!)),
  'Rns MJ/m2/d': (i) => weather.netShortwave(i.Rs!),
  'monthly soil heat flux MJ/m2/d': (i) => ok(monthlySoilHeat(i.T_prev!, undefined, i.T_next!)),
  'equivalent evaporation mm/d': (i) => 0.408 * i.MJ!,
  'u2 m/s': (i) => weather.windAt2m(i.uz!, i.z!),
  'Rs from temperature MJ/m2/d': (i) => weather.radiationFromTemperature(i.Ra!, i.Tmin!, i.Tmax!, false),
  'Rn MJ/m2/d': (i) => i.Rns! - i.Rnl!,
  'slope kPa/C': (i) => weather.slopeKPa(i.T!),
  'Rso MJ/m2/d': (i) => weather.clearSkySimple(i.Ra!, i.z!),
  'ea from Tmin kPa': (i) => weather.saturationKPa(i.Tmin!),
  'ETo mm/d': (i) => hargreavesMm(i.Tmean!, i.Tmin!, i.Tmax!, i.Ra!),
};

describe('FAO-56 worked examples', () => {
  test.each(vectors.fao56_examples_2_to_20.map((e) => [e.example, e.quantity, e] as const))(
    'example %s: %s as printed',
    (_example, quantity, example) => {
      const inputs = example.inputs;
      const direct = compute[quantity];
      const value =
        direct?.(inputs) ??
        weather.penmanMonteith({
          rn: inputs.Rn!,
          g: inputs.G ?? 0,
          meanC: inputs.T!,
          u2: inputs.u2!,
          deficit: inputs.es! - inputs.ea!,
          slope: inputs.slope!,
          gamma: inputs.gamma!,
          cn: 900,
          cd: 0.34,
        });
      expect(Math.abs(value - example.printed)).toBeLessThanOrEqual(example.tolerance + 1e-9);
    },
  );

  test('17: Bangkok in April, monthly means: 5.72 mm', () => {
    const soilHeatMj = ok(monthlySoilHeat(29.2, 30.2, undefined));
    const day = {
      dayOfYear: 105,
      tMinC: 25.6,
      tMaxC: 34.8,
      vapourKPa: 2.85,
      windMs: 2,
      sunshineHours: 8.5,
      soilHeatMj,
    };
    const et = ok(dailyReferenceEt('FAO-56', { latitudeDeg: 13.7333, elevationM: 2 }, day));
    expect(et.mm).toBeCloseTo(5.716, 2);
    expect(et.estimated).toEqual([]);
  });

  test('18: Uccle on 6 July: 3.9 mm, with its intermediate values', () => {
    const day = {
      dayOfYear: 187,
      tMinC: 12.3,
      tMaxC: 21.5,
      rhMaxPct: 84,
      rhMinPct: 63,
      windMs: 10 / 3.6,
      windHeightM: 10,
      sunshineHours: 9.25,
    };
    const et = ok(dailyReferenceEt('FAO-56', { latitudeDeg: 50.8, elevationM: 100 }, day));
    expect(et.mm).toBeCloseTo(3.88, 2);
    expect(weather.extraterrestrialDay(50.8, 187)).toBeCloseTo(41.09, 1);
    expect(weather.daylightHours(50.8, 187)).toBeCloseTo(16.1, 1);
    expect(weather.windAt2m(10 / 3.6, 10)).toBeCloseTo(2.078, 2);
  });

  test("19: N'Diaye on 1 October, hourly: 0.00 and 0.63 mm", () => {
    const site = { latitudeDeg: 16.2167, longitudeDeg: -16.25, elevationM: 8 };
    const at = (local: number) => Date.UTC(2023, 9, 1, local + 1);
    const vapour = (t: number, rh: number) => (weather.saturationKPa(t) * rh) / 100;
    const night = ok(
      hourlyReferenceEt('FAO-56', site, {
        endAt: at(3),
        meanC: 28,
        vapourKPa: vapour(28, 90),
        windMs: 1.9,
        radiationMj: 0,
        previousClouds: 1.35 * 0.8 - 0.35,
      }),
    );
    const noon = ok(
      hourlyReferenceEt('FAO-56', site, {
        endAt: at(15),
        meanC: 38,
        vapourKPa: vapour(38, 52),
        windMs: 3.3,
        radiationMj: 2.45,
      }),
    );
    expect(night.mm).toBeCloseTo(0.004, 2);
    expect(noon.mm).toBeCloseTo(0.627, 2);
  });

  test('20: Lyon in July from temperatures alone: 4.56 mm, everything else named as estimated; Hargreaves 5.03', () => {
    const day = { dayOfYear: 196, tMinC: 14.8, tMaxC: 26.6 };
    const site = { latitudeDeg: 45.7167, elevationM: 200 };
    const et = ok(dailyReferenceEt('FAO-56', site, day));
    expect(et.mm).toBeCloseTo(4.56, 2);
    expect(et.estimated).toEqual(['vapour', 'wind', 'radiation']);
    expect(ok(hargreavesEt(site, day)).mm).toBeCloseTo(5.033, 2);
  });
});

describe('Ref-ET intermediates, Fallon 2015-07-01', () => {
  test('the day: vapour, clear sky, cloudiness, radiation and both references to 4 digits', () => {
    const { in_, out } = vectors.fallon_intermediates.daily_2015_182;
    const ea = weather.saturationKPa(toC(in_.Tdew_F!));
    const ra = weather.extraterrestrialDay(fallon.latitudeDeg, 182);
    const pressure = weather.pressureKPa(fallon.elevationM);
    const rs = in_.Rs_langley! * LANGLEY;
    expect(ea).toBeCloseTo(out.ea!, 6);
    expect(ra).toBeCloseTo(out.ra_asce!, 6);
    expect(weather.extraterrestrialDay(fallon.latitudeDeg, 182, 'Ref-ET')).toBeCloseTo(out.ra_refet!, 6);
    expect(weather.clearSkySimple(ra, fallon.elevationM) / out.rso_simple!).toBeCloseTo(1, 2);
    expect(weather.clearSkyFullDay(ra, ea, pressure, fallon.latitudeDeg, 182) / out.rso_full!).toBeCloseTo(
      1,
      2,
    );
    const day = {
      dayOfYear: 182,
      tMinC: toC(in_.Tmin_F!),
      tMaxC: toC(in_.Tmax_F!),
      dewPointC: toC(in_.Tdew_F!),
      windMs: in_.uz_mph! * MPH,
      windHeightM: 3,
      radiationMj: rs,
    };
    expect(ok(dailyReferenceEt('ASCE short', fallon, day)).mm).toBeCloseTo(out.eto!, 2);
    expect(ok(dailyReferenceEt('ASCE tall', fallon, day)).mm).toBeCloseTo(out.etr!, 2);
  });

  test('the hour 18 to 19 UTC: both references within 0.001 mm', () => {
    const { in_, out } = vectors.fallon_intermediates.hourly_18UTC;
    const hour = {
      endAt: Date.UTC(2015, 6, 1, 19),
      meanC: toC(in_.T_F!),
      vapourKPa: weather.saturationKPa(toC(in_.Tdew_F!)),
      windMs: in_.uz_mph! * MPH,
      windHeightM: 3,
      radiationMj: in_.Rs_langley! * LANGLEY,
    };
    const site = { ...fallon, longitudeDeg: -118.77388 };
    expect(Math.abs(ok(hourlyReferenceEt('ASCE short', site, hour)).mm - out.eto!)).toBeLessThan(0.001);
    expect(Math.abs(ok(hourlyReferenceEt('ASCE tall', site, hour)).mm - out.etr!)).toBeLessThan(0.001);
  });
});

describe('printed series', () => {
  test('147 days at Maricopa: FAO-56, ASCE short and ASCE tall each within the printed rounding', () => {
    const rows = fixture<Record<string, number>[]>('et0-daily-maricopa');
    // AZMET Maricopa: 33.0687 N, 361 m, wind at 3 m. The source prints 3 digits: 0.01 mm, from 10 mm on 0.1 mm.
    const site = { latitudeDeg: 33.0687, elevationM: 361 };
    const forms = [
      ['FAO-56', 'FAO56_ETo_printed'],
      ['ASCE short', 'ASCE_ETo_printed'],
      ['ASCE tall', 'ASCE_ETr_printed'],
    ] as const;
    const missed: string[] = [];
    for (const [form, column] of forms) {
      for (const row of rows) {
        const et = dailyReferenceEt(form, site, {
          dayOfYear: row.doy!,
          tMinC: row.Tmin_C!,
          tMaxC: row.Tmax_C!,
          dewPointC: row.Tdew_C!,
          radiationMj: row.Rs_MJ_m2_d!,
          windMs: row.wind3m_m_s!,
          windHeightM: 3,
        });
        // Besides its own rounding the print carries that of its inputs (0.1 degC, 0.1 m/s): about 0.1 % of it.
        const allowed = (row[column]! >= 10 ? 0.05 : 0.005) + (form === 'ASCE tall' ? 0.0075 : 0.004);
        if (Math.abs(ok(et).mm - row[column]!) > allowed) missed.push(`${form} ${row.date}`);
      }
    }
    expect(rows).toHaveLength(147);
    // 9.94 against a printed "9.9", which is one of the days printed with a single decimal.
    expect(missed).toEqual(['ASCE short 2005-05-05']);
  });

  test('96 hours at Fallon in four seasons: ETo and ETr within 0.01 mm of Ref-ET, night clouds carried over', () => {
    const rows = fixture<Record<string, number>[]>('et0-hourly-fallon');
    const site = { ...fallon, longitudeDeg: -118.77388 };
    let worst = 0;
    for (const row of rows) {
      const [y, m, d] = String(row.date).split('-').map(Number);
      const hour = {
        endAt: Date.UTC(y!, m! - 1, d!, row.hour_stamp_end_PST! + 8),
        meanC: row.T_C!,
        vapourKPa: row.ea_kPa!,
        windMs: row.wind3m_m_s!,
        windHeightM: 3,
        radiationMj: row.Rs_MJ_m2_h!,
        previousClouds: row.fcd_previous_hour!,
      };
      const eto = ok(hourlyReferenceEt('ASCE short', site, hour)).mm;
      const etr = ok(hourlyReferenceEt('ASCE tall', site, hour)).mm;
      worst = Math.max(worst, Math.abs(eto - row.RefET_ETo_printed!), Math.abs(etr - row.RefET_ETr_printed!));
    }
    expect(rows).toHaveLength(96);
    expect(worst).toBeLessThan(0.01);
  });

  const folder = '../shared/science/data/fallon_2015_daily';
  const there = existsSync(folder);
  const title = 'the Fallon year 2015, ASCE short, beyond the print rounding of 0.005 mm';
  const missing = there ? '' : ` (skipped: ${folder} is missing)`;
  test.skipIf(!there && !process.env.CI).each([
    // With the sun that ASCE prints, one winter day is 0.53 % off: 28 January, 0.819 for a printed 0.81 mm.
    ['Ref-ET', [], 0.0005],
    ['FAO-56', [28], 0.0005],
  ] as const)(
    `${title}: with the sun of %s every day within 0.5 %% but %j, the mean within 0.05 %%${missing}`,
    (sun, misses, limit) => {
      const weatherRows = readFileSync(`${folder}/FALN_Agrimet_daily_raw_2015.csv`, 'utf8')
        .trim()
        .split('\n')
        .slice(1);
      const printed = readFileSync(`${folder}/FALN_Agrimet_daily_raw_2015.out`, 'latin1')
        .split('\n')
        .filter((line) => /^\s*\d+\s+\d+\s+2015\s/.test(line))
        .map((line) => line.trim().split(/\s+/).map(Number));
      expect([weatherRows.length, printed.length]).toEqual([365, 365]);
      let sum = 0;
      let sumPrinted = 0;
      const off: number[] = [];
      weatherRows.forEach((line, i) => {
        const [, , , mn, mx, sr, ym, ua] = line.split(',').map(Number);
        const et = ok(
          dailyReferenceEt(
            'ASCE short',
            { ...fallon, sun },
            {
              dayOfYear: i + 1,
              tMinC: toC(mn!),
              tMaxC: toC(mx!),
              dewPointC: toC(ym!),
              radiationMj: sr! * LANGLEY,
              // On 22 April the wind is NO RECORD; Ref-ET printed its result for a wind of 0.
              windMs: Number.isFinite(ua) ? ua! * MPH : 0,
              windHeightM: 3,
            },
          ),
        ).mm;
        const eto = printed[i]![9]!;
        sum += et;
        sumPrinted += eto;
        if (Math.abs(et - eto) > 0.005 + 0.005 * eto) off.push(i + 1);
      });
      expect(off).toEqual(misses);
      expect(Math.abs(sum / sumPrinted - 1)).toBeLessThan(limit);
    },
  );
});

describe('what is refused, and what always holds', () => {
  const site = { latitudeDeg: 40, elevationM: 100 };
  const day = { dayOfYear: 180, tMinC: 15, tMaxC: 28, vapourKPa: 1.5, windMs: 2, radiationMj: 22 };

  test.each([
    [{ ...day, tMaxC: 10 }, site],
    [{ ...day, dayOfYear: 400 }, site],
    [{ ...day, radiationMj: 60 }, site],
    [{ ...day, windMs: Number.NaN }, site],
    [day, { ...site, latitudeDeg: 80 }],
  ])('%j is refused', (bad, at) => {
    expect(dailyReferenceEt('FAO-56', at, bad).ok).toBe(false);
  });

  test('more sun, drier air and stronger wind never give less ET', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom('FAO-56', 'ASCE short', 'ASCE tall'),
        (share, form) => {
          const base = ok(dailyReferenceEt(form, site, day)).mm;
          const more = [
            { ...day, radiationMj: 22 + 6 * share },
            { ...day, vapourKPa: 1.5 - 0.7 * share },
            { ...day, windMs: 2 + 4 * share },
          ].map((changed) => ok(dailyReferenceEt(form, site, changed)).mm);
          for (const mm of more) expect(mm).toBeGreaterThanOrEqual(base - 1e-9);
        },
      ),
    );
  });

  test('24 hours add up to about the day (10 %)', () => {
    let sum = 0;
    let clouds = 1;
    for (let h = 1; h <= 24; h++) {
      const sun = Math.max(0, Math.sin(((h - 0.5 - 5) / 15) * Math.PI));
      const et = ok(
        hourlyReferenceEt(
          'ASCE short',
          { ...site, longitudeDeg: 0 },
          {
            endAt: Date.UTC(2023, 5, 29) + h * HOUR,
            meanC: 21.5 + 6.5 * Math.sin(((h - 9) / 24) * 2 * Math.PI),
            vapourKPa: 1.5,
            windMs: 2,
            radiationMj: h > 5 && h < 20 ? (sun * 22 * Math.PI) / 2 / 15 : 0,
            previousClouds: clouds,
          },
        ),
      );
      clouds = et.clouds;
      sum += et.mm;
    }
    const daily = ok(dailyReferenceEt('ASCE short', site, day)).mm;
    expect(Math.abs(sum / daily - 1)).toBeLessThan(0.1);
  });
});
