import { describe, expect, it } from 'vitest';
import { isoDay } from './days.ts';
import { planTree } from './tree.ts';

describe.each([
  ['a working day', Date.UTC(2026, 10, 20, 11, 30)],
  ['midnight', Date.UTC(2026, 10, 20)],
  ['the first moment of a year', Date.UTC(2027, 0, 1)],
  ['a Sunday', Date.UTC(2026, 10, 22, 3)],
  ['a leap day', Date.UTC(2028, 1, 29, 23, 59, 59, 999)],
])('the tree planned on %s', (_, now) => {
  const { entries, emptyFolders } = planTree(1, now);

  it('dates nothing after now and nothing further back than 70 days', () => {
    for (const { path, mtimeMs } of [...entries, ...emptyFolders]) {
      expect([path, mtimeMs <= now, mtimeMs > now - 70 * 86_400_000]).toEqual([path, true, true]);
    }
  });

  it('names each file once, and none as a folder', () => {
    const files = new Set(entries.map((entry) => entry.path));
    expect(files.size).toBe(entries.length);
    for (const path of files) {
      expect(path).toMatch(/^[\w.-]+(\/[\w.-]+)*$/);
      for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
        expect(files).not.toContain(path.slice(0, at));
      }
    }
  });

  it('has eight years of prices and logs of today', () => {
    const years = entries
      .filter((entry) => /NVDA_\d{4}\.csv$/.test(entry.path))
      .map((entry) => entry.path.slice(-8, -4));
    expect(years.length).toBeGreaterThanOrEqual(7);
    expect(entries.map((entry) => entry.path)).toContain(`logs/api.log.${isoDay(now - 86_400_000)}`);
  });
});
