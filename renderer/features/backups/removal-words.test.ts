import { describe, expect, it } from 'vitest';
import type { Backup, RemovalPlan } from '../../../shared/contract/index.ts';
import { heldWords, removalSummary, removalTitle, sureLabel } from './removal-words.ts';

const backup = (id: string, changes: Partial<Backup> = {}): Backup => ({
  id,
  storeName: 'data',
  archive: `/b/${id}.tar.zst`,
  manifest: `/b/${id}.manifest.zst`,
  format: 'zst',
  kind: 'full',
  startedAtMs: 0,
  finishedAtMs: 1,
  files: 1,
  dirs: 1,
  bytes: 1,
  storedBytes: 1,
  reusedBytes: 0,
  pinned: false,
  encrypted: false,
  neededBy: 0,
  status: 'done',
  skipped: [],
  ...changes,
});
const plan = (going: readonly string[], staying: readonly string[] = []): RemovalPlan => ({
  plan: 'p',
  backups: [
    ...going.map((id) => ({ backup: id, keep: false, reasons: ['named'], kinds: ['named' as const] })),
    ...staying.map((id) => ({ backup: id, keep: true, reasons: ['last 1'], kinds: ['last' as const] })),
  ],
  frees: 10,
  held: [
    { archive: '/b/a.tar.zst', bytes: 5, neededBy: ['b', 'c'] },
    { archive: '/b/z.tar.zst', bytes: 6, neededBy: ['c'] },
  ],
  compacts: [],
});

describe('what a removal comes to', () => {
  it('counts what goes, stays and is held', () => {
    const summary = removalSummary(plan(['a'], ['b']), [backup('a', { pinned: true }), backup('b')]);
    expect(summary).toEqual({ going: 1, staying: 1, pinned: 1, leavesNoneWhole: false, heldFor: 2, heldBytes: 11 });
    expect(removalTitle(summary)).toBe('Remove 1 backup?');
  });

  it('warns when none is left that is whole', () => {
    const none = (backups: readonly Backup[]): boolean => removalSummary(plan(['a']), backups).leavesNoneWhole;
    expect(none([backup('a')])).toBe(true);
    expect(none([backup('a'), backup('b', { status: 'partial' })])).toBe(true);
    expect(none([backup('a'), backup('b', { verified: { mode: 'deep', atMs: 0, ok: false } })])).toBe(true);
    expect(none([backup('a'), backup('b')])).toBe(false);
    expect(none([backup('a', { problem: 'gone' })])).toBe(false);
  });

  it('asks for all that is out of the ordinary at once', () => {
    const summary = { going: 3, staying: 0, pinned: 2, leavesNoneWhole: true, heldFor: 0, heldBytes: 0 };
    expect(sureLabel(summary)).toBe('Remove pinned backups and the last whole backup, too');
    expect(sureLabel({ ...summary, pinned: 1, leavesNoneWhole: false })).toBe('Remove the pinned backup, too');
    expect(sureLabel({ ...summary, pinned: 0 })).toBe('Remove the last whole backup, too');
    expect(sureLabel({ ...summary, going: 1, pinned: 1, leavesNoneWhole: false })).toBe(
      'Remove the pinned backup all the same',
    );
  });

  it('says who an archive stays for', () => {
    expect(heldWords(1)).toBe('kept for 1 later backup');
    expect(heldWords(0)).toMatch(/nobody can tell/);
  });
});
