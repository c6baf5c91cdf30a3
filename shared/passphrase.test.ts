import { expect, it } from 'vitest';
import { passphraseOf, passphraseStrength } from './passphrase.ts';

it.each([
  ['', 0],
  ['a', 0],
  ['password123', 0],
  ['aaaaaaaaaaaaaaaaaaaaaaaaaaaa', 0],
  ['abcdefghijklmnopqrstuvwxyz', 0],
  ['1234567890123456', 0],
  ['correct horse battery staple', 0],
  ['elephant', 0],
  ['purple monkey', 0],
  ['xK9$mQ', 1],
  ['xK9$mQ2z', 2],
  ['harbour violin gravel', 1],
  ['harbour violin gravel candle ostrich', 3],
  ['xK9$mQ2z!pL4vR7w', 3],
  ['lusab-babad-gutih-tugad-mudof-sakat', 3],
])('takes “%s” for level %i', (text, level) => {
  expect(passphraseStrength(text).level).toBe(level);
});

it('advises where it helps', () => {
  expect(passphraseStrength('elephant')).toMatchObject({
    label: 'Easily guessed',
    advice: expect.any(String) as string,
  });
  expect(passphraseStrength('xK9$mQ2z!pL4vR7w')).toEqual({ level: 3, label: 'Strong' });
});

it('writes bytes as proquints, as their description does', () => {
  expect(passphraseOf(Uint8Array.of(127, 0, 0, 1))).toBe('lusab-babad');
  expect(passphraseOf(Uint8Array.of(63, 84, 220, 193))).toBe('gutih-tugad');
  expect(passphraseOf(new Uint8Array(12)).split('-')).toHaveLength(6);
});
