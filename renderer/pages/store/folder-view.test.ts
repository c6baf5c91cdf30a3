import { describe, expect, it } from 'vitest';
import type { AreaUsage, UsageEntry } from '../../../shared/contract/index.ts';
import { changedNames, crumbs, joinPath, roleOf } from './folder-view.ts';

const figures = { bytes: 1, allocated: 4096, files: 1, dirs: 0, newest: 5 };
const entry = (name: string, changes: Partial<UsageEntry> = {}): UsageEntry => ({
  name,
  kind: 'file',
  ...figures,
  ...changes,
});
const area = (path: string, role: AreaUsage['role']): AreaUsage => ({ id: path, path, role, ...figures });

describe('a folder of a store', () => {
  it('knows the way to it', () => {
    expect(crumbs('aura', '')).toEqual([{ name: 'aura', path: '' }]);
    expect(crumbs('aura', 'a/b c')).toEqual([
      { name: 'aura', path: '' },
      { name: 'a', path: 'a' },
      { name: 'b c', path: 'a/b c' },
    ]);
    expect(joinPath('', 'a')).toBe('a');
    expect(joinPath('a', 'b')).toBe('a/b');
  });

  it('takes its role from the innermost area', () => {
    const areas = [area('stock', 'dataset'), area('stock/cache', 'cache')];
    expect(roleOf(areas, 'stock/cache/x')).toBe('cache');
    expect(roleOf(areas, 'stock/cached')).toBe('dataset');
    expect(roleOf(areas, 'stock')).toBe('dataset');
    expect(roleOf(areas, 'stocks')).toBeUndefined();
  });

  it('sees what moved', () => {
    const before = [entry('same'), entry('grew'), entry('touched'), entry('gone')];
    const after = [entry('same'), entry('grew', { bytes: 2 }), entry('touched', { newest: 6 }), entry('new')];
    expect([...changedNames(before, after)]).toEqual(['grew', 'touched', 'new']);
  });
});
