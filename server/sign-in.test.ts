import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cookieName, readCookie } from './cookies.ts';
import { Sessions, codeLifetimeMs, maxSessions, sessionIdleMs, sessionLifetimeMs } from './sessions.ts';
import type { Session } from './sessions.ts';
import { codeOf, startHarness } from './testing/harness.ts';
import type { Harness } from './testing/harness.ts';
import { EventReader } from './testing/http.ts';

describe('over HTTP', () => {
  let h: Harness;
  beforeEach(async () => {
    h = await startHarness();
  });
  afterEach(() => h.close());

  const signInWith = (code: string): ReturnType<Harness['post']> => h.post('/api/sign-in', { code });

  it('puts a code of at least 256 bits into the fragment, which no request carries', () => {
    const url = new URL(h.server.signInUrl());
    expect(url.pathname + url.search).toBe('/');
    expect(Buffer.from(codeOf(url.href), 'base64url').length).toBe(32);
  });

  it('trades the code for a cookie that scripts cannot read and other sites cannot send', async () => {
    const answer = await signInWith(codeOf(h.server.signInUrl()));
    expect(answer.status).toBe(200);
    const cookie = answer.headers['set-cookie']?.[0] ?? '';
    expect(cookie.startsWith(`larder_session_${h.server.port}=`)).toBe(true);
    expect(cookie).toContain('; HttpOnly');
    expect(cookie).toContain('; SameSite=Strict');
    expect(answer.text).not.toContain(cookie.split(';')[0]!.split('=')[1]!);
    const pair = cookie.split(';')[0]!;
    expect(JSON.parse((await h.get('/api/session', { cookie: pair })).text)).toEqual({ signedIn: true });
    expect(JSON.parse((await h.get('/api/session')).text)).toEqual({ signedIn: false });
  });

  it('takes a code once only', async () => {
    const code = codeOf(h.server.signInUrl());
    expect((await signInWith(code)).status).toBe(200);
    const again = await signInWith(code);
    expect(again.status).toBe(401);
    expect(again.headers['set-cookie']).toBeUndefined();
  });

  it('takes a code for 60 seconds', async () => {
    const code = codeOf(h.server.signInUrl());
    expect(h.server.signInState()).toBe('pending');
    h.advance(codeLifetimeMs);
    expect(h.server.signInState()).toBe('expired');
    expect((await signInWith(code)).status).toBe(401);
    const fresh = codeOf(h.server.signInUrl());
    h.advance(codeLifetimeMs - 1);
    expect((await signInWith(fresh)).status).toBe(200);
    expect(h.server.signInState()).toBe('used');
  });

  it('drops the code before when a new one is issued', async () => {
    const first = codeOf(h.server.signInUrl());
    const second = codeOf(h.server.signInUrl());
    expect((await signInWith(first)).status).toBe(401);
    expect((await signInWith(second)).status).toBe(200);
  });

  it('slows attempts down, right ones too, and forgives with time', async () => {
    const code = codeOf(h.server.signInUrl());
    for (let attempt = 0; attempt < 5; attempt++) expect((await signInWith('wrong')).status).toBe(401);
    const slowed = await signInWith(code);
    expect(slowed.status).toBe(429);
    expect(slowed.headers['retry-after']).toBe('2');
    h.advance(2_000);
    expect((await signInWith(code)).status).toBe(200);
  });

  it('refuses unknown fields, wrong types and long bodies', async () => {
    expect((await h.post('/api/sign-in', { code: 'x', more: 1 })).status).toBe(400);
    expect((await h.post('/api/sign-in', { code: 5 })).status).toBe(400);
    expect((await h.post('/api/sign-in', { code: 'x'.repeat(10_000) })).status).toBe(413);
  });

  it.each(['/api/call/echo', '/api/cancel', '/api/sign-out'])('needs a session for %s', async (path) => {
    for (const cookie of ['', `${cookieName(h.server.port)}=guess`, 'larder_session_1=x']) {
      const answer = await h.post(path, { t: 'call', id: '1', name: 'echo', input: {} }, { cookie });
      expect(answer.status).toBe(401);
    }
    expect(h.engine.calls).toEqual([]);
    expect((await h.get('/api/events')).status).toBe(401);
  });

  it('ends a session, its cookie and its event streams on signing out', async () => {
    const cookie = await h.signIn();
    const reader = new EventReader(await h.events(cookie));
    expect((await reader.next())?.data.t).toBe('hello');
    const answer = await h.post('/api/sign-out', {}, { cookie });
    expect(answer.status).toBe(200);
    expect(answer.headers['set-cookie']?.[0]).toContain('Max-Age=0');
    expect(await reader.next()).toBeUndefined();
    expect((await h.call(cookie, { id: '1', name: 'echo' })).status).toBe(401);
  });

  it('ends idle sessions and what they listen to', async () => {
    const cookie = await h.signIn();
    const reader = new EventReader(await h.events(cookie));
    await reader.next();
    h.advance(sessionIdleMs);
    expect(await reader.next()).toBeUndefined();
    expect((await h.call(cookie, { id: '1', name: 'echo' })).status).toBe(401);
  });
});

describe('Sessions', () => {
  function make(): { sessions: Sessions; ended: number[]; advance: (ms: number) => void } {
    let nowMs = 0;
    const ended: number[] = [];
    const sessions = new Sessions({ now: () => nowMs, ended: (session: Session) => void ended.push(session.id) });
    return { sessions, ended, advance: (ms) => void (nowMs += ms) };
  }

  it('prolongs a session with use, but not beyond its life', () => {
    const { sessions, advance } = make();
    const secret = sessions.signIn(sessions.issueCode());
    let passed = 0;
    while (passed + sessionIdleMs - 1 < sessionLifetimeMs) {
      advance(sessionIdleMs - 1);
      passed += sessionIdleMs - 1;
      expect(sessions.find(secret)).toBeDefined();
    }
    advance(sessionLifetimeMs - passed);
    expect(sessions.find(secret)).toBeUndefined();
  });

  it('does not count being looked at as use', () => {
    const { sessions, advance } = make();
    const session = sessions.find(sessions.signIn(sessions.issueCode()))!;
    advance(sessionIdleMs - 1);
    expect(sessions.alive(session)).toBe(true);
    advance(1);
    expect(sessions.alive(session)).toBe(false);
  });

  it('ends the session that was idle longest when there are too many', () => {
    const { sessions, ended, advance } = make();
    const secrets: (string | undefined)[] = [];
    for (let index = 0; index < maxSessions; index++) {
      secrets.push(sessions.signIn(sessions.issueCode()));
      advance(1);
    }
    sessions.find(secrets[0]);
    sessions.signIn(sessions.issueCode());
    expect(ended).toEqual([2]);
    expect(sessions.find(secrets[0])).toBeDefined();
    expect(sessions.find(secrets[1])).toBeUndefined();
  });

  it('never lets anyone in without a code having been issued', () => {
    const { sessions } = make();
    expect(sessions.signIn('')).toBeUndefined();
    expect(sessions.find('')).toBeUndefined();
  });
});

describe('readCookie', () => {
  it('finds a cookie among others and refuses two that differ', () => {
    expect(readCookie('a=1; larder_session_80=x=y; b=2', 'larder_session_80')).toBe('x=y');
    expect(readCookie('larder_session_8=x', 'larder_session_80')).toBeUndefined();
    expect(readCookie('s=1; s=2', 's')).toBeUndefined();
    expect(readCookie(undefined, 's')).toBeUndefined();
  });
});
