import { describe, expect, it } from 'vitest';
import type { Disk, Role, UsageSummary } from '../../../shared/contract/index.ts';
import { allocatedByRole, roleParts, shownFigure, withShownSum } from '../../features/usage/index.ts';
import { spaceBar } from './space-bar.ts';

const gib = 1024 ** 3;
const area = (path: string, role: Role, allocated: number): UsageSummary['areas'][number] => ({
  id: path,
  path,
  role,
  bytes: allocated,
  allocated,
  files: 1,
  dirs: 1,
  newest: 0,
});
const summary = (store: string, allocated: number, areas: UsageSummary['areas']): UsageSummary => ({
  store,
  path: `/data/${store}`,
  bytes: allocated,
  allocated,
  files: 1,
  dirs: 1,
  newest: 0,
  atLeast: false,
  unreadable: [],
  areas,
  loose: { bytes: 0, allocated: 0, files: 0 },
  oldest: 0,
  hardLinks: { names: 0, bytes: 0 },
  sparse: { files: 0, bytes: 0 },
  mounts: [],
  live: { state: 'live' },
});
const disk = (changes: Partial<Disk> = {}): Disk => ({
  device: '/dev/nvme0n1p2',
  mountPoint: '/',
  type: 'ext4',
  capacity: 1000 * gib,
  free: 400 * gib,
  network: false,
  stores: ['a', 'b'],
  backupsShare: [],
  ...changes,
});

describe('space of a disk', () => {
  it('adds up to the capacity', () => {
    const bar = spaceBar(disk(), [
      summary('a', 100 * gib, [area('m', 'model', 60 * gib), area('c', 'cache', 30 * gib)]),
      summary('b', 20 * gib, [area('m', 'model', 20 * gib)]),
      summary('elsewhere', 500 * gib, [area('m', 'model', 500 * gib)]),
    ]);
    expect(bar.parts.map((part) => [part.label, part.bytes / gib])).toEqual([
      ['Models', 80],
      ['Caches', 30],
      ['Other in stores', 10],
      ['Other files', 480],
      ['Free', 400],
    ]);
    expect(bar.parts.reduce((sum, part) => sum + part.bytes, 0)).toBe(1000 * gib);
    expect(bar.used).toBe(600 * gib);
    expect(bar.level).toBe('fine');
  });

  it('shows small stores in their own unit, adding up', () => {
    const mib = 1024 ** 2;
    const stored = summary('a', 6.5 * mib, [area('m', 'model', 2.26 * mib), area('c', 'cache', 2.12 * mib)]);
    const shown = spaceBar(disk(), [stored]).parts.map((part) => [part.label, part.shown]);
    expect(shown).toEqual([
      ['Models', '2.3 MiB'],
      ['Caches', '2.1 MiB'],
      ['Other in stores', '2.1 MiB'],
      ['Other files', '600.0 GiB'],
      ['Free', '400.0 GiB'],
    ]);
    expect(shownFigure(stored.allocated, 'MiB')).toBe('6.5 MiB');
    expect(roleParts(stored).map((part) => part.shown)).toEqual(['2.3 MiB', '2.1 MiB', '2.1 MiB']);
  });

  it('warns at 80 and 90 percent', () => {
    expect(spaceBar(disk({ free: 200 * gib }), []).level).toBe('warn');
    expect(spaceBar(disk({ free: 201 * gib }), []).level).toBe('fine');
    expect(spaceBar(disk({ free: 99 * gib }), []).level).toBe('bad');
    expect(spaceBar(disk({ capacity: 0, free: 0 }), []).usedShare).toBe(0);
  });

  it('shows figures that add up to the shown whole', () => {
    const parts = withShownSum(
      [1.04, 1.04, 1.04, 0.0001].map((size, index) => ({
        id: String(index),
        label: '',
        bytes: Math.round(size * gib),
      })),
      'GiB',
    );
    expect(parts.map((part) => part.shown)).toEqual(['1.1 GiB', '1.0 GiB', '1.0 GiB', '105 KiB']);
  });

  it('shows hundredths of a TiB', () => {
    expect(shownFigure(0.207 * 1024 * gib, 'TiB')).toBe('0.21 TiB');
    expect(withShownSum([{ id: 'a', label: '', bytes: 0.207 * 1024 * gib }], 'TiB')[0]?.shown).toBe('0.21 TiB');
  });

  it('counts what no folder accounts for as other', () => {
    expect([...allocatedByRole(summary('a', 12, [area('x', 'other', 5), area('m', 'model', 4)]))]).toEqual([
      ['other', 8],
      ['model', 4],
    ]);
  });
});
