import { excerpt, type Refusal } from '../reading.ts';

/** Deepest nesting read: no format of ours needs more than 4, the network servers' envelopes about 12. */
export const MAX_DEPTH = 32;

export type JsonObject = Readonly<Record<string, unknown>>;

export type Parsed = { readonly value: unknown } | { readonly refusal: Refusal };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// A byte order mark is dropped, any byte that is not UTF-8 throws.
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The payload as text, or undefined when it is not valid UTF-8. */
export function parseText(payload: Uint8Array): string | undefined {
  try {
    return utf8.decode(payload);
  } catch {
    return undefined;
  }
}

/**
 * Parses a payload as JSON. `JSON.parse` keeps the last of two equal keys without a word, so a message that says two
 * things at once would become one of them: with `uniqueKeys` such a message is refused instead.
 */
export function parseJson(payload: Uint8Array, expected: string, uniqueKeys = false): Parsed {
  const text = parseText(payload);
  if (text === undefined) return malformed(`${expected}, as UTF-8 text`, 'bytes that are not UTF-8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return malformed(expected, text);
  }
  const keys = countKeys(value, 0);
  if (keys > MANY) return malformed(`${expected}, nested at most ${MAX_DEPTH} levels deep`, 'deeper nesting');
  if (uniqueKeys && countColons(text) !== keys) {
    const twice = duplicateKey(text);
    if (twice !== undefined) return malformed('each key once in an object', `two keys ${twice}`);
  }
  return { value };
}

function malformed(expected: string, received: string): Parsed {
  return { refusal: { reason: 'malformed', expected, received: excerpt(received) } };
}

/** Stands for "too deep to count"; adding real counts to it keeps it above itself. */
const MANY = 2 ** 40;

/** Keys in all objects of a parsed value, or more than MANY when it is nested deeper than MAX_DEPTH. */
function countKeys(value: unknown, depth: number): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth >= MAX_DEPTH) return MANY + 1;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object') count += countKeys(item, depth + 1);
    return count;
  }
  // Every key is an own one: JSON.parse makes `__proto__` an own key too, and leaves the prototype alone.
  for (const [, item] of Object.entries(value)) {
    count += 1;
    if (typeof item === 'object') count += countKeys(item, depth + 1);
  }
  return count;
}

/**
 * A valid JSON text has one colon per key plus those inside strings, so as many colons as parsed keys means that no
 * key was lost. Only when they differ is the text read in full.
 */
function countColons(text: string): number {
  let count = 0;
  for (let at = text.indexOf(':'); at !== -1; at = text.indexOf(':', at + 1)) count += 1;
  return count;
}

/** The first key that an object of a valid JSON text has twice, shortened. */
function duplicateKey(text: string): string | undefined {
  // One entry per open bracket: the keys of an object so far, or undefined for an array.
  const open: (Set<string> | undefined)[] = [];
  const tokens = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g;
  for (let token = tokens.exec(text); token !== null; token = tokens.exec(text)) {
    const [found, colon] = token;
    if (found === '{') open.push(new Set());
    else if (found === '[') open.push(undefined);
    else if (found === '}' || found === ']') open.pop();
    else if (colon !== undefined) {
      const key: unknown = JSON.parse(found.slice(0, found.length - colon.length));
      const keys = open.at(-1);
      if (typeof key !== 'string' || keys === undefined) continue;
      if (keys.has(key)) return excerpt(key);
      keys.add(key);
    }
  }
  return undefined;
}
