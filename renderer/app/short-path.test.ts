import { describe, expect, it } from 'vitest';
import { shortPath } from './short-path.ts';

describe('short paths', () => {
  it.each([
    ['/home/ada/data', '/home/ada', '~/data'],
    ['/home/ada', '/home/ada', '~'],
    ['/home/adam/data', '/home/ada', '/home/adam/data'],
    ['C:\\Users\\ada\\data', 'C:\\Users\\ada', '~\\data'],
    ['/data', '/', '/data'],
    ['/data', undefined, '/data'],
  ])('%s at home in %s is %s', (path, home, text) => {
    expect(shortPath(path, home)).toBe(text);
  });
});
