import { fieldConstants as f } from './constants-field.ts';
import {
  type CropCoefficients,
  type CropStages,
  cropCoefficients,
  cropStages,
  rowsOf,
} from './field-tables.ts';
import { type Answer, cite, known, outside, refuse } from './result.ts';

/** Single crop coefficients by stage (FAO-56 tables 11 and 12, eq. 62 to 66). */

export type Stage = 'initial' | 'development' | 'mid' | 'late' | 'over';

export interface StageLengths {
  readonly iniDays: number;
  readonly devDays: number;
  readonly midDays: number;
  readonly lateDays: number;
}

export interface CropCoefficient {
  readonly kc: number;
  readonly stage: Stage;
}

/** The stage lengths of a crop; several regions may be listed, and the caller chooses. */
export function stagesOf(crop: string): Answer<readonly CropStages[]> {
  const rows = rowsOf(cropStages.rows, crop);
  return rows.length === 0
    ? refuse('no_figure', `FAO-56 table 11 has no crop "${crop}"`)
    : known(rows, rows.map(cite));
}

export function coefficientsOf(crop: string): Answer<CropCoefficients> {
  const row = rowsOf(cropCoefficients.rows, crop)[0];
  return row === undefined
    ? refuse('no_figure', `FAO-56 table 12 has no crop "${crop}"`)
    : known(row, [cite(row)]);
}

export interface Climate {
  readonly windMs: number;
  readonly rhMinPct: number;
}

/** Kc of the mid or late stage for the climate (FAO-56 eq. 62): the tables hold for 2 m/s and 45 % humidity. */
export function adjustedKc(kc: number, heightM: number, climate: Climate): Answer<number> {
  const k = f.cropHeight.values;
  const bad = outside(
    ['kc', kc, 0, 2],
    ['heightM', heightM, 0.01, 20],
    ['windMs', climate.windMs, 0, 40],
    ['rhMinPct', climate.rhMinPct, 0, 100],
  );
  if (bad !== undefined) return bad;
  if (kc < k.fromKc) return known(kc, [cite(f.cropHeight)]);
  const wind = Math.min(k.maxWind, Math.max(k.minWind, climate.windMs));
  const humidity = Math.min(k.maxRh, Math.max(k.minRh, climate.rhMinPct));
  const change = (k.a * (wind - k.wind) - k.b * (humidity - k.humidity)) * (heightM / k.height) ** k.n;
  return known(kc + change, [cite(f.cropHeight)]);
}

/**
 * Crop coefficient on a day after planting (0 = planting day): constant in the initial and mid stages, on a
 * straight line in the development and late stages.
 */
export function kcOnDay(
  stages: StageLengths,
  kc: { readonly ini: number; readonly mid: number; readonly end: number },
  day: number,
): Answer<CropCoefficient> {
  const bad = outside(
    ['day', day, 0, 1000],
    ['ini', kc.ini, 0, 2],
    ['mid', kc.mid, 0, 2],
    ['end', kc.end, 0, 2],
  );
  if (bad !== undefined) return bad;
  const { iniDays, devDays, midDays, lateDays } = stages;
  const development = day - iniDays;
  if (development < 0) return known({ kc: kc.ini, stage: 'initial' }, []);
  if (development < devDays) {
    return known({ kc: kc.ini + ((kc.mid - kc.ini) * development) / devDays, stage: 'development' }, []);
  }
  const late = development - devDays - midDays;
  if (late < 0) return known({ kc: kc.mid, stage: 'mid' }, []);
  if (late < lateDays)
    return known({ kc: kc.mid + ((kc.end - kc.mid) * late) / lateDays, stage: 'late' }, []);
  return known({ kc: kc.end, stage: 'over' }, []);
}

/** Kc of a crop of FAO-56 on a day after planting, with the first listed stage lengths unless others are given. */
export function cropKc(crop: string, day: number, stages?: CropStages): Answer<CropCoefficient> {
  const coefficients = coefficientsOf(crop);
  if (!coefficients.ok) return coefficients;
  const { ini, mid, end } = coefficients.value;
  if (ini === undefined || mid === undefined || end === undefined) {
    return refuse('no_figure', `FAO-56 table 12 does not print all three coefficients of "${crop}"`);
  }
  const listed = stages === undefined ? stagesOf(crop) : known([stages], [cite(stages)]);
  if (!listed.ok) return listed;
  const first = listed.value[0];
  if (first === undefined) return refuse('no_figure', `no stage lengths for "${crop}"`);
  const { iniDays, devDays, midDays, lateDays } = first;
  if (midDays === undefined || lateDays === undefined) {
    return refuse('no_figure', `FAO-56 table 11 prints no mid and late stage for "${crop}"`);
  }
  const result = kcOnDay({ iniDays, devDays, midDays, lateDays }, { ini, mid, end }, day);
  return result.ok ? known(result.value, [...coefficients.citations, cite(first)]) : result;
}
