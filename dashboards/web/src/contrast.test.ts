import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** WCAG 2.1, 1.4.3 (AA): 4.5 to 1 for text; 1.4.11: 3 to 1 for shapes that carry meaning. */

const css = readFileSync(new URL('./styles.css', import.meta.url), 'utf8');
const [light, dark] = [...css.matchAll(/:root \{([^}]*)\}/g)].map(
  ([, block]) =>
    new Map([...block!.matchAll(/--([\w-]+): (#[0-9a-f]{6})\b/g)].map(([, name, value]) => [name!, value!])),
);

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
}

const text = [
  ['ink', 'paper'],
  ['ink', 'card'],
  ['muted', 'paper'],
  ['muted', 'card'],
  ['accent', 'card'],
  ['accent', 'accent-soft'],
  ['accent-ink', 'accent'],
  ['fine', 'fine-soft'],
  ['watch', 'watch-soft'],
  ['act', 'act-soft'],
  ['none', 'none-soft'],
  ['act', 'card'],
  ['act', 'paper'],
  ['watch', 'paper'],
  ['watch', 'card'],
  ['watch', 'band'],
  ['ink', 'watch-soft'],
  ['ink', 'act-soft'],
  ['series-2', 'card'],
  ['series-3', 'card'],
  ['series-4', 'card'],
  ['series-5', 'card'],
  ['series-6', 'card'],
] as const;

test.each(['light', 'dark'] as const)(
  'in %s every text is readable on its own background (4.5 to 1)',
  (theme) => {
    const colours = theme === 'light' ? light! : new Map([...light!, ...dark!]);
    for (const [front, back] of text) {
      expect(contrast(colours.get(front)!, colours.get(back)!), `${front} on ${back}`).toBeGreaterThanOrEqual(
        4.5,
      );
    }
    expect(contrast(colours.get('series')!, colours.get('band')!)).toBeGreaterThanOrEqual(3);
  },
);
