import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { withCatalogue } from './catalogue.ts';

it('the tables in README.md are those of the code (node devices/catalogue.ts writes them)', () => {
  const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8');
  expect(withCatalogue(readme)).toBe(readme);
});
