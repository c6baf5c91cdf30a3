import { describe, expect, it } from 'vitest';
import { displayName } from './path-text.ts';

describe('displayName', () => {
  it.each([
    ['models/llama 3 – é.gguf', 'models/llama 3 – é.gguf'],
    ['caf\udce9', 'caf\\xe9'],
    ['lone \ud800', 'lone \ufffd'],
    // A name must not break a line, nor pretend to be another.
    ['new\nline\ttab', 'new\\nline\\ttab'],
    ['\x1b[31mred\x7f\x9b', '\\x1b[31mred\\x7f\\x9b'],
    ['\u202etxt.exe', '\\u202etxt.exe'],
    ['a\u2066b\u2069\u200e\u061c', 'a\\u2066b\\u2069\\u200e\\u061c'],
    ['\udcff\n', '\\xff\\n'],
  ])('shows %j as %j', (name, shown) => {
    expect(displayName(name)).toBe(shown);
  });
});
