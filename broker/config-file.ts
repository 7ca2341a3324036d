/** The YAML file as values, and where in it each of them stands. */
import { readFileSync } from 'node:fs';
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import type { Path } from './config-keys.ts';

export type ReadFile =
  | {
      readonly ok: true;
      readonly values: Readonly<Record<string, unknown>>;
      /** The line of a key, or of the nearest section around it that is there. */
      readonly lineOf: (path: Path) => number;
    }
  | { readonly ok: false; readonly message: string };

/** Aliases are resolved this often at most: a file of a few lines could otherwise unfold to gigabytes. */
const ALIASES_MAX = 100;

/** Reads a file of keys and values. One that is missing is empty, unless it was asked for by name. */
export function readYaml(file: string, mustExist: boolean): ReadFile {
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' && mustExist) return failed(`${file}: there is no such file`);
    if (code !== 'ENOENT') return failed(`${file}: cannot be read (${code})`);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const [broken] = document.errors;
  if (broken !== undefined) {
    const [words = ''] = broken.message.split('\n');
    return failed(`${file}:${lines.linePos(broken.pos[0]).line}: not valid YAML: ${words}`);
  }
  let root: unknown;
  try {
    root = document.toJS({ maxAliasCount: ALIASES_MAX }) ?? {};
  } catch (error) {
    return failed(`${file}:1: not valid YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isRecord(root)) return failed(`${file}:1: expected keys and values, such as "data: ./data"`);
  return { ok: true, values: root, lineOf: (path) => lineOf(document.contents, path, lines) };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** ENOENT, EACCES and the like. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

function failed(message: string): ReadFile {
  return { ok: false, message };
}

function lineOf(contents: unknown, path: Path, lines: LineCounter): number {
  let node: unknown = contents;
  let offset = 0;
  for (const key of path) {
    if (!isMap(node)) break;
    const pair = node.items.find(({ key: name }) => isScalar(name) && String(name.value) === key);
    if (pair === undefined || !isScalar(pair.key)) break;
    offset = pair.key.range?.[0] ?? offset;
    node = pair.value;
  }
  return lines.linePos(offset).line;
}
