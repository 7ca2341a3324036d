import { fieldConstants } from './constants-field.ts';
import { grainConstants } from './constants-grain.ts';
import { type ConstantSet, produceConstants } from './constants-produce.ts';
import {
  cropCoefficients,
  cropStages,
  degreeDayBases,
  freezeClasses,
  frostCritical,
  rootZones,
  salinityTable,
} from './field-tables.ts';
import { emcTable, grainCo2, maizeDays, moistureLimits } from './grain-tables.ts';
import type { Citation } from './result.ts';
import {
  chillingDoses,
  chillingTimes,
  ethyleneClasses,
  ethyleneLevels,
  gasInjury,
  q10Bands,
  storageLife,
  thompsonGroups,
  transpiration,
  weightLoss,
} from './tables.ts';

/** Every number this folder computes with, for the page that lists them and the test that looks for gaps. */
export const constantSets: Readonly<Record<string, ConstantSet>> = {
  ...produceConstants,
  ...grainConstants,
  ...fieldConstants,
};

export interface DataTable {
  readonly title: string;
  readonly note?: string | undefined;
  readonly rows: readonly Citation[];
}

/** The data tables besides the products, by file name. */
export const dataTables: Readonly<Record<string, DataTable>> = {
  'storage-life': storageLife,
  'q10-bands': q10Bands,
  'chilling-times': chillingTimes,
  'chilling-doses': chillingDoses,
  'ethylene-levels': ethyleneLevels,
  'ethylene-classes': ethyleneClasses,
  'gas-injury': gasInjury,
  'thompson-groups': thompsonGroups,
  transpiration,
  'weight-loss': weightLoss,
  emc: emcTable,
  'maize-storage-days': maizeDays,
  'grain-co2': grainCo2,
  'grain-moisture-limits': moistureLimits,
  'crop-stages': cropStages,
  'crop-coefficients': cropCoefficients,
  'root-zone': rootZones,
  salinity: salinityTable,
  'degree-day-bases': degreeDayBases,
  'frost-critical': frostCritical,
  'freeze-classes': freezeClasses,
};
