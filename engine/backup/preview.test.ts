import { expect, test } from 'vitest';
import { asText } from './preview.ts';

test('text is UTF-8 without NUL', () => {
  expect(asText(Buffer.from('grüße\n'), false)).toBe('grüße\n');
  expect(asText(new Uint8Array(), false)).toBe('');
  expect(asText(Buffer.from('a\0b'), false)).toBeUndefined();
  expect(asText(Buffer.from([0x61, 0xff]), false)).toBeUndefined();
});

test('a character cut at the end counts only where the content was cut', () => {
  const cut = Buffer.from('aü').subarray(0, 2);
  expect(asText(cut, true)).toBe('a');
  expect(asText(cut, false)).toBeUndefined();
});
