import { expect, it } from 'vitest';
import { passphraseStrength } from '../../../shared/passphrase.ts';
import { emptyPassphrase, newPassphraseProblem, suggestPassphrase } from './new-passphrase.ts';

it('is taken when it was typed twice and written down', () => {
  expect(newPassphraseProblem(emptyPassphrase)).toBeDefined();
  expect(newPassphraseProblem({ text: 'a b', again: '', noted: true })).toContain('second time');
  expect(newPassphraseProblem({ text: 'a b', again: 'a  b', noted: true })).toContain('not the same');
  expect(newPassphraseProblem({ text: ' a', again: ' a', noted: true })).toContain('space');
  expect(newPassphraseProblem({ text: 'a b', again: 'a b', noted: false })).toContain('Write it down');
  expect(newPassphraseProblem({ text: 'a b', again: 'a b', noted: true })).toBeUndefined();
});

it('is suggested strong, and never the same', () => {
  const suggested = Array.from({ length: 20 }, suggestPassphrase);
  expect(new Set(suggested).size).toBe(20);
  for (const text of suggested) expect(passphraseStrength(text).level, text).toBe(3);
});
