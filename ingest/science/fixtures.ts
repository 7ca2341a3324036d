import { readFileSync } from 'node:fs';

/** Reads a printed table from fixtures/, for tests only. */
export function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8'));
}
