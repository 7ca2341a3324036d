/** `node dashboards/example-config.ts --write` writes greenlane.example.yaml from the schema; a test compares. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { variableOf } from '../broker/index.ts';
import { greenlaneConfig } from './config.ts';

export const EXAMPLE_FILE = resolve(import.meta.dirname, '../greenlane.example.yaml');

const HEAD = `# Greenlane's configuration: copy to greenlane.yaml and keep what you change. Everything is optional.
# Each key can also be set by the environment variable named behind it. Secrets: the value, or a file that holds it.
`;

/** Defaults that are written as people write them, where the program keeps a number. */
const written: Readonly<Record<string, string>> = { 'journal.keep': '30d', 'journal.max_size': '20GB' };

function inner(type: unknown): { readonly type: unknown; readonly fallback: unknown } {
  let fallback: unknown;
  let current = type;
  while (
    current instanceof z.ZodDefault ||
    current instanceof z.ZodOptional ||
    current instanceof z.ZodPrefault
  ) {
    if (!(current instanceof z.ZodOptional)) fallback = current.def.defaultValue;
    current = current.def.innerType;
  }
  return { type: current, fallback };
}

function lines(schema: z.ZodObject, path: readonly string[]): string[] {
  return Object.entries(schema.shape).flatMap(([key, type]) => {
    const here = [...path, key];
    const indent = '  '.repeat(path.length);
    const { type: plain, fallback } = inner(type);
    if (plain instanceof z.ZodObject) return ['', `${indent}${key}:`, ...lines(plain, here)];
    const description = (type instanceof z.ZodType ? type.description : undefined) ?? '';
    const value = written[here.join('.')] ?? fallback;
    const comment = `${indent}# ${description} ${variableOf(here)}`;
    return value === undefined
      ? [comment, `${indent}# ${key}:`]
      : [comment, `${indent}${key}: ${String(value)}`];
  });
}

/** The text of greenlane.example.yaml. */
export function exampleConfig(): string {
  return `${HEAD}${lines(greenlaneConfig, []).join('\n')}\n`;
}

if (import.meta.main && process.argv.includes('--write')) writeFileSync(EXAMPLE_FILE, exampleConfig());
