import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { withCatalogue } from './catalogue.ts';

it('the tables in README.md are those of the code (npx vitest run devices/catalogue -u writes them)', async () => {
  const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8');
  await expect(withCatalogue(readme)).toMatchFileSnapshot('./README.md');
});
