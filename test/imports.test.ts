import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');

/** Which folders each folder may import from; itself is always allowed. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  devices: [],
  broker: ['devices'],
  ingest: ['devices', 'broker'],
  dashboards: ['devices', 'broker', 'ingest'],
  simulators: ['devices'],
};

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !path.includes('node_modules') && !path.includes(`dist${sep}`))
    .map((path) => join(root, folder, path));
}

/** The file that each relative import of a source names, as a path below the root. */
function imports(source: string): string[] {
  const text = readFileSync(source, 'utf8');
  const specifiers = [...text.matchAll(/(?:from|import|import\()\s*'(\.[^']*)'/g)].map(
    ([, path]) => path ?? '',
  );
  return specifiers.map((path) => relative(root, resolve(dirname(source), path)));
}

describe.each(Object.keys(mayImport))('%s', (folder) => {
  test('imports only folders to its left, and only through their index.ts', () => {
    const wrong = sources(folder).flatMap((source) => {
      const isTest = /\.test\.tsx?$/.test(source) || source.includes(`${sep}testing${sep}`);
      return imports(source)
        .filter((target) => {
          const [top = ''] = target.split(sep);
          if (top === folder) return false;
          return !(mayImport[folder]?.includes(top) && (isTest || target === join(top, 'index.ts')));
        })
        .map((target) => `${relative(root, source)} imports ${target}`);
    });
    expect(wrong).toEqual([]);
  });
});

describe.each(['devices', 'ingest/science'])('%s', (folder) => {
  test('is pure: no I/O, no clock, no randomness outside its tests and scripts', () => {
    const impure = sources(folder)
      .filter((source) => !/\.test\.ts$|bench\.ts$|-page\.ts$|fixtures|catalogue\.ts$/.test(source))
      .filter((source) => {
        const code = readFileSync(source, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*|`[^`]*`/g, '');
        return /from 'node:(fs|net|http|https|child_process|worker_threads|timers)|Date\.now\(|new Date\(\)|Math\.random\(/.test(
          code,
        );
      })
      .map((source) => relative(root, source));
    expect(impure).toEqual([]);
  });
});
