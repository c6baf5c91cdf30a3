import { describe, expect, it } from 'vitest';
import { isTrustedSender } from './sender.ts';
import type { SenderFrame } from './sender.ts';

const ours = { id: 1 };
const frame: SenderFrame = { url: 'app://ui/stores?x#y', origin: 'app://ui', parent: null };

function trusts(change: Partial<SenderFrame> | null, sender: unknown = ours): boolean {
  const senderFrame = change === null ? null : { ...frame, ...change };
  return isTrustedSender({ sender, senderFrame }, (contents) => contents === ours);
}

describe('isTrustedSender', () => {
  it('accepts the main frame of our window showing the interface', () => {
    expect(trusts({})).toBe(true);
    expect(trusts({ url: 'app://ui/' })).toBe(true);
  });

  it.each([
    ['a window we did not create', {}, { id: 2 }],
    ['a frame that is gone', null, ours],
    ['a subframe', { parent: frame }, ours],
    ['an empty URL, though the origin is inherited', { url: '' }, ours],
    ['about:blank', { url: 'about:blank' }, ours],
    ['another host', { url: 'app://evil/', origin: 'app://evil' }, ours],
    ['a host that begins alike', { url: 'app://ui.evil/', origin: 'app://ui.evil' }, ours],
    ['credentials before the host', { url: 'app://ui@evil/', origin: 'app://evil' }, ours],
    ['credentials in the URL', { url: 'app://x:y@ui/' }, ours],
    ['a port', { url: 'app://ui:1/', origin: 'app://ui:1' }, ours],
    ['the web', { url: 'https://ui/', origin: 'https://ui' }, ours],
    ['a file', { url: 'file:///app/ui/', origin: 'file://' }, ours],
    ['an opaque origin', { origin: 'null' }, ours],
    ['an empty origin', { origin: '' }, ours],
    ['an origin that is not its URL’s', { url: 'https://evil.example/' }, ours],
    ['something that is no URL', { url: 'app' }, ours],
  ] as const)('refuses %s', (_what, change, sender) => {
    expect(trusts(change, sender)).toBe(false);
  });
});
