import { describe, expect, it } from 'vitest';
import { isAllowedExternal } from './external.ts';

describe('isAllowedExternal', () => {
  it.each(['https://github.com/huggingface/safetensors', 'https://huggingface.co/models', 'https://GitHub.com/x'])(
    'allows %s',
    (url) => {
      expect(isAllowedExternal(url)).toBe(true);
    },
  );

  it.each([
    'http://github.com/',
    'https://github.com.evil.example/',
    'https://evil.example/github.com',
    'https://github.com@evil.example/',
    'https://user@github.com/',
    'https://github.com:8443/',
    'https://gist.github.com/',
    'https://github.com./',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/html,x',
    'app://ui/',
    'smb://github.com/share',
    'ms-settings:',
    '//github.com/',
    'github.com',
    '',
  ])('refuses %s', (url) => {
    expect(isAllowedExternal(url)).toBe(false);
  });
});
