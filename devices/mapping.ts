/** From a decoded object (a vendor's, a user's codec's) to quantities, by rules that say what each field is. */
import { isObject, type JsonObject } from './formats/json.ts';
import { type FrameDraft, keep, refuseSlot } from './frame.ts';
import { type QuantityName, quantities } from './quantity.ts';
import { excerpt, MAIN_CHANNEL } from './reading.ts';
import { toCanonical } from './units.ts';

/** What one field of a decoded object is. */
export interface FieldRule {
  /** Name of the field; `a.b` is b inside a. */
  readonly path: string;
  readonly quantity: QuantityName;
  /** `main` when left out. */
  readonly channel?: string;
  /** The unit the field is in; the catalogue's when left out. */
  readonly unit?: string;
  /** For a contact that is true while the door is closed. */
  readonly inverted?: boolean;
}

/** Rules for one device: as many as a record may have values. */
export const MAX_RULES = 256;

/** Keeps what the rules find in the object; a field that is not there is not a fault. */
export function mapFields(object: JsonObject, rules: readonly FieldRule[], draft: FrameDraft): void {
  for (const rule of rules.slice(0, MAX_RULES)) {
    const given = fieldAt(object, rule.path);
    if (given !== undefined) mapValue(given, rule, draft);
  }
}

/** The own field at a path, or undefined. */
export function fieldAt(object: JsonObject, path: string): unknown {
  if (Object.hasOwn(object, path)) return object[path];
  let at: unknown = object;
  for (const name of path.split('.')) {
    if (!isObject(at) || !Object.hasOwn(at, name)) return undefined;
    at = at[name];
  }
  return at;
}

/** Keeps one value by its rule, or says why not. */
export function mapValue(given: unknown, rule: FieldRule, draft: FrameDraft): void {
  const { quantity, channel = MAIN_CHANNEL, unit = quantities[quantity].unit, inverted = false } = rule;
  const slot = { channel, quantity };
  if (given === null) {
    refuseSlot(draft, 'sensor_fault', slot, `${quantity} as a number`, 'null');
    return;
  }
  const number = typeof given === 'boolean' && quantity === 'door_open' ? Number(given !== inverted) : given;
  if (typeof number !== 'number') {
    refuseSlot(draft, 'not_a_number', slot, `${rule.path} as a number in ${unit}`, excerpt(given));
    return;
  }
  const value = toCanonical(quantity, number, unit);
  if (value === undefined) {
    refuseSlot(draft, 'unknown_unit', slot, `${quantity} in ${quantities[quantity].unit}`, excerpt(unit));
    return;
  }
  keep(draft, slot, value);
}
