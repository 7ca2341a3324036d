import type { RefusalReason } from '../devices/index.ts';

/** Who a connection is, once its credential was accepted. */
export interface Identity {
  readonly username: string;
  readonly site: string;
  readonly device: string;
  /** It may publish and subscribe below this and nowhere else; ends with a slash. */
  readonly prefix: string;
}

export type Verdict =
  | { readonly ok: true; readonly identity: Identity }
  | { readonly ok: false; readonly reason: RefusalReason; readonly expected: string };

export interface ConnectAttempt {
  readonly username: string;
  readonly password: string;
  readonly clientId: string;
  readonly address: string;
}

/** Decides who may connect. The broker knows nothing of where credentials are kept. */
export interface Access {
  readonly authenticate: (attempt: ConnectAttempt) => Promise<Verdict>;
  /** Calls back with usernames whose credential was revoked or replaced: their live connections must end. */
  readonly onChange: (revoked: (usernames: readonly string[]) => void) => void;
  readonly close: () => void;
}
