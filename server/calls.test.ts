import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { maxCallLength } from '../shared/contract/frames.ts';
import { maxCallBytes, maxCallsInFlight } from './calls.ts';
import { startHarness } from './testing/harness.ts';
import type { Harness } from './testing/harness.ts';
import { ask, open } from './testing/http.ts';

let h: Harness;
let cookie: string;
beforeEach(async () => {
  h = await startHarness();
  cookie = await h.signIn();
});
afterEach(() => h.close());

const send = (path: string, body: string | Buffer): ReturnType<typeof ask> =>
  ask(h.server.port, { method: 'POST', path, headers: h.postHeaders({ cookie }), body });
const frame = (more: object = {}): string => JSON.stringify({ t: 'call', id: '1', name: 'echo', input: {}, ...more });

describe('a call', () => {
  it('is answered under its own id, whatever the engine was asked with', async () => {
    const first = await h.call(cookie, { id: 'c1', name: 'echo', input: { a: 'é\udc80' } });
    expect(first.status).toBe(200);
    expect(first.headers['cache-control']).toBe('no-store');
    expect(first.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(JSON.parse(first.text)).toEqual({ t: 'result', id: 'c1', output: { a: 'é\udc80' } });
    await h.call(cookie, { id: 'c1', name: 'echo' });
    const ids = h.engine.calls.map((call) => call.id);
    expect(new Set(ids).size).toBe(2);
  });

  it('keeps two tabs of one session apart that chose the same id', async () => {
    const one = h.call(cookie, { id: 'c1', name: 'hang' }, { 'x-larder-tab': 'one' });
    const two = h.call(cookie, { id: 'c1', name: 'hang' }, { 'x-larder-tab': 'two' });
    await h.engine.until(() => h.engine.calls.length === 2);
    const clash = await h.call(cookie, { id: 'c1', name: 'hang' }, { 'x-larder-tab': 'one' });
    expect(clash.status).toBe(400);
    await h.post('/api/cancel', { id: 'c1' }, { cookie, 'x-larder-tab': 'two' });
    expect(JSON.parse((await two).text)).toMatchObject({ t: 'error', id: 'c1', error: { code: 'CANCELLED' } });
    expect(h.engine.cancelled).toHaveLength(1);
    await h.post('/api/cancel', { id: 'c1' }, { cookie, 'x-larder-tab': 'one' });
    await one;
  });

  it('cannot be cancelled from another session, and an unknown id is ignored', async () => {
    const pending = h.call(cookie, { id: 'c1', name: 'hang' });
    await h.engine.until(() => h.engine.calls.length === 1);
    const other = await h.signIn();
    expect((await h.post('/api/cancel', { id: 'c1' }, { cookie: other })).status).toBe(200);
    expect((await h.post('/api/cancel', { id: 'nope' }, { cookie })).status).toBe(200);
    expect(h.engine.cancelled).toEqual([]);
    await h.post('/api/cancel', { id: 'c1' }, { cookie });
    await pending;
  });

  it('is cancelled when its caller goes away', async () => {
    const controller = new AbortController();
    const pending = fetch(`${h.server.url}/api/call/hang`, {
      method: 'POST',
      headers: h.postHeaders({ cookie }),
      body: frame({ name: 'hang' }),
      signal: controller.signal,
    });
    await h.engine.until(() => h.engine.calls.length === 1);
    controller.abort();
    await expect(pending).rejects.toThrow();
    await h.engine.until(() => h.engine.cancelled.length === 1);
    expect(h.engine.cancelled).toEqual([h.engine.calls[0]!.id]);
  });

  it('says so when there is no engine, and works again when there is', async () => {
    h.engine.die('it stopped');
    const answer = await h.call(cookie, { id: 'c9', name: 'echo' });
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.text)).toMatchObject({
      t: 'error',
      id: 'c9',
      error: { code: 'INTERNAL', retryable: true },
    });
    expect((await h.events(cookie)).statusCode).toBe(503);
    h.engine.revive('two');
    expect((await h.call(cookie, { id: 'c9', name: 'echo' })).status).toBe(200);
  });
});

describe('a frame that is refused', () => {
  it.each([
    ['not JSON', '{'],
    ['another kind', JSON.stringify({ t: 'cancel', id: '1' })],
    ['an unknown key', frame({ extra: 1 })],
    ['an id that is no text', frame({ id: 7 })],
    ['a procedure other than the address', frame({ name: 'other' })],
    ['an array', '[]'],
  ])('%s is malformed', async (_what, body) => {
    const answer = await send('/api/call/echo', body);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toMatchObject({ t: 'error', error: { code: 'INVALID_INPUT' } });
    expect(h.engine.calls).toEqual([]);
  });

  it('bytes that are not UTF-8 are malformed', async () => {
    expect((await send('/api/call/echo', Buffer.from([0x22, 0xff, 0x22]))).status).toBe(400);
  });

  it('one that is too long is too big, also when its length is not announced', async () => {
    const long = await send('/api/call/echo', frame({ input: 'x'.repeat(maxCallLength) }));
    expect(long.status).toBe(413);
    const announced = await ask(h.server.port, {
      method: 'POST',
      path: '/api/call/echo',
      headers: h.postHeaders({ cookie, 'content-length': String(maxCallBytes + 1) }),
    }).catch((error: unknown) => error);
    expect(announced).toMatchObject({ status: 413 });
    const chunked = await open(h.server.port, {
      method: 'POST',
      path: '/api/call/echo',
      headers: h.postHeaders({ cookie, 'transfer-encoding': 'chunked' }),
      body: Buffer.alloc(maxCallBytes + 1, 0x20),
    });
    expect(chunked.statusCode).toBe(413);
    chunked.destroy();
    expect(h.engine.calls).toEqual([]);
    expect(h.defects).toEqual([]);
  });
});

describe('a defect', () => {
  it('is told to whoever runs the server and not to the browser', async () => {
    h.engine.cancel = () => {
      throw new Error('inner words');
    };
    const pending = h.call(cookie, { id: 'c1', name: 'hang' });
    await h.engine.until(() => h.engine.calls.length === 1);
    const answer = await h.post('/api/cancel', { id: 'c1' }, { cookie });
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('inner words');
    expect(h.defects).toMatchObject([{ message: 'inner words' }]);
    h.engine.answer(h.engine.calls[0]!.id);
    await pending;
  });
});

describe('limits', () => {
  it('allows a session so many calls at once', async () => {
    const pending = Array.from({ length: maxCallsInFlight }, (_, index) =>
      h.call(cookie, { id: `c${index}`, name: 'hang' }),
    );
    await h.engine.until(() => h.engine.calls.length === maxCallsInFlight);
    const answer = await h.call(cookie, { id: 'one-more', name: 'echo' });
    expect(answer.status).toBe(429);
    expect(answer.headers['retry-after']).toBe('1');
    for (const call of h.engine.calls) h.engine.cancel(call.id);
    await Promise.all(pending);
    expect((await h.call(cookie, { id: 'one-more', name: 'echo' })).status).toBe(200);
  });

  it('allows a session so many calls a second', async () => {
    const statuses: number[] = [];
    for (let index = 0; index < 401; index++)
      statuses.push((await h.call(cookie, { id: `c${index}`, name: 'echo' })).status);
    expect(statuses.indexOf(429)).toBe(400);
    h.advance(1_000);
    expect((await h.call(cookie, { id: 'later', name: 'echo' })).status).toBe(200);
  });

  it('allows an address so many requests a second, also to those who are not signed in', async () => {
    let refused = 0;
    for (let index = 0; index < 1_001; index++) if ((await h.get('/api/session')).status === 429) refused += 1;
    expect(refused).toBeGreaterThan(0);
    h.advance(1_000);
    expect((await h.get('/api/session')).status).toBe(200);
  });

  it('takes so many connections and drops those beyond', async () => {
    const sockets = Array.from({ length: 512 }, () => connect(h.server.port, '127.0.0.1'));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    await expect(h.get('/')).rejects.toThrow();
    for (const socket of sockets) socket.destroy();
  });

  it('refuses heads that are too long', async () => {
    expect((await h.get('/', { 'x-long': 'x'.repeat(20_000) })).status).toBe(431);
  });
});
