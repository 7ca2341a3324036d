/** What a configuration's schema says about its keys. */
import { z } from 'zod';

/** The keys from the root down: `['mqtt', 'port']`. */
export type Path = readonly string[];

/** `mqtt.port` is overridden by GREENLANE_MQTT_PORT. */
export function variableOf(path: Path): string {
  return `GREENLANE_${path.join('_').toUpperCase()}`;
}

/** Every key of the schema that holds a value, as a path. */
export function keysOf(schema: z.ZodObject): Path[] {
  return Object.entries(schema.shape).flatMap(([key, type]) => {
    const inner = unwrapped(type);
    return inner instanceof z.ZodObject ? keysOf(inner).map((path) => [key, ...path]) : [[key]];
  });
}

/** Every section of the schema, as a path; the outer before the inner. */
export function sectionsOf(schema: z.ZodObject): Path[] {
  return Object.entries(schema.shape).flatMap(([key, type]) => {
    const inner = unwrapped(type);
    return inner instanceof z.ZodObject ? [[key], ...sectionsOf(inner).map((path) => [key, ...path])] : [];
  });
}

/** The schema of a key or section without its defaults, or undefined when there is none of that name. */
export function schemaAt(schema: z.ZodObject, path: Path): unknown {
  return path.reduce<unknown>(
    (type, key) =>
      type instanceof z.ZodObject && Object.hasOwn(type.shape, key) ? unwrapped(type.shape[key]) : undefined,
    schema,
  );
}

/** Whether keys the schema does not know are mistakes; a process that runs a part alone ignores other parts' keys. */
export function isStrict(schema: z.ZodObject): boolean {
  return schema.def.catchall instanceof z.ZodNever;
}

/** Passwords and tokens: never part of a message. Their `_file` twins are only paths. */
export function isSecret(path: Path): boolean {
  return /(^|_)(password|token|secret)$/.test(path.at(-1) ?? '');
}

/** `token` for `token_file` and the other way round: whichever of the two is given last is meant. */
export function twinOf(path: Path): Path {
  const key = path.at(-1) ?? '';
  const twin = key.endsWith('_file') ? key.slice(0, -'_file'.length) : `${key}_file`;
  return [...path.slice(0, -1), twin];
}

/** The known name that differs least from the given one, when it differs by little. */
export function nearest(known: readonly string[], given: string, most: number): string | undefined {
  const [best] = known.map((name) => ({ name, far: distance(name, given) })).sort((a, b) => a.far - b.far);
  return best !== undefined && best.far <= most ? best.name : undefined;
}

export function unwrapped(type: unknown): unknown {
  let inner = type;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodOptional || inner instanceof z.ZodPrefault)
    inner = inner.def.innerType;
  return inner;
}

/** Longer than any key; a longer name is no misspelling, and the distance of two long texts takes their product. */
const NAME_LENGTH_MAX = 100;

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  if (Math.max(a.length, b.length) > NAME_LENGTH_MAX) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
