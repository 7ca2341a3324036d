/** Kinds of configuration values. The message of each completes the sentence "expected ...". */
import { z } from 'zod';
import { parseDuration } from '../devices/index.ts';

const aDuration = 'a duration such as 90s, 4h or 30d';

/** "90s", "4h", "30d": milliseconds. */
export const durationSchema = z.string({ error: aDuration }).transform((text, context): number => {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  context.addIssue({ code: 'custom', message: aDuration });
  return z.NEVER;
});

const sizeUnits: Readonly<Record<string, number>> = { kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12 };
const aSize = 'a size such as 500MB or 20GB';

/** "500MB", "20GB": bytes. */
export const sizeSchema = z.string({ error: aSize }).transform((text, context): number => {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]b)$/i.exec(text.trim());
  const unit = sizeUnits[match?.[2]?.toLowerCase() ?? ''];
  if (match !== null && unit !== undefined) return Number(match[1]) * unit;
  context.addIssue({ code: 'custom', message: aSize });
  return z.NEVER;
});

/** A whole number in a range, both ends included. */
export function wholeNumber(min: number, max: number, what = 'a whole number') {
  const error = `${what} from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

/** 0 lets the system choose a free one. */
export const portSchema = wholeNumber(0, 65_535, 'a port');

/** A text of at least one character. YAML reads some texts as numbers or dates, hence the hint. */
export const textSchema = z.string({ error: 'a text (in quotes when it looks like a number)' }).min(1, {
  error: 'a text, not an empty one',
});

/** The path of a file that is there and can be read, seen from the working directory. */
export const filePathSchema = z
  .string({ error: 'the path of a file' })
  .min(1, { error: 'the path of a file' });

const aUrl = 'an address such as http://localhost:8086';

export const httpUrlSchema = z
  .string({ error: aUrl })
  .refine((text) => URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol), {
    error: aUrl,
  });
