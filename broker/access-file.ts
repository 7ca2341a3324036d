/**
 * Who may connect, read from `access.json` in the data directory. The registry writes it (from its database, whole,
 * by rename); the broker only reads it, so it runs without knowing the registry.
 */
import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { type Clock, type Duration, isId, SECOND, TOPIC_ROOT } from '../devices/index.ts';
import type { Access, ConnectAttempt, Identity, Verdict } from './access.ts';
import { attempts } from './attempts.ts';

/** Name of the file inside the data directory. */
export const ACCESS_FILE = 'access.json';

/**
 * scrypt with N=2^10, r=8, p=1, 32 bytes. The password is 192 random bits, which nobody guesses, so this is only a
 * second fence around a stolen file, and it must stay cheap when a whole village reconnects after a power cut.
 */
export const KDF = 'scrypt-10-8-1';
const KDF_BYTES = 32;

/** A village has hundreds of devices, a region 20,000; beyond this the file is not ours. */
const MAX_CREDENTIALS = 200_000;

const id = z.string().refine(isId);
const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`));
const entrySchema = z.strictObject({
  username: id,
  site: id,
  device: id,
  kdf: z.literal(KDF),
  salt: hex(16),
  hash: hex(KDF_BYTES),
});
/** A list, not an object by user name: `__proto__` is a legal id. */
const fileSchema = z.strictObject({
  version: z.literal(1),
  credentials: z.array(entrySchema).max(MAX_CREDENTIALS),
});

/** One credential as the file holds it; salt and hash in lower-case hex. */
export type AccessEntry = z.infer<typeof entrySchema>;

export type AccessEntries =
  | { readonly ok: true; readonly entries: readonly AccessEntry[] }
  | { readonly ok: false; readonly problem: string };

/** The text of the file. */
export function formatAccess(entries: readonly AccessEntry[]): string {
  const lines = entries.map((entry) => `  ${JSON.stringify(entry)}`);
  return `{"version":1,"credentials":[\n${lines.join(',\n')}\n]}\n`;
}

/** Takes the file's text apart, or says what is wrong with it: it counts as a whole or not at all. */
export function parseAccess(text: string): AccessEntries {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return { ok: false, problem: text.trim() === '' ? 'it is empty' : 'it is damaged (not JSON)' };
  }
  const parsed = fileSchema.safeParse(data);
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path.join('.') ?? '';
    return { ok: false, problem: `it is damaged (at ${path === '' ? 'its root' : path})` };
  }
  const names = new Set(parsed.data.credentials.map((entry) => entry.username));
  if (names.size !== parsed.data.credentials.length)
    return { ok: false, problem: 'it is damaged (a user name twice)' };
  return { ok: true, entries: parsed.data.credentials };
}

/** @returns the key of `password` under KDF, 32 bytes */
export function deriveKey(password: string, salt: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, KDF_BYTES, { N: 1024, r: 8, p: 1 }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}

export interface FileAccess extends Access {
  /** Looks at the file now instead of at the next poll. */
  readonly refresh: () => void;
  readonly health: () => { readonly ok: boolean; readonly problem?: string; readonly credentials: number };
}

export interface FileAccessOptions {
  /** How soon a change of the file takes effect; a look costs one stat call. */
  readonly pollMs?: Duration;
  readonly clock: Clock;
}

const POLL: Duration = SECOND;

/**
 * Watches the access file. While it is missing, empty or damaged nobody is let in and `health` says why; connections
 * that are open stay open, because damage is no revocation.
 */
export function openAccess(path: string, options: FileAccessOptions): FileAccess {
  const verified = verifiedPasswords();
  const tries = attempts(options.clock);
  const listeners: ((usernames: readonly string[]) => void)[] = [];
  const watched = watchEntries(path, (changed) => {
    for (const name of changed) verified.delete(name);
    if (changed.length > 0) for (const tell of listeners) tell(changed);
  });

  const verify = async (attempt: ConnectAttempt, entry: AccessEntry | undefined): Promise<Verdict> => {
    const { username, password, address } = attempt;
    tries.begin(username);
    if (!(await passwordFits(entry, password)) || entry === undefined) {
      tries.failed(username, address);
      return entry === undefined
        ? refuse('unknown_device', 'a device of the registry (npm run -s device -- list)')
        : refuse('bad_credentials', `the password of ${username} (npm run -s device -- rotate ${username})`);
    }
    tries.succeeded(username);
    // The file may have changed while the key was being derived.
    if (!sameCredential(entry, watched.find(username)))
      return refuse('bad_credentials', `the present password of ${username}`);
    verified.remember(username, password);
    return accept(entry);
  };

  const authenticate = async (attempt: ConnectAttempt): Promise<Verdict> => {
    const { username, password, clientId, address } = attempt;
    const problem = watched.problem();
    if (problem !== undefined) return refuse('unknown_device', `an access list, but ${path}: ${problem}`);
    if (username === '') return refuse('bad_credentials', 'a user name and a password');
    const entry = watched.find(username);
    if (entry !== undefined && clientId !== username)
      return refuse('client_id_mismatch', `the user name, ${username}, as client id`);
    // Asked before the limit, so that guessing at a device's name cannot keep the device itself out.
    if (entry !== undefined && verified.matches(username, password)) return accept(entry);
    const waitMs = tries.tooEarly(username, address, entry !== undefined);
    if (waitMs > 0)
      return refuse(
        'too_many_attempts',
        `the next attempt ${Math.ceil(waitMs / SECOND)} s later, after failures`,
      );
    return verify(attempt, entry);
  };

  watched.look();
  const timer = setInterval(watched.look, options.pollMs ?? POLL);
  timer.unref();
  return {
    authenticate,
    onChange: (listener) => {
      listeners.push(listener);
    },
    refresh: watched.look,
    health: () => {
      const problem = watched.problem();
      const credentials = watched.size();
      return problem === undefined ? { ok: true, credentials } : { ok: false, problem, credentials };
    },
    close: () => clearInterval(timer),
  };
}

function refuse(reason: Extract<Verdict, { ok: false }>['reason'], expected: string): Verdict {
  return { ok: false, reason, expected };
}

function accept(entry: AccessEntry): Verdict {
  const { username, site, device } = entry;
  const identity: Identity = { username, site, device, prefix: `${TOPIC_ROOT}/${site}/${device}/` };
  return { ok: true, identity };
}

const NOBODY_SALT = Buffer.alloc(16);

/** Takes as long for a name nobody has, so that the time of the answer does not tell which names exist. */
async function passwordFits(entry: AccessEntry | undefined, password: string): Promise<boolean> {
  const salt = entry === undefined ? NOBODY_SALT : Buffer.from(entry.salt, 'hex');
  const key = await deriveKey(password, salt);
  return entry !== undefined && timingSafeEqual(key, Buffer.from(entry.hash, 'hex'));
}

/** Passwords that were right before, kept only as a keyed digest whose key dies with the process. */
function verifiedPasswords() {
  const processKey = randomBytes(32);
  // One entry per credential of the file at most: a name gets here only after its password was right.
  const digests = new Map<string, Buffer>();
  const digest = (password: string) => createHmac('sha256', processKey).update(password).digest();
  return {
    matches: (username: string, password: string): boolean => {
      const known = digests.get(username);
      return known !== undefined && timingSafeEqual(known, digest(password));
    },
    remember: (username: string, password: string) => digests.set(username, digest(password)),
    delete: (username: string) => digests.delete(username),
  };
}

/** Re-reads the file when it was replaced; tells which user names lost or changed their credential. */
function watchEntries(path: string, changed: (usernames: readonly string[]) => void) {
  let entries: ReadonlyMap<string, AccessEntry> = new Map();
  let problem: string | undefined = 'it was not read yet';
  let stamp: string | undefined;

  const look = (): void => {
    const found = readIfChanged(path, stamp);
    if (found === undefined) return;
    stamp = found.stamp;
    problem = found.list.ok ? undefined : found.list.problem;
    if (!found.list.ok) return;
    const next = new Map(found.list.entries.map((entry) => [entry.username, entry]));
    const lost = [...entries.values()].filter((entry) => !sameCredential(entry, next.get(entry.username)));
    entries = next;
    changed(lost.map((entry) => entry.username));
  };
  return {
    look,
    problem: () => problem,
    size: () => entries.size,
    find: (username: string) => entries.get(username),
  };
}

function sameCredential(a: AccessEntry, b: AccessEntry | undefined): boolean {
  return (
    b !== undefined && a.hash === b.hash && a.salt === b.salt && a.site === b.site && a.device === b.device
  );
}

/** The stamp holds the inode too: a rename within the clock's resolution may keep time and size. */
function readIfChanged(path: string, before: string | undefined) {
  try {
    const { ino, size, mtimeNs } = statSync(path, { bigint: true });
    const stamp = `${ino} ${size} ${mtimeNs}`;
    return stamp === before ? undefined : { stamp, list: parseAccess(readFileSync(path, 'utf8')) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    // Not remembered as seen: the permission may be given without the file changing.
    return {
      stamp: code,
      list: {
        ok: false,
        problem: code === 'ENOENT' ? 'it is missing' : `it cannot be read (${code})`,
      } as const,
    };
  }
}
