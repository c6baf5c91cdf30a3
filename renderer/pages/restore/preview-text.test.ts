import { expect, it } from 'vitest';
import { previewText } from './preview-text.ts';

it('sets out JSON, and leaves what is none, is cut or is named otherwise', () => {
  expect(previewText('a.json', '{"a":1}', false)).toBe('{\n  "a": 1\n}');
  expect(previewText('a.json', '{"a":', false)).toBe('{"a":');
  expect(previewText('a.json', '{"a":1}', true)).toBe('{"a":1}');
  expect(previewText('a.log', '{"a":1}', false)).toBe('{"a":1}');
});
