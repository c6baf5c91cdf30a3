import { describe, expect, it } from 'vitest';
import type { Subscriber, Transport } from '../shared/client/index.ts';
import { maxCallLength } from '../shared/contract/frames.ts';
import type { CallFrame, ReplyFrame } from '../shared/contract/frames.ts';
import { createEngineLink } from './engine-link.ts';

interface Waiting {
  frame: CallFrame;
  answer(output: unknown): void;
}

function setUp() {
  const waiting: Waiting[] = [];
  const cancelled: string[] = [];
  const sent: string[] = [];
  const subscribers = new Set<Subscriber>();
  let now = 0;
  const transport: Transport = {
    request: (frame) =>
      new Promise<ReplyFrame>((resolve) => {
        waiting.push({ frame, answer: (output) => resolve({ t: 'result', id: frame.id, output }) });
      }),
    cancel: (id) => void cancelled.push(id),
    subscribe(subscriber) {
      subscribers.add(subscriber);
      subscriber.hello({ t: 'hello', epoch: 'e', seq: 0 });
      return () => subscribers.delete(subscriber);
    },
    close() {},
  };
  const link = createEngineLink(
    transport,
    (frame) => void sent.push(frame),
    () => now,
  );
  return { link, waiting, cancelled, sent, subscribers, advance: (ms: number) => (now += ms) };
}

const call = (id: string, input: unknown = {}): string => JSON.stringify({ t: 'call', id, name: 'stores.list', input });
const errorOf = (reply: string) => JSON.parse(reply) as { t: string; id?: string; error: { code: string } };

describe('a window’s link to the engine', () => {
  it('answers under the page’s own id', async () => {
    const { link, waiting } = setUp();
    const reply = link.request(call('c1'));
    waiting[0]!.answer(['x']);
    expect(JSON.parse(await reply)).toEqual({ t: 'result', id: 'c1', output: ['x'] });
  });

  it.each([
    ['text that is not JSON', '{'],
    ['JSON that is no frame', '[]'],
    ['a frame of another kind', '{"t":"subscribe"}'],
    ['an unknown key', '{"t":"call","id":"a","name":"x","input":{},"extra":1}'],
    ['an empty id', '{"t":"call","id":"","name":"x","input":{}}'],
    ['something that is not text', { t: 'call' }],
    ['nothing', undefined],
  ])('refuses %s without asking the engine', async (_what, frame) => {
    const { link, waiting } = setUp();
    expect(errorOf(await link.request(frame)).error.code).toBe('INVALID_INPUT');
    expect(waiting).toEqual([]);
  });

  it('refuses a frame that is too long, naming its call', async () => {
    const { link, waiting } = setUp();
    const reply = errorOf(await link.request(call('long', 'x'.repeat(maxCallLength))));
    expect(reply).toMatchObject({ t: 'error', id: 'long', error: { code: 'LIMIT_REACHED' } });
    expect(waiting).toEqual([]);
  });

  it('lets no more frames through than the rate allows, and goes on when time has passed', async () => {
    const { link, advance } = setUp();
    const replies = await Promise.all(Array.from({ length: 500 }, () => link.request('{')));
    const codes = replies.map((reply) => errorOf(reply).error.code);
    expect(codes.filter((code) => code === 'LIMIT_REACHED')).toHaveLength(100);
    advance(1_000);
    expect(errorOf(await link.request('{')).error.code).toBe('INVALID_INPUT');
  });

  it('lets no more characters through than the rate allows', async () => {
    const { link } = setUp();
    const big = call('big', 'x'.repeat(7 * 1024 * 1024)).replace('"t"', '"not"');
    const codes: string[] = [];
    for (let i = 0; i < 6; i++) codes.push(errorOf(await link.request(big)).error.code);
    expect(codes).toEqual([...Array<string>(4).fill('INVALID_INPUT'), 'LIMIT_REACHED', 'LIMIT_REACHED']);
  });

  it('bounds the calls that are unanswered', async () => {
    const { link, waiting } = setUp();
    const replies = Array.from({ length: 257 }, (_, i) => link.request(call(`c${i}`)));
    expect(errorOf(await replies[256]!)).toMatchObject({ id: 'c256', error: { code: 'LIMIT_REACHED' } });
    expect(waiting).toHaveLength(256);
  });

  it('refuses an id that is in use', async () => {
    const { link } = setUp();
    void link.request(call('same'));
    expect(errorOf(await link.request(call('same')))).toMatchObject({ id: 'same', error: { code: 'INVALID_INPUT' } });
  });

  it('cancels by the page’s id and ignores what it cannot cancel', () => {
    const { link, waiting, cancelled } = setUp();
    void link.request(call('c7'));
    for (const id of ['unknown', undefined, 7, {}, 'c7']) link.cancel(id);
    expect(cancelled).toEqual([waiting[0]!.frame.id]);
  });

  it('sends a hello first, again on subscribing again, and events once', () => {
    const { link, sent, subscribers } = setUp();
    link.subscribe();
    link.subscribe();
    expect(subscribers.size).toBe(1);
    for (const subscriber of subscribers) {
      subscriber.event({ t: 'event', seq: 1, name: 'x', data: {} });
      subscriber.disconnected('gone');
    }
    expect(sent.map((text) => (JSON.parse(text) as { t: string }).t)).toEqual([
      'hello',
      'hello',
      'event',
      'disconnected',
    ]);
    link.unsubscribe();
    expect(subscribers.size).toBe(0);
  });

  it('forgets a page that is gone, so that the next may use the same ids', async () => {
    const { link, waiting, cancelled, subscribers } = setUp();
    link.subscribe();
    void link.request(call('c1'));
    link.reset();
    expect(subscribers.size).toBe(0);
    expect(cancelled).toEqual([waiting[0]!.frame.id]);
    const reply = link.request(call('c1'));
    waiting[0]!.answer('old');
    waiting[1]!.answer('new');
    expect(JSON.parse(await reply)).toMatchObject({ id: 'c1', output: 'new' });
  });
});
