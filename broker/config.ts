/**
 * Configuration: one YAML file, every key of which an environment variable overrides. A mistake names file, line, key,
 * what was expected and what came, and nothing starts.
 */
import { existsSync, readFileSync } from 'node:fs';
import { isMap, isScalar, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { z } from 'zod';
import { parseDuration } from '../devices/index.ts';

/** "90s", "4h", "30d": milliseconds. */
export const durationSchema = z.string().transform((text, context): number => {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  context.addIssue({ code: 'custom', message: 'a duration such as 90s, 4h or 30d' });
  return z.NEVER;
});

const sizeUnits: Readonly<Record<string, number>> = { kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12 };

/** "500MB", "20GB": bytes. */
export const sizeSchema = z.string().transform((text, context): number => {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]b)$/i.exec(text.trim());
  const unit = sizeUnits[match?.[2]?.toLowerCase() ?? ''];
  if (match !== null && unit !== undefined) return Number(match[1]) * unit;
  context.addIssue({ code: 'custom', message: 'a size such as 500MB or 20GB' });
  return z.NEVER;
});

export const portSchema = z.coerce
  .number({ error: 'a port from 0 to 65535' })
  .int({ error: 'a port from 0 to 65535' })
  .min(0, { error: 'a port from 0 to 65535' })
  .max(65_535, { error: 'a port from 0 to 65535' });

/** The broker's part of the configuration. Each folder adds its own. */
export const brokerConfig = {
  data: z.string().min(1).default('./data').describe('Folder of everything that is kept.'),
  mqtt: z
    .strictObject({
      host: z.string().default('0.0.0.0').describe('Address to listen on; every device needs a credential.'),
      port: portSchema.default(1883).describe('Port without encryption.'),
      max_connections: z.coerce
        .number()
        .int()
        .min(1)
        .default(12_000)
        .describe('Further connections are closed.'),
      tls_port: portSchema.default(8883).describe('Port with TLS; open when a certificate is given.'),
      tls_cert_file: z.string().optional().describe('Certificate chain (PEM).'),
      tls_key_file: z.string().optional().describe('Its private key (PEM).'),
      tls_ca_file: z
        .string()
        .optional()
        .describe('When given, devices must show a certificate signed by it.'),
    })
    .refine((mqtt) => (mqtt.tls_cert_file === undefined) === (mqtt.tls_key_file === undefined), {
      error: 'tls_cert_file and tls_key_file together',
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
  | { readonly ok: false; readonly message: string };

export interface ConfigSource {
  /** Path of the file; one that does not exist is an empty one, unless `mustExist`. */
  readonly file: string;
  readonly mustExist: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

type Path = readonly string[];

/** `mqtt.port` is overridden by GREENLANE_MQTT_PORT. */
export function variableOf(path: Path): string {
  return `GREENLANE_${path.join('_').toUpperCase()}`;
}

/** Reads the file, lays the environment over it and checks the whole against the schema. */
export function loadConfig<S extends z.ZodObject>(schema: S, source: ConfigSource): Loaded<z.output<S>> {
  const { file, env } = source;
  if (source.mustExist && !existsSync(file)) return failed(`${file}: there is no such file`);
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const [broken] = document.errors;
  if (broken !== undefined) {
    const at = lines.linePos(broken.pos[0]).line;
    return failed(`${file}:${at}: not valid YAML: ${broken.message.split('\n')[0]}`);
  }
  const root: unknown = document.toJS() ?? {};
  if (typeof root !== 'object' || root === null || Array.isArray(root))
    return failed(`${file}:1: expected keys and values, such as "data: ./data"`);
  const values: Record<string, unknown> = { ...root };
  const overridden = overlay(schema, values, env);
  const parsed = schema.safeParse(values);
  if (parsed.success) return { ok: true, config: parsed.data };
  const [issue] = parsed.error.issues;
  if (issue === undefined) return failed(`${file}: cannot be read`);
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const key = [...path, issue.keys[0] ?? ''];
    const nearest = nearestKey(schema, path, issue.keys[0] ?? '');
    const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
    return failed(
      `${file}:${lineOf(document.contents, key, lines)}: ${key.join('.')}: there is no such key${hint}`,
    );
  }
  const variable = overridden.get(path.join('.'));
  const where = variable ?? `${file}:${lineOf(document.contents, path, lines)}`;
  return failed(
    `${where}: ${path.join('.')}: expected ${expectation(issue)}, not ${shown(valueAt(values, path))}`,
  );
}

function failed(message: string): { readonly ok: false; readonly message: string } {
  return { ok: false, message };
}

/** Puts each environment variable that is set into its place. @returns which keys came from where */
function overlay(
  schema: z.ZodObject,
  values: Record<string, unknown>,
  env: ConfigSource['env'],
): Map<string, string> {
  const taken = new Map<string, string>();
  for (const path of keysOf(schema)) {
    const variable = variableOf(path);
    const given = env[variable];
    if (given === undefined || given === '') continue;
    let into = values;
    for (const key of path.slice(0, -1)) {
      const inner = into[key];
      const next: Record<string, unknown> = typeof inner === 'object' && inner !== null ? { ...inner } : {};
      into[key] = next;
      into = next;
    }
    into[path.at(-1) ?? ''] = given;
    taken.set(path.join('.'), variable);
  }
  return taken;
}

function unwrapped(type: unknown): unknown {
  let inner = type;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodOptional || inner instanceof z.ZodPrefault)
    inner = inner.def.innerType;
  return inner;
}

/** Every key of the schema that holds a value, as a path. */
export function keysOf(schema: z.ZodObject): Path[] {
  return Object.entries(schema.shape).flatMap(([key, type]) => {
    const inner = unwrapped(type);
    return inner instanceof z.ZodObject ? keysOf(inner).map((path) => [key, ...path]) : [[key]];
  });
}

function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type')
    return issue.message.startsWith('Invalid') ? `a ${issue.expected}` : issue.message;
  return issue.message;
}

function valueAt(values: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).find(([name]) => name === key)?.[1]
        : undefined,
    values,
  );
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : (JSON.stringify(value) ?? 'nothing').slice(0, 80);
}

function lineOf(contents: unknown, path: Path, lines: LineCounter): number {
  let node: unknown = contents;
  let offset = 0;
  for (const key of path) {
    if (!isMap(node)) break;
    const pair = (node as YAMLMap<Node, Node | null>).items.find(
      ({ key: name }) => isScalar(name) && name.value === key,
    );
    if (pair === undefined) break;
    offset = pair.key.range?.[0] ?? offset;
    node = pair.value;
  }
  return lines.linePos(offset).line;
}

/** The known key that differs least, when it differs by little. */
function nearestKey(schema: z.ZodObject, path: Path, given: string): string | undefined {
  const inner = path.reduce<unknown>(
    (type, key) => (type instanceof z.ZodObject ? unwrapped(type.shape[key]) : undefined),
    schema,
  );
  if (!(inner instanceof z.ZodObject)) return undefined;
  const ranked = Object.keys(inner.shape)
    .map((key) => ({ key, far: distance(key, given) }))
    .sort((a, b) => a.far - b.far);
  const [best] = ranked;
  return best !== undefined && best.far <= Math.max(2, given.length / 3) ? best.key : undefined;
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
