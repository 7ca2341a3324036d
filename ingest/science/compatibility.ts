import { produceConstants } from './constants-produce.ts';
import { citationOf, type Product } from './products.ts';
import { type Answer, type Citation, cite, known, refuse } from './result.ts';
import { thompsonGroups } from './tables.ts';

/**
 * Products in one room for up to 7 days (Thompson et al. 1996 in AH-66 pp.55-56), checked besides against each
 * product's own limits, because the chart puts several crops outside their own storage conditions.
 */
export type Conflict = 'different_groups' | 'temperature' | 'humidity' | 'chilling' | 'freezing' | 'ethylene';

export interface RoomConflict {
  readonly kind: Conflict;
  readonly products: readonly string[];
  readonly detail: string;
}

export interface RoomPlan {
  /** True when nothing but ethylene, which ventilation or a scrubber can hold below 1 ppm, is in the way. */
  readonly shareable: boolean;
  readonly conflicts: readonly RoomConflict[];
  readonly minC: number;
  readonly maxC: number;
  readonly minRhPct: number;
  readonly maxRhPct: number;
  readonly maxEthylenePpm: number;
  readonly maxDays: number;
}

const producers: ReadonlySet<string> = new Set(['H', 'VH']);

function ethyleneConflicts(products: readonly Product[]): RoomConflict[] {
  const sources = products.filter((product) => producers.has(product.ethyleneProduction?.cls ?? ''));
  const sensitive = products.filter((product) => product.ethyleneSensitivity?.cls === 'H');
  return sources.flatMap((source) =>
    sensitive
      .filter((other) => other.id !== source.id)
      .map((other) => ({
        kind: 'ethylene' as const,
        products: [source.id, other.id],
        detail: `${source.id} gives off ethylene, ${other.id} is highly sensitive: keep below 1 ppm, better 0.1`,
      })),
  );
}

function ownLimitConflicts(product: Product, minC: number, maxC: number): RoomConflict[] {
  const conflicts: RoomConflict[] = [];
  const chill = product.chilling?.strictC;
  if (product.chilling?.kind === 'threshold' && chill !== undefined && maxC < chill) {
    conflicts.push({
      kind: 'chilling',
      products: [product.id],
      detail: `${product.id} is chilled below ${chill} degC`,
    });
  }
  const freeze = product.freezing?.alarmC;
  if (freeze !== undefined && minC <= freeze) {
    conflicts.push({
      kind: 'freezing',
      products: [product.id],
      detail: `${product.id} freezes at ${freeze} degC`,
    });
  }
  const { minC: lowC, maxC: highC } = product.temperature;
  if (highC < minC || lowC > maxC) {
    conflicts.push({
      kind: 'temperature',
      products: [product.id],
      detail: `${product.id} is stored at ${lowC} to ${highC} degC`,
    });
  }
  return conflicts;
}

/**
 * Whether products can share a room.
 * @returns the conditions of the room and every conflict; refused when a product is in no group
 */
export function roomPlan(products: readonly Product[]): Answer<RoomPlan> {
  const citations: Citation[] = [];
  const groups = [];
  for (const product of products) {
    const group = thompsonGroups.rows.find((row) => row.group === product.thompson?.group);
    if (product.thompson === undefined || group === undefined) {
      return refuse('no_figure', `${product.id} is in no group of the 7-day chart`);
    }
    groups.push(group);
    citations.push(citationOf(product.thompson), citationOf(product.temperature));
  }
  const first = groups[0];
  if (first === undefined) return refuse('missing_input', 'products: at least one is needed');
  const minC = Math.max(...groups.map((group) => group.minC));
  const maxC = Math.min(...groups.map((group) => group.maxC));
  const minRhPct = Math.max(...groups.map((group) => group.minRhPct));
  const maxRhPct = Math.min(...groups.map((group) => group.maxRhPct));
  const conflicts: RoomConflict[] = [];
  if (minC > maxC) {
    conflicts.push({
      kind: 'different_groups',
      products: products.map((product) => product.id),
      detail: `groups ${[...new Set(groups.map((group) => group.group))].join(', ')} have no temperature in common`,
    });
  } else conflicts.push(...products.flatMap((product) => ownLimitConflicts(product, minC, maxC)));
  if (minRhPct > maxRhPct) {
    conflicts.push({
      kind: 'humidity',
      products: products.map((p) => p.id),
      detail: 'no humidity in common',
    });
  }
  conflicts.push(...ethyleneConflicts(products));
  return known(
    {
      shareable: conflicts.every((conflict) => conflict.kind === 'ethylene'),
      conflicts,
      minC,
      maxC,
      minRhPct,
      maxRhPct,
      maxEthylenePpm: Math.min(...groups.map((group) => group.maxEthylenePpm)),
      maxDays: produceConstants.mixedRoom.values.days,
    },
    [...citations, cite(first), cite(produceConstants.mixedRoom)],
  );
}
