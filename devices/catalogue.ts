/** The tables of devices/README.md, made from the code; a test compares them, and writes them when asked (-u). */
import { envelopes } from './envelopes.ts';
import { examples } from './examples.ts';
import { ANY_CHANNEL, type Model } from './model.ts';
import { models } from './models.ts';
import { quantities, quantityNames } from './quantity.ts';

const MARKS = ['<!-- catalogue: generated, do not edit -->', '<!-- catalogue: end -->'] as const;

/** The tables as Markdown. */
export function catalogue(): string {
  return [
    table(['model', 'what it is', 'channel: quantities', 'examples'], models.map(modelRow)),
    table(
      ['envelope', 'topics'],
      envelopes.map(({ title, topics }) => [title, `\`${topics}\``]),
    ),
    `Quantities: ${quantityNames.map((name) => `\`${name}\` (${quantities[name].unit})`).join(', ')}.`,
  ].join('\n\n');
}

function modelRow({ id, title, produces }: Model): readonly string[] {
  const byChannel = Map.groupBy(produces, ({ channel }) => (channel === ANY_CHANNEL ? 'any' : channel));
  const channels = [...byChannel].map(
    ([name, slots]) => `${name}: ${slots.map((s) => s.quantity).join(', ')}`,
  );
  return [`\`${id}\``, title, channels.join('; '), `${examples.get(id)?.length ?? 0}`];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A text with the tables between their marks brought up to date. */
export function withCatalogue(text: string): string {
  const [start, end] = MARKS;
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the marks ${start} and ${end} are missing`);
  return `${text.slice(0, from)}${start}\n\n${catalogue()}\n\n${text.slice(to)}`;
}
