import { describe, expect, it } from 'vitest';
import { modeWords, ownerWords } from './inspect-words.ts';

describe('what an entry is, in words', () => {
  it.each([
    [0o644, 'file', '-rw-r--r-- (0644)'],
    [0o1777, 'dir', 'drwxrwxrwt (1777)'],
    [0o4755, 'file', '-rwsr-xr-x (4755)'],
    [0o2644, 'file', '-rw-r-Sr-- (2644)'],
    [0, 'other', '?--------- (0000)'],
  ] as const)('mode %o of a %s', (mode, kind, words) => expect(modeWords(mode, kind)).toBe(words));

  it('owners have names where the system knows them', () => {
    expect(ownerWords({ owner: 'ada', uid: 1000, gid: 50 })).toBe('ada (1000), group 50');
    expect(ownerWords({ uid: 1, group: 'staff', gid: 50 })).toBe('1, group staff (50)');
  });
});
