import { fieldConstants as f } from './constants-field.ts';
import { freezeClasses, frostCritical, rowsOf } from './field-tables.ts';
import { dewPoint, wetBulb } from './humidity.ts';
import { type Answer, type Citation, cite, known, outside } from './result.ts';

/**
 * Frost risk of the coming hours from air temperature, humidity and wind. Radiation frost needs a clear sky and
 * little wind; with a dew point below 0 degC no fog or dew releases heat on the way down, and buds follow the wet
 * bulb when sprinklers start. The critical temperature of the stage decides, where one is published.
 */
export interface FrostInput {
  /** Lowest expected air temperature, or the air temperature now, degC at 1.25 to 2 m. */
  readonly airC: number;
  readonly rhPct: number;
  readonly windMs: number;
  /** Unknown sky counts as clear. */
  readonly clearSky?: boolean;
  readonly crop?: string;
  readonly stage?: string;
}

export interface FrostRisk {
  readonly level: 'none' | 'watch' | 'frost' | 'damage' | 'severe';
  readonly kind: 'radiation' | 'advection' | undefined;
  readonly dewPointC: number | undefined;
  readonly wetBulbC: number | undefined;
  /** Temperatures at which 10 % and 90 % of the buds are killed, 30 minutes. */
  readonly kill10C: number | undefined;
  readonly kill90C: number | undefined;
  readonly susceptibility: 'most' | 'moderate' | 'least' | undefined;
  readonly reasons: readonly (
    | 'calm'
    | 'clear'
    | 'dry_air'
    | 'windy_cold'
    | 'below_critical'
    | 'near_freezing'
  )[];
}

function level(airC: number, kill10C: number | undefined, kill90C: number | undefined, likely: boolean) {
  if (kill90C !== undefined && airC <= kill90C) return 'severe' as const;
  if (kill10C !== undefined && airC <= kill10C) return 'damage' as const;
  const { freezingC, watchC } = f.frost.values;
  if (airC <= freezingC) return 'frost' as const;
  return airC <= freezingC + watchC || (likely && airC <= freezingC + 2 * watchC)
    ? ('watch' as const)
    : ('none' as const);
}

/** Frost risk; `kind` tells whether wind machines and sprinklers (radiation) can help. */
export function frostRisk(input: FrostInput): Answer<FrostRisk> {
  const bad = outside(
    ['airC', input.airC, -40, 50],
    ['rhPct', input.rhPct, 0, 100],
    ['windMs', input.windMs, 0, 40],
  );
  if (bad !== undefined) return bad;
  const dew = dewPoint(input.airC, input.rhPct);
  const wet = wetBulb(input.airC, input.rhPct);
  const row =
    input.crop === undefined || input.stage === undefined
      ? undefined
      : rowsOf(frostCritical.rows, input.crop).find(({ stage }) => stage === input.stage);
  const cls = input.crop === undefined ? undefined : rowsOf(freezeClasses.rows, input.crop)[0];
  const { calmMs, freezingC } = f.frost.values;
  const calm = input.windMs < calmMs;
  const clear = input.clearSky !== false;
  const dry = dew.ok && dew.value < freezingC;
  const risk = level(input.airC, row?.kill10C, row?.kill90C, calm && clear && dry);
  const reasons: FrostRisk['reasons'][number][] = [];
  if (calm) reasons.push('calm');
  if (clear) reasons.push('clear');
  if (dry) reasons.push('dry_air');
  if (!calm && input.airC <= freezingC) reasons.push('windy_cold');
  if (row !== undefined && input.airC <= row.kill10C) reasons.push('below_critical');
  if (risk !== 'none') reasons.push('near_freezing');
  const citations: Citation[] = [cite(f.frost), ...(dew.ok ? dew.citations : [])];
  if (row !== undefined) citations.push(cite(row));
  if (cls !== undefined) citations.push(cite(cls));
  return known(
    {
      level: risk,
      kind: risk === 'none' ? undefined : calm && clear ? 'radiation' : 'advection',
      dewPointC: dew.ok ? dew.value : undefined,
      wetBulbC: wet.ok ? wet.value : undefined,
      kill10C: row?.kill10C,
      kill90C: row?.kill90C,
      susceptibility: cls?.cls,
      reasons: risk === 'none' ? [] : reasons,
    },
    citations,
  );
}

/** The stages of a crop that have a critical temperature. */
export function frostStages(crop: string): readonly string[] {
  return rowsOf(frostCritical.rows, crop).map((row) => row.stage);
}
