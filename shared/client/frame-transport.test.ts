import { describe, expect, it } from 'vitest';
import { FrameTransport } from './frame-transport.ts';
import { SseParser } from './sse.ts';

const call = (id: string) => ({ t: 'call', id, name: 'stores.list', input: {} }) as const;

describe('FrameTransport', () => {
  it.each([
    ['text that is not JSON', '{'],
    ['a frame of no known kind', '{"t":"surprise"}'],
    ['a frame that is not text', 42],
    ['an error that answers no call', '{"t":"error","error":{"code":"INTERNAL","message":"x","retryable":false}}'],
  ])('fails the calls under way on %s from the engine', async (_title, frame) => {
    const transport = new FrameTransport(() => {});
    const calls = [transport.request(call('a')), transport.request(call('b'))];
    transport.receive(frame);
    for (const waiting of calls) await expect(waiting).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('ignores answers nobody waits for', async () => {
    const transport = new FrameTransport(() => {});
    transport.receive('{"t":"result","id":"ghost","output":1}');
    const waiting = transport.request(call('a'));
    transport.receive('{"t":"result","id":"a","output":2}');
    await expect(waiting).resolves.toEqual({ t: 'result', id: 'a', output: 2 });
  });

  it('refuses a second call with the id of an unanswered one', async () => {
    const transport = new FrameTransport(() => {});
    void transport.request(call('a'));
    await expect(transport.request(call('a'))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('greets a second subscriber from what it knows', () => {
    const sent: string[] = [];
    const transport = new FrameTransport((frame) => sent.push(frame));
    const greeted: string[] = [];
    const subscriber = (name: string) => ({
      hello: (frame: { seq: number }) => void greeted.push(`${name}${frame.seq}`),
      event: () => {},
      disconnected: () => {},
    });
    const stopA = transport.subscribe(subscriber('a'));
    transport.receive('{"t":"hello","epoch":"e","seq":4}');
    transport.receive('{"t":"event","seq":5,"name":"x","data":{}}');
    const stopB = transport.subscribe(subscriber('b'));
    expect(greeted).toEqual(['a4', 'b5']);
    stopA();
    stopB();
    expect(sent).toEqual(['{"t":"subscribe"}', '{"t":"unsubscribe"}']);
  });
});

describe('SseParser', () => {
  const stream = ': ping\r\n\r\nid: e-1\ndata: {"a":\ndata: 1}\n\nevent: x\ndata:two\n\n';

  it('reads events however the stream is cut', () => {
    for (let size = 1; size <= stream.length; size += 1) {
      const parser = new SseParser();
      const events = [];
      for (let at = 0; at < stream.length; at += size) events.push(...parser.push(stream.slice(at, at + size)));
      expect(events, `in chunks of ${size}`).toEqual([
        { id: 'e-1', data: '{"a":\n1}' },
        { id: 'e-1', data: 'two' },
      ]);
    }
  });
});
