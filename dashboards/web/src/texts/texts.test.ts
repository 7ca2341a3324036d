import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { refusalReasons } from '../../../../devices/index.ts';
import { becauseSchema, placeKindSchema, placeStateSchema } from '../../../api/schemas.ts';
import { problemKeys } from '../../../api/status.ts';
import { chooseLanguage, languages, type TextKey, text } from './texts.ts';

const source = readAll(fileURLToPath(new URL('..', import.meta.url)));
const keys = Object.keys(languages.en) as TextKey[];

function readAll(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(
      ({ name, parentPath }) =>
        /\.tsx?$/.test(name) && !name.includes('.test.') && !/texts$/.test(parentPath),
    )
    .map(({ name, parentPath }) => readFileSync(`${parentPath}/${name}`, 'utf8'))
    .join('\n');
}

/** Keys that are put together from a closed list, and that list. */
const families: Readonly<Record<string, readonly string[]>> = {
  state: placeStateSchema.options,
  kind: placeKindSchema.options,
  because: becauseSchema.shape.key.options,
  reason: refusalReasons,
  problem: [...problemKeys, 'offline', 'failed'],
  bar: ['act', 'watch', 'fine', 'none', 'label', 'title', 'hint', 'missing'],
  range: ['24h', '7d', '30d', 'label', 'earlier', 'later', 'to_now'],
};

test('both languages have the same keys, in the same order, and no text is empty', () => {
  expect(Object.keys(languages['zh-CN'])).toEqual(keys);
  for (const texts of Object.values(languages)) {
    for (const words of Object.values(texts)) expect(words.trim()).not.toBe('');
  }
});

test('a key has the same {names} in both languages', () => {
  for (const key of keys) {
    const names = Object.values(languages).map((texts) =>
      [...texts[key].matchAll(/\{\w+\}/g)].map(String).sort(),
    );
    expect(names[1], key).toEqual(names[0]);
  }
});

test.each(Object.entries(families))(
  'every member of %s has its text, and there is no other',
  (family, members) => {
    expect(keys.filter((key) => key.startsWith(`${family}.`)).sort()).toEqual(
      members.map((member) => `${family}.${member}`).sort(),
    );
  },
);

test('no text is unused', () => {
  const built = [...source.matchAll(/`([a-z]+)\.(?:[a-z]+\.|[a-z]+_)?\$\{/g)].map((match) =>
    match[0].slice(1, -2),
  );
  const unused = keys.filter(
    (key) => !source.includes(`'${key}'`) && !built.some((start) => key.startsWith(start)),
  );
  expect(unused).toEqual([]);
});

test('Chinese texts are Chinese and English texts are not', () => {
  const han = /\p{Script=Han}/u;
  const neutral = new Set<TextKey>(['language.switch', 'language.switch_label', 'title.suffix']);
  for (const key of keys.filter((name) => !neutral.has(name))) {
    expect(han.test(languages['zh-CN'][key]), key).toBe(true);
    expect(han.test(languages.en[key]), key).toBe(false);
  }
});

test('names are filled in, and one without a value stays visible', () => {
  expect(text('en', 'age.ago', { duration: '5 s' })).toBe('5 s ago');
  expect(text('en', 'age.ago')).toBe('{duration} ago');
});

test.each([
  [null, ['zh-TW', 'en'], 'zh-CN'],
  [null, ['de', 'zh'], 'zh-CN'],
  [null, ['de', 'fr'], 'en'],
  [null, ['en-GB', 'zh'], 'en'],
  ['en', ['zh-CN'], 'en'],
  ['zh-CN', ['en'], 'zh-CN'],
  ['nonsense', ['zh-CN'], 'zh-CN'],
] as const)('chosen %s, browser %j: %s', (chosen, wished, language) => {
  expect(chooseLanguage(chosen, wished)).toBe(language);
});
