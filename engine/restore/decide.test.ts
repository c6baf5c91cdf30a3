import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import type { LiveStat, Rule, WantedEntry } from './decide.ts';

const entry: WantedEntry = {
  path: 'a',
  type: 'file',
  mode: 0o644,
  uid: 1,
  gid: 1,
  mtimeNs: 5_000_000n,
  size: 3,
  sha256: 'right',
};
const live: LiveStat = { type: 'file', size: 3, mode: 0o644, uid: 1, gid: 1, mtimeNs: 5_000_000n, links: 1 };
const rule: Rule = { overwrite: 'if-changed', owners: true, modes: true };
const later = 9_000_000n;
const earlier = 1_000_000n;

describe('decide', () => {
  it.each([
    ['nothing there', undefined, 'never', 'create'],
    ['equal by size and time', live, 'if-changed', 'unchanged'],
    ['equal within the microsecond', { ...live, mtimeNs: 5_000_999n }, 'if-changed', 'unchanged'],
    ['size differs', { ...live, size: 4 }, 'if-changed', 'overwrite'],
    ['size differs', { ...live, size: 4 }, 'never', 'keep'],
    ['size differs, live newer', { ...live, size: 4, mtimeNs: later }, 'if-newer', 'keep'],
    ['size differs, live older', { ...live, size: 4, mtimeNs: earlier }, 'if-newer', 'overwrite'],
    ['time differs', { ...live, mtimeNs: later }, 'if-changed', 'digest'],
    [
      'time differs, content is known to be equal',
      { ...live, mtimeNs: later, sha256: 'right' },
      'if-changed',
      'metadata',
    ],
    ['time and content differ', { ...live, mtimeNs: later, sha256: 'wrong' }, 'if-changed', 'overwrite'],
    ['time differs, live newer', { ...live, mtimeNs: later }, 'if-newer', 'keep'],
    ['time differs', { ...live, mtimeNs: later }, 'never', 'keep'],
    ['everything but the content is looked at', live, 'always', 'digest'],
    ['content equal', { ...live, sha256: 'right' }, 'always', 'unchanged'],
    ['content differs silently', { ...live, sha256: 'wrong' }, 'always', 'overwrite'],
    ['mode differs', { ...live, mode: 0o600 }, 'if-changed', 'metadata'],
    ['mode differs', { ...live, mode: 0o600 }, 'if-newer', 'keep'],
    ['mode differs on a file with two names', { ...live, mode: 0o600, links: 2 }, 'if-changed', 'overwrite'],
    ['owner differs', { ...live, uid: 2 }, 'if-changed', 'metadata'],
    ['a folder is in its place', { ...live, type: 'dir' }, 'if-changed', 'overwrite'],
    ['a folder is in its place', { ...live, type: 'dir' }, 'never', 'keep'],
    ['a socket is in its place', { ...live, type: 'other' }, 'always', 'overwrite'],
  ] as const)('%s (%#)', (_about, there, overwrite, expected) => {
    expect(decide(entry, there, { ...rule, overwrite })).toBe(expected);
  });

  it('does not look at what this user or platform cannot set', () => {
    expect(decide(entry, { ...live, uid: 2 }, { ...rule, owners: false })).toBe('unchanged');
    expect(decide(entry, { ...live, mode: 0 }, { ...rule, modes: false })).toBe('unchanged');
  });

  it('compares links by where they lead, and folders by metadata', () => {
    const link = { ...entry, type: 'symlink', target: 'x' } as const;
    const there = { ...live, type: 'symlink', mode: 0o777 } as const;
    expect(decide(link, { ...there, target: 'x' }, rule)).toBe('unchanged');
    expect(decide(link, { ...there, target: 'y' }, rule)).toBe('overwrite');
    expect(decide(link, { ...there, target: 'x', mtimeNs: later }, rule)).toBe('metadata');
    const folder = { ...entry, type: 'dir' } as const;
    expect(decide(folder, { ...live, type: 'dir', size: 4096 }, rule)).toBe('unchanged');
    expect(decide(folder, { ...live, type: 'dir', mtimeNs: later }, rule)).toBe('metadata');
    expect(decide(folder, { ...live, type: 'dir', mtimeNs: later }, { ...rule, overwrite: 'never' })).toBe('keep');
  });

  it('never touches anything there under `never`, and nothing newer under `if-newer`', () => {
    const anyLive = fc.record({
      type: fc.constantFrom('file', 'dir', 'symlink', 'other'),
      size: fc.nat(5),
      mode: fc.constantFrom(0o644, 0o600),
      uid: fc.nat(2),
      gid: fc.constant(1),
      mtimeNs: fc.bigInt({ min: -10n, max: 10n }).map((n) => n * 1_000_000n),
      links: fc.integer({ min: 1, max: 3 }),
      sha256: fc.constantFrom('right', 'wrong'),
      target: fc.constantFrom('x', 'y'),
    });
    fc.assert(
      fc.property(anyLive, (there) => {
        expect(['keep', 'unchanged']).toContain(decide(entry, there, { ...rule, overwrite: 'never' }));
        const newer = decide(entry, there, { ...rule, overwrite: 'if-newer' });
        if (there.mtimeNs >= entry.mtimeNs) expect(['keep', 'unchanged']).toContain(newer);
        expect(decide(entry, there, { ...rule, overwrite: 'if-changed' })).not.toBe('keep');
      }),
    );
  });
});
