/** Every model Greenlane knows: a new one is a file with its examples beside it and a line here. */
import { lpp } from './cayenne/lpp.ts';
import { lht65n } from './dragino/lht65n.ts';
import { lse01 } from './dragino/lse01.ts';
import { em300Th } from './milesight/em300-th.ts';
import { em500Smtc } from './milesight/em500-smtc.ts';
import { ts101 } from './milesight/ts101.ts';
import { ts301 } from './milesight/ts301.ts';
import { ts302 } from './milesight/ts302.ts';
import type { Model } from './model.ts';
import { ruuvitag } from './ruuvi/ruuvitag.ts';
import { s2101 } from './sensecap/s2101.ts';
import { s2102 } from './sensecap/s2102.ts';
import { s2103 } from './sensecap/s2103.ts';
import { s2104 } from './sensecap/s2104.ts';
import { s2105 } from './sensecap/s2105.ts';
import { s2106 } from './sensecap/s2106.ts';

export const models: readonly Model[] = [
  lpp,
  lht65n,
  lse01,
  em300Th,
  em500Smtc,
  ts101,
  ts301,
  ts302,
  ruuvitag,
  s2101,
  s2102,
  s2103,
  s2104,
  s2105,
  s2106,
];

const byId: ReadonlyMap<string, Model> = new Map(models.map((model) => [model.id, model]));

/** The model of an id from outside, or undefined. */
export function findModel(id: string): Model | undefined {
  return byId.get(id);
}
