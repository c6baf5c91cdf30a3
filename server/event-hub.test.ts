import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventHub, maxStreamsPerSession } from './event-hub.ts';
import { FakeEngine } from './testing/fake-engine.ts';
import { startHarness } from './testing/harness.ts';
import type { Harness } from './testing/harness.ts';
import { EventReader } from './testing/http.ts';

describe('over HTTP', () => {
  let h: Harness;
  let cookie: string;
  beforeEach(async () => {
    h = await startHarness();
    cookie = await h.signIn();
  });
  afterEach(() => h.close());

  it('begins with hello and then sends events in order, each with its id', async () => {
    const response = await h.events(cookie);
    expect(response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(response.headers['cache-control']).toBe('no-store');
    const reader = new EventReader(response);
    expect(await reader.next()).toEqual({ id: 'one-0', data: { t: 'hello', epoch: 'one', seq: 0 } });
    h.engine.emit({ text: 'a\nb\r\n\u2028' });
    h.engine.emit(2);
    expect(await reader.next()).toEqual({
      id: 'one-1',
      data: { t: 'event', seq: 1, name: 'jobs.changed', data: { text: 'a\nb\r\n\u2028' } },
    });
    expect((await reader.next())?.id).toBe('one-2');
  });

  it('replays what was missed, and says from where', async () => {
    for (let seq = 1; seq <= 5; seq++) h.engine.emit(seq);
    const reader = new EventReader(await h.events(cookie, { 'last-event-id': 'one-3' }));
    expect((await reader.next())?.data).toEqual({ t: 'hello', epoch: 'one', seq: 3 });
    expect((await reader.next())?.id).toBe('one-4');
    expect((await reader.next())?.id).toBe('one-5');
  });

  it('tells a lost engine and ends; a new engine is another epoch', async () => {
    const reader = new EventReader(await h.events(cookie));
    await reader.next();
    h.engine.die('out of memory');
    expect((await reader.next())?.data).toEqual({ t: 'disconnected', reason: 'out of memory' });
    expect(await reader.next()).toBeUndefined();
    h.engine.revive('two');
    const again = new EventReader(await h.events(cookie, { 'last-event-id': 'one-0' }));
    expect((await again.next())?.data).toEqual({ t: 'hello', epoch: 'two', seq: 0 });
  });

  it('gives a session only so many streams', async () => {
    const streams = [];
    for (let index = 0; index < maxStreamsPerSession; index++) streams.push(await h.events(cookie));
    expect((await h.events(cookie)).statusCode).toBe(429);
    expect((await h.events(await h.signIn())).statusCode).toBe(200);
    for (const stream of streams) stream.destroy();
  });

  it('ends all streams when the server closes', async () => {
    const reader = new EventReader(await h.events(cookie));
    await reader.next();
    await h.server.close();
    expect(await reader.next().catch(() => undefined)).toBeUndefined();
  });
});

describe('EventHub', () => {
  const session = { id: 1, createdAtMs: 0, lastUsedAtMs: 0 };
  const makeSink = (
    behind = 0,
  ): { text: string; ended: boolean; write(t: string): void; behindBytes(): number; end(): void } => ({
    text: '',
    ended: false,
    write(chunk) {
      this.text += chunk;
    },
    behindBytes: () => behind,
    end() {
      this.ended = true;
    },
  });
  const ids = (text: string): string[] => [...text.matchAll(/^id: (.*)$/gm)].map((match) => match[1]!);

  it.each(['two-3', 'one-99', 'one-x', 'one-', '3', '', 'one--1'])('does not resume from %j', (lastEventId) => {
    const engine = new FakeEngine();
    const hub = new EventHub({ engine, alive: () => true });
    for (let seq = 1; seq <= 5; seq++) engine.emit(seq);
    const sink = makeSink();
    hub.open(session, lastEventId, sink);
    expect(ids(sink.text)).toEqual(['one-5']);
  });

  it('keeps the last 1,000 events and no more', () => {
    const engine = new FakeEngine();
    const hub = new EventHub({ engine, alive: () => true });
    for (let seq = 1; seq <= 1_500; seq++) engine.emit(seq);
    const within = makeSink();
    hub.open(session, 'one-500', within);
    expect(ids(within.text)).toHaveLength(1_001);
    const before = makeSink();
    hub.open(session, 'one-499', before);
    expect(ids(before.text)).toEqual(['one-1500']);
  });

  it('keeps no more than 16 MiB of text', () => {
    const engine = new FakeEngine();
    const hub = new EventHub({ engine, alive: () => true });
    for (let seq = 1; seq <= 20; seq++) engine.emit('x'.repeat(1024 * 1024));
    const sink = makeSink();
    hub.open(session, 'one-1', sink);
    expect(ids(sink.text)).toEqual(['one-20']);
  });

  it('drops a reader that does not keep up', () => {
    const engine = new FakeEngine();
    const hub = new EventHub({ engine, alive: () => true });
    const slow = makeSink(9 * 1024 * 1024);
    const good = makeSink();
    hub.open(session, undefined, slow);
    hub.open(session, undefined, good);
    engine.emit(1);
    expect(slow.ended).toBe(true);
    expect(ids(good.text)).toEqual(['one-0', 'one-1']);
  });

  it('greets a stream that was open before the engine was there', () => {
    const engine = new FakeEngine();
    engine.die('starting');
    const hub = new EventHub({ engine, alive: () => true });
    expect(hub.refuse(session)?.status).toBe(503);
    engine.revive('two');
    expect(hub.refuse(session)).toBeUndefined();
    hub.close();
  });

  it('writes nothing to a closed stream', () => {
    const engine = new FakeEngine();
    const hub = new EventHub({ engine, alive: () => true });
    const sink = makeSink();
    const close = hub.open(session, undefined, sink);
    close();
    engine.emit(1);
    hub.ping();
    expect(ids(sink.text)).toEqual(['one-0']);
  });
});
