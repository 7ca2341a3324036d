/**
 * What a function of this folder answers: a value with the sources it rests on, or a refusal with its reason.
 * A refusal is data: nothing here throws because of an input, and nothing is extrapolated in silence.
 */

/**
 * How well a number is known.
 * READ: read in the source named. VERIFIED: reproduces printed cells, which are shipped as tests. CALC: computed
 * here from READ numbers. CHECKED: recalled, agrees with one to three printed points. PART: from a source that
 * was only read in part. K: recalled, not verified. RULE: a convention of this project, published nowhere.
 * OWN: the figure of the co-operative that runs this installation.
 */
export const marks = ['READ', 'VERIFIED', 'CALC', 'CHECKED', 'PART', 'K', 'RULE', 'OWN'] as const;
export type Mark = (typeof marks)[number];

export interface Citation {
  readonly source: string;
  readonly page?: string | undefined;
  readonly mark: Mark;
}

export const scienceRefusals = [
  'not_a_number',
  'out_of_range',
  'below_freezing',
  'above_range',
  'no_figure',
  'unknown_product',
  'unknown_series',
  'unknown_set',
  'out_of_order',
  'inconsistent',
  'missing_input',
] as const;
export type ScienceRefusal = (typeof scienceRefusals)[number];

export interface Refused {
  readonly ok: false;
  readonly reason: ScienceRefusal;
  /** One sentence that names the field and what would be accepted. */
  readonly detail: string;
}

export interface Known<T> {
  readonly ok: true;
  readonly value: T;
  readonly citations: readonly Citation[];
  /** False as soon as one number under the value is recalled, only checked, or from a source read in part. */
  readonly verified: boolean;
}

export type Answer<T> = Known<T> | Refused;

/** False for the marks a reader must be warned about. */
export function isVerified(mark: Mark): boolean {
  return mark !== 'K' && mark !== 'CHECKED' && mark !== 'PART';
}

export function allVerified(citations: readonly Citation[]): boolean {
  return citations.every((citation) => isVerified(citation.mark));
}

export function known<T>(value: T, citations: readonly Citation[]): Known<T> {
  return { ok: true, value, citations, verified: allVerified(citations) };
}

export function refuse(reason: ScienceRefusal, detail: string): Refused {
  return { ok: false, reason, detail };
}

/** One input with the range it must be in, both ends included. */
export type Bounds = readonly [name: string, value: number, min: number, max: number];

/** The first input that is no number or outside its range, as a refusal. */
export function outside(...inputs: readonly Bounds[]): Refused | undefined {
  for (const [name, value, min, max] of inputs) {
    if (!Number.isFinite(value)) return refuse('not_a_number', `${name} must be a number, got ${value}`);
    if (value < min || value > max) {
      return refuse('out_of_range', `${name} must be between ${min} and ${max}, got ${value}`);
    }
  }
  return undefined;
}

/** Just the citation of a table row, without its numbers. */
export function cite(row: Citation): Citation {
  return row.page === undefined
    ? { source: row.source, mark: row.mark }
    : { source: row.source, page: row.page, mark: row.mark };
}
