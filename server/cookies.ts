import { sessionLifetimeMs } from './sessions.ts';

/** Cookies are shared by all ports of a host, so the name carries the port: two Larders do not sign each other out. */
export function cookieName(port: number): string {
  return `larder_session_${port}`;
}

/** The value of cookie `name` in a `Cookie` header; undefined when absent or sent twice with different values. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  let found: string | undefined;
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at === -1 || part.slice(0, at).trim() !== name) continue;
    const value = part.slice(at + 1).trim();
    if (found !== undefined && found !== value) return undefined;
    found = value;
  }
  return found;
}

/** `Set-Cookie` that starts a session, or ends it when `secret` is empty. */
export function sessionCookie(options: { port: number; secret: string; secure: boolean }): string {
  const age = options.secret === '' ? 0 : Math.floor(sessionLifetimeMs / 1000);
  return (
    `${cookieName(options.port)}=${options.secret}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict` +
    (options.secure ? '; Secure' : '')
  );
}
