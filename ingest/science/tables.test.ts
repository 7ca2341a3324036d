import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { constantSets, dataTables } from './constants.ts';
import { factNames } from './product-schema.ts';
import { published } from './products.ts';
import { marks } from './result.ts';
import { tablesPage } from './tables-page.ts';

const here = new URL('.', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, here), 'utf8');

/**
 * Numbers that may stand in the code: they count, convert units or are mathematics. Everything measured or
 * published belongs into constants-*.ts or data/*.json with a source and a mark.
 */
const structural: Readonly<Record<string, string>> = {
  '0': 'zero',
  '1': 'one',
  '2': 'half, square, both sides',
  '10': 'mm of water per % and m; the exponent of log10',
  '15': 'degrees of longitude per hour',
  '12': 'half a day in hours',
  '24': 'hours in a day',
  '60': 'minutes in an hour',
  '100': '% of one',
  '180': 'degrees in half a circle',
  '200': 'mean of two percentages',
  '366': 'longest day of the year',
  '1000': 'g per kg, ms per s',
};
/** Numbers of one file, with the reason. */
const ofFile: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'quadrature.ts': {
    '3': 'Gauss',
    '5': 'Gauss',
    '6': 'Gauss',
    '7': 'Gauss',
    '18': 'Gauss',
    '30': 'Gauss',
    '72': 'Gauss',
  },
  'keeping-quality.ts': { '1e-12': 'rounding' },
  'water-loss.ts': { '1e-6': 'rounding', '1e-10': 'ng per kg in %' },
  'grain-storage.ts': { '1e-9': 'rounding' },
  'weather.ts': { '4': 'fourth power of the radiation law' },
};

/** The code of a file without comments, texts and the bounds of inputs (a name, a value, its lowest and highest). */
function codeOf(name: string): string {
  return read(name)
    .replaceAll(/\/\*[\s\S]*?\*\//g, ' ')
    .replaceAll(/\/\/[^\n]*/g, ' ')
    .replaceAll(/\[\s*['`][^'`]*['`],[^[\]]*(\[[^[\]]*\][^[\]]*)*\]/g, ' ')
    .replaceAll(/optional\(\s*'[^']*',[^()]*\)/g, ' ')
    .replaceAll(/'[^'\n]*'|`[^`]*`/g, ' ');
}

describe('every number has a source and a mark', () => {
  test('constants, tables and product facts: none without', () => {
    const bare: string[] = [];
    const check = (where: string, row: { source: string; mark: string }) => {
      if (row.source.trim().length === 0 || !marks.some((mark) => mark === row.mark)) bare.push(where);
    };
    for (const [name, set] of Object.entries(constantSets)) check(name, set);
    for (const [name, table] of Object.entries(dataTables)) for (const row of table.rows) check(name, row);
    for (const product of published.products.values()) {
      for (const name of factNames) {
        const fact = product[name];
        if (fact !== undefined) check(`${product.id}.${name}`, fact);
      }
    }
    expect(bare).toEqual([]);
  });

  test('every data file is on the page', () => {
    const files = readdirSync(new URL('data', here)).map((file) => file.replace('.json', ''));
    const listed = [...Object.keys(dataTables), 'products', 'sources'];
    expect(files.sort()).toEqual(listed.sort());
  });

  const files = readdirSync(here).filter(
    (file) =>
      file.endsWith('.ts') &&
      !file.endsWith('.test.ts') &&
      !/^(constants|product-schema|bench|fixtures|tables-page)/.test(file),
  );

  test('the code holds no number of its own: what is not counting or mathematics is in a table', () => {
    const found: string[] = [];
    for (const file of files) {
      for (const [, literal] of codeOf(file).matchAll(/(?<![\w.$])(\d[\d_]*(?:\.\d+)?(?:e-?\d+)?)(?!\w)/g)) {
        const number = (literal ?? '').replaceAll('_', '');
        if (structural[number] === undefined && ofFile[file]?.[number] === undefined)
          found.push(`${file}: ${number}`);
      }
    }
    expect(found).toEqual([]);
  });

  test('the test above would see one', () => {
    expect('const k = 0.0883 * x'.match(/(?<![\w.$])(\d[\d_]*(?:\.\d+)?(?:e-?\d+)?)(?!\w)/)?.[1]).toBe(
      '0.0883',
    );
    expect(structural['0.0883']).toBeUndefined();
  });
});

describe('the generated page', () => {
  test('TABLES.md is what `node ingest/science/tables-page.ts --write` writes', () => {
    expect(read('TABLES.md') === tablesPage()).toBe(true);
  });

  test('an unverified figure is visible as such', () => {
    const page = tablesPage();
    expect(page).toMatch(/Fraser & Muir 1981.* \| K \|/);
    expect(page).toMatch(/\| strawberry \| 草莓 \| freezing \| .* \| K \|/);
  });
});

describe('the folder', () => {
  test('no file of code is longer than 400 lines', () => {
    for (const file of readdirSync(here).filter((name) => name.endsWith('.ts'))) {
      expect(read(file).split('\n').length, file).toBeLessThanOrEqual(401);
    }
  });

  test('it is pure: nothing reads a file, a clock or chance, but for the page, the bench and the tests', () => {
    for (const file of readdirSync(here).filter(
      (name) => name.endsWith('.ts') && !/test|tables-page|bench|fixtures/.test(name),
    )) {
      expect(read(file), file).not.toMatch(/from 'node:|Date\.now|new Date\(\)|Math\.random|process\./);
    }
  });
});
