/**
 * Configuration: one YAML file, every key of which an environment variable overrides. A mistake names file, line, key,
 * what was expected and what came, and nothing starts.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { codeOf, isRecord, readYaml } from './config-file.ts';
import {
  isSecret,
  isStrict,
  keysOf,
  nearest,
  type Path,
  schemaAt,
  sectionsOf,
  twinOf,
  variableOf,
} from './config-keys.ts';
import {
  durationSchema,
  filePathSchema,
  portSchema,
  sizeSchema,
  textSchema,
  wholeNumber,
} from './config-value.ts';

/** The broker's part of the configuration. Each folder adds its own. */
export const brokerConfig = {
  data: textSchema.default('./data').describe('Folder of everything that is kept.'),
  mqtt: z
    .strictObject({
      host: textSchema.default('0.0.0.0').describe('Address to listen on; every device needs a credential.'),
      port: portSchema.default(1883).describe('Port without encryption.'),
      max_connections: wholeNumber(1, 1_000_000).default(12_000).describe('Further connections are closed.'),
      tls_port: portSchema.default(8883).describe('Port with TLS; open when a certificate is given.'),
      tls_cert_file: filePathSchema.optional().describe('Certificate chain (PEM).'),
      tls_key_file: filePathSchema.optional().describe('Its private key (PEM).'),
      tls_ca_file: filePathSchema
        .optional()
        .describe('When given, devices must show a certificate signed by it.'),
    })
    .superRefine(({ tls_cert_file: cert, tls_key_file: key, tls_ca_file: ca }, context) => {
      if (key === undefined && cert !== undefined)
        context.addIssue({
          code: 'custom',
          path: ['tls_key_file'],
          message: 'the private key of tls_cert_file',
        });
      if (cert === undefined && (key ?? ca) !== undefined)
        context.addIssue({
          code: 'custom',
          path: ['tls_cert_file'],
          message: 'a certificate, since TLS is wanted',
        });
    })
    .prefault({}),
  journal: z
    .strictObject({
      keep: durationSchema.prefault('30d').describe('Raw messages stay this long after they were stored.'),
      max_size: sizeSchema.prefault('20GB').describe('At this size nothing more is acknowledged.'),
    })
    .prefault({}),
} as const;

export const brokerConfigSchema = z.strictObject(brokerConfig);

export type Loaded<T> =
  | { readonly ok: true; readonly config: T }
  /** Every mistake found, one per line. */
  | { readonly ok: false; readonly message: string };

export interface ConfigSource {
  /** Path of the file; one that does not exist is an empty one, unless `mustExist`. */
  readonly file: string;
  readonly mustExist: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A person mends a few mistakes at a time; a file that is something else altogether has thousands. */
const MISTAKES_MAX = 20;

/**
 * Reads the file, lays the environment over it and checks the whole against the schema. What a `<key>_file` names is
 * read into `<key>` where the schema has both; other `_file` keys are only checked to be readable.
 */
export function loadConfig<S extends z.ZodObject>(schema: S, source: ConfigSource): Loaded<z.output<S>> {
  const read = readYaml(source.file, source.mustExist);
  if (!read.ok) return read;
  const { values, from } = overlay(schema, read.values, source.env);
  const where = (path: Path): string => from.get(path.join('.')) ?? `${source.file}:${read.lineOf(path)}`;
  const mistakes = isStrict(schema) ? misspeltVariables(schema, source.env) : [];
  mistakes.push(...readNamedFiles(schema, values, where));
  const parsed = schema.safeParse(values);
  if (!parsed.success)
    mistakes.push(...parsed.error.issues.flatMap((issue) => sentences(schema, values, issue, where)));
  if (parsed.success && mistakes.length === 0) return { ok: true, config: parsed.data };
  return { ok: false, message: [...new Set(mistakes)].slice(0, MISTAKES_MAX).join('\n') };
}

type Values = Record<string, unknown>;

/** A copy of the file's values with each environment variable that is set in its place, and which came from there. */
function overlay(schema: z.ZodObject, file: Readonly<Values>, env: ConfigSource['env']) {
  const values: Values = { ...file };
  const from = new Map<string, string>();
  // A section whose lines are all commented out is an empty one; a copy, because values are put into it below.
  for (const path of sectionsOf(schema)) {
    const section = valueAt(values, path);
    if (section === null) setAt(values, path, {});
    else if (isRecord(section)) setAt(values, path, { ...section });
  }
  const given = keysOf(schema).filter((path) => (env[variableOf(path)] ?? '') !== '');
  for (const path of given) {
    // A secret from the environment replaces the file's own way of giving it, and the other way round.
    if (!given.some((other) => other.join('.') === twinOf(path).join('.')))
      setAt(values, twinOf(path), undefined);
    setAt(values, path, typed(schemaAt(schema, path), env[variableOf(path)] ?? ''));
    from.set(path.join('.'), variableOf(path));
  }
  return { values, from };
}

/** Variables are texts; where the schema wants a number, one that reads as a number is meant as one. */
function typed(schema: unknown, text: string): unknown {
  return schema instanceof z.ZodNumber && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function valueAt(values: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) => (isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined),
    values,
  );
}

/** Sets or (with undefined) takes out a value; inside something that is no section it changes nothing. */
function setAt(values: Values, path: Path, value: unknown): void {
  const [key = '', ...rest] = path;
  if (rest.length === 0) {
    if (value === undefined) delete values[key];
    else values[key] = value;
    return;
  }
  const inner = values[key];
  if (inner !== undefined && !isRecord(inner)) return;
  const section: Values = { ...inner };
  setAt(section, rest, value);
  if (inner !== undefined || value !== undefined) values[key] = section;
}

/** Puts the content of `<key>_file` into `<key>` where the schema knows both, and finds files that cannot be read. */
function readNamedFiles(schema: z.ZodObject, values: Values, where: (path: Path) => string): string[] {
  const mistakes: string[] = [];
  for (const path of keysOf(schema)) {
    const file = valueAt(values, path);
    if (!(path.at(-1) ?? '').endsWith('_file') || typeof file !== 'string' || file === '') continue;
    const twin = twinOf(path);
    const held = schemaAt(schema, twin) !== undefined;
    if (held && valueAt(values, twin) !== undefined) {
      mistakes.push(`${where(path)}: ${path.join('.')}: give ${twin.at(-1)} or ${path.at(-1)}, not both`);
      continue;
    }
    try {
      const text = readFileSync(file, 'utf8').trim();
      if (text === '') mistakes.push(`${where(path)}: ${path.join('.')}: ${file} is empty`);
      else if (held) setAt(values, twin, text);
    } catch (error) {
      mistakes.push(`${where(path)}: ${path.join('.')}: ${file} cannot be read (${codeOf(error)})`);
    }
  }
  return mistakes;
}

/**
 * Variables that look like one of ours but are none. Others are left alone: Kubernetes, for one, sets
 * GREENLANE_PORT and GREENLANE_SERVICE_HOST for a service of that name.
 */
function misspeltVariables(schema: z.ZodObject, env: ConfigSource['env']): string[] {
  const known = keysOf(schema).map(variableOf);
  return Object.keys(env)
    .filter((name) => name.startsWith('GREENLANE_') && !known.includes(name) && name !== 'GREENLANE_CONFIG')
    .flatMap((name) => {
      const meant = nearest(known, name, 2);
      return meant === undefined ? [] : [`${name}: there is no such variable; did you mean ${meant}?`];
    });
}

function sentences(
  schema: z.ZodObject,
  values: Values,
  issue: z.core.$ZodIssue,
  where: (path: Path) => string,
): string[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const section = schemaAt(schema, path);
    const known = section instanceof z.ZodObject ? Object.keys(section.shape) : [];
    return issue.keys.map((key) => {
      const meant = nearest(known, key, Math.max(2, key.length / 3));
      const hint = meant === undefined ? `; there are ${known.join(', ')}` : `; did you mean ${meant}?`;
      return `${where([...path, key])}: ${[...path, key].join('.')}: there is no such key${hint}`;
    });
  }
  const section = schemaAt(schema, path);
  const expected =
    section instanceof z.ZodObject && issue.code === 'invalid_type'
      ? `a section with ${Object.keys(section.shape).join(', ')}`
      : issue.message;
  const value = valueAt(values, path);
  const name = `${where(path)}: ${path.join('.')}`;
  if (value === undefined) return [`${name}: missing; expected ${expected} (or set ${variableOf(path)})`];
  return [`${name}: expected ${expected}, not ${shown(path, value)}`];
}

/** Longest excerpt of a wrong value. */
const SHOWN_LENGTH = 80;

function shown(path: Path, value: unknown): string {
  if (value === null) return 'nothing';
  if (isSecret(path)) return 'what is there (it is not shown)';
  // What a section or list holds may be a secret put into the wrong place.
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'a section';
  return JSON.stringify(value).slice(0, SHOWN_LENGTH);
}

export { keysOf, portSchema, variableOf };
