import { describe, expect, it } from 'vitest';
import { createBridge } from './bridge.ts';
import { channels } from './channels.ts';

function setUp(answer: unknown = 'reply') {
  const sent: unknown[][] = [];
  const listeners = new Map<string, (event: unknown, ...args: unknown[]) => void>();
  const bridge = createBridge(
    {
      async invoke(...message) {
        sent.push(message);
        return answer;
      },
      send: (...message) => void sent.push(message),
      on: (channel, listener) => void listeners.set(channel, listener),
    },
    'linux',
  );
  const arrive = (channel: string, ...args: unknown[]): void => listeners.get(channel)?.({ sender: 'secret' }, ...args);
  return { bridge, sent, arrive };
}

describe('the bridge', () => {
  it('is frozen through and through, and is functions and texts only', () => {
    const { bridge } = setUp();
    expect(Object.isFrozen(bridge)).toBe(true);
    expect(Object.isFrozen(bridge.host)).toBe(true);
    expect(Object.keys(bridge)).toEqual(['request', 'cancel', 'subscribe', 'host']);
    expect(Object.keys(bridge.host)).toEqual(['platform', 'pickFolder', 'pickFile', 'revealPath', 'onMenuAction']);
  });

  it('speaks on fixed channels, whatever it is given', async () => {
    const { bridge, sent } = setUp({ ok: true, value: '/x' });
    await bridge.request('frame');
    bridge.cancel('c1');
    await bridge.host.pickFolder({ title: 't' });
    await bridge.host.revealPath('/x');
    expect(sent).toEqual([
      [channels.request, 'frame'],
      [channels.cancel, 'c1'],
      [channels.pickFolder, { title: 't' }],
      [channels.revealPath, '/x'],
    ]);
  });

  it('hands listeners the text of a message and nothing else', () => {
    const { bridge, arrive } = setUp();
    const heard: unknown[][] = [];
    bridge.subscribe((...args) => heard.push(args));
    bridge.host.onMenuAction((...args) => heard.push(args));
    arrive(channels.frame, '{"t":"hello"}', 'more');
    arrive(channels.frame, { not: 'text' });
    arrive(channels.menuAction, 'backup.now');
    expect(heard).toEqual([['{"t":"hello"}'], ['backup.now']]);
  });

  it('ends the flow with its last listener', () => {
    const { bridge, sent, arrive } = setUp();
    const heard: string[] = [];
    const listener = (frame: string): void => void heard.push(frame);
    const stopFirst = bridge.subscribe(listener);
    const stopSecond = bridge.subscribe(listener);
    stopFirst();
    stopFirst();
    arrive(channels.frame, 'a');
    stopSecond();
    arrive(channels.frame, 'b');
    expect(heard).toEqual(['a']);
    expect(sent).toEqual([[channels.subscribe], [channels.subscribe], [channels.unsubscribe]]);
  });

  it('throws what the main process refused, in its words', async () => {
    const { bridge } = setUp({ ok: false, message: '/etc is not in a registered store.' });
    await expect(bridge.host.revealPath('/etc')).rejects.toThrow(/^\/etc is not in a registered store\.$/);
  });
});
