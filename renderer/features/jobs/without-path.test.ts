import { expect, it } from 'vitest';
import { withoutPath } from './without-path.ts';

it('is the message alone where the path stands above it', () => {
  expect(withoutPath('a/b: It is cut off.', 'a/b')).toBe('It is cut off.');
  expect(withoutPath('a/b.tar: It is cut off.', 'a/b')).toBe('a/b.tar: It is cut off.');
  expect(withoutPath(': It is cut off.', '')).toBe(': It is cut off.');
});
