import { describe, expect, it } from 'vitest';
import { matchShortcut, sequenceMs, shortcutText, type KeyPress } from './shortcuts.ts';

const press = (key: string, held: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
});
const all = ['Mod+K', 'Mod+Shift+A', 'Mod+,', 'G O', 'G S', '?'];
const context = { mac: false, typing: false, nowMs: 10_000, pending: undefined };

describe('shortcuts', () => {
  it('takes Ctrl on a PC and Cmd on a Mac', () => {
    expect(matchShortcut(press('k', { ctrlKey: true }), all, context)).toEqual({ shortcut: 'Mod+K' });
    expect(matchShortcut(press('k', { metaKey: true }), all, context)).toEqual({});
    expect(matchShortcut(press('k', { metaKey: true }), all, { ...context, mac: true })).toEqual({ shortcut: 'Mod+K' });
    expect(matchShortcut(press('k', { ctrlKey: true }), all, { ...context, mac: true })).toEqual({});
  });

  it('wants exactly the keys that are held', () => {
    expect(matchShortcut(press('A', { ctrlKey: true, shiftKey: true }), all, context)).toEqual({
      shortcut: 'Mod+Shift+A',
    });
    expect(matchShortcut(press('a', { ctrlKey: true }), all, context)).toEqual({});
    expect(matchShortcut(press('k', { ctrlKey: true, altKey: true }), all, context)).toEqual({});
  });

  it('follows two keys, in time', () => {
    const first = matchShortcut(press('g'), all, context);
    expect(first).toEqual({ pending: { key: 'G', atMs: 10_000 } });
    expect(matchShortcut(press('s'), all, { ...context, pending: first.pending })).toEqual({ shortcut: 'G S' });
    const late = { ...context, nowMs: 10_001 + sequenceMs, pending: first.pending };
    expect(matchShortcut(press('s'), all, late)).toEqual({});
  });

  it('leaves plain keys to text fields', () => {
    expect(matchShortcut(press('?', { shiftKey: true }), all, { ...context, typing: true })).toEqual({});
    expect(matchShortcut(press('?', { shiftKey: true }), all, context)).toEqual({ shortcut: '?' });
    expect(matchShortcut(press('k', { ctrlKey: true }), all, { ...context, typing: true })).toEqual({
      shortcut: 'Mod+K',
    });
  });

  it('prints them for the machine', () => {
    expect(shortcutText('Mod+Shift+A', false)).toBe('Ctrl Shift A');
    expect(shortcutText('Mod+Shift+A', true)).toBe('⌘⇧A');
    expect(shortcutText('G O', false)).toBe('G then O');
  });
});
