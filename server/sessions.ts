import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** How long a sign-in code may be used. */
export const codeLifetimeMs = 60_000;
/** A session ends after this long without a request… */
export const sessionIdleMs = 12 * 60 * 60_000;
/** …and after this long in any case. */
export const sessionLifetimeMs = 7 * 24 * 60 * 60_000;
/** Signing in beyond this many ends the session that was idle longest. */
export const maxSessions = 32;

const secretBytes = 32;

export interface Session {
  /** A number for logs and maps; says nothing about the secret. */
  readonly id: number;
  readonly createdAtMs: number;
  lastUsedAtMs: number;
}

interface Held extends Session {
  readonly digest: Buffer;
}

/** Before any code is issued there is none to wait for, which is as good as used. */
export type CodeState = 'pending' | 'used' | 'expired';

interface Code {
  readonly digest: Buffer;
  readonly expiresAtMs: number;
}

function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret, 'utf8').digest();
}

function newSecret(): string {
  return randomBytes(secretBytes).toString('base64url');
}

/**
 * The one sign-in code that is out, and the sessions it led to.
 *
 * Only digests are kept, and they are compared in constant time. `now` is a monotonic clock in ms, so that setting the
 * wall clock neither ends nor prolongs anything.
 */
export class Sessions {
  readonly #now: () => number;
  readonly #ended: (session: Session) => void;
  #code: Code | undefined;
  #held: Held[] = [];
  #nextId = 1;

  constructor(options: { now: () => number; ended: (session: Session) => void }) {
    this.#now = options.now;
    this.#ended = options.ended;
  }

  /** A fresh sign-in code of 256 bits. The one before it, if unused, no longer works. */
  issueCode(): string {
    const code = newSecret();
    this.#code = { digest: digestOf(code), expiresAtMs: this.#now() + codeLifetimeMs };
    return code;
  }

  /** What became of the code issued last. */
  codeState(): CodeState {
    if (this.#code === undefined) return 'used';
    return this.#now() < this.#code.expiresAtMs ? 'pending' : 'expired';
  }

  /** Trades the code for a session and returns its secret, or undefined when the code is wrong, used or expired. */
  signIn(code: string): string | undefined {
    const held = this.#code;
    const matches = timingSafeEqual(digestOf(code), held?.digest ?? Buffer.alloc(32));
    if (held === undefined || !matches || this.#now() >= held.expiresAtMs) return undefined;
    this.#code = undefined;
    this.#expire();
    while (this.#held.length >= maxSessions) {
      const idlest = this.#held.reduce((a, b) => (b.lastUsedAtMs < a.lastUsedAtMs ? b : a));
      this.#end(idlest);
    }
    const secret = newSecret();
    const now = this.#now();
    this.#held.push({ id: this.#nextId++, createdAtMs: now, lastUsedAtMs: now, digest: digestOf(secret) });
    return secret;
  }

  /** The session of a secret, marked as used now; undefined when there is none or it has expired. */
  find(secret: string | undefined): Session | undefined {
    this.#expire();
    if (secret === undefined) return undefined;
    const digest = digestOf(secret);
    let found: Held | undefined;
    // Every session is compared, so that the time taken says nothing about which matched.
    for (const session of this.#held) if (timingSafeEqual(session.digest, digest)) found = session;
    if (found !== undefined) found.lastUsedAtMs = this.#now();
    return found;
  }

  /** Whether the session is still good, without counting as a use of it. */
  alive(session: Session): boolean {
    this.#expire();
    return this.#held.some((held) => held.id === session.id);
  }

  signOut(session: Session): void {
    const held = this.#held.find((other) => other.id === session.id);
    if (held !== undefined) this.#end(held);
  }

  #expire(): void {
    const now = this.#now();
    for (const session of [...this.#held]) {
      if (now - session.lastUsedAtMs >= sessionIdleMs || now - session.createdAtMs >= sessionLifetimeMs) {
        this.#end(session);
      }
    }
  }

  #end(session: Held): void {
    this.#held = this.#held.filter((other) => other !== session);
    this.#ended(session);
  }
}
