import { en } from './en.ts';
import { zhCN } from './zh-cn.ts';

export type TextKey = keyof typeof en;
export type Texts = Readonly<Record<TextKey, string>>;

export const languages = { en, 'zh-CN': zhCN } as const satisfies Readonly<Record<string, Texts>>;
export type Language = keyof typeof languages;

/** The text of a key with its `{name}`s filled in. A name without a value stays visible: it is a mistake of ours. */
export function text(
  language: Language,
  key: TextKey,
  values: Readonly<Record<string, string | number>> = {},
): string {
  return languages[language][key].replace(/\{(\w+)\}/g, (name, inner: string) =>
    String(values[inner] ?? name),
  );
}

/** The language to begin with: what the reader chose before, else what the browser asks for, else English. */
export function chooseLanguage(chosen: string | null, wished: readonly string[]): Language {
  if (chosen === 'en' || chosen === 'zh-CN') return chosen;
  const first = wished.find((tag) => /^(zh|en)\b/i.test(tag));
  return first !== undefined && /^zh/i.test(first) ? 'zh-CN' : 'en';
}
