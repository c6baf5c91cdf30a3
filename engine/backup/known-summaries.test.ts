import { afterEach, expect, test } from 'vitest';
import { createTestContext } from '../testing/index.ts';
import { backupMigrations } from './index.ts';
import { KnownSummaries } from './known-summaries.ts';
import type { KnownSummary } from './known-summaries.ts';

const context = createTestContext({ migrations: backupMigrations });
afterEach(() => context.close());

function known(name: string, archives: readonly string[]): KnownSummary {
  return {
    file: { path: `/there/${name}`, size: 10, mtimeNs: 2n ** 62n, inode: 2n ** 63n },
    summary: {
      id: name,
      store: { id: 's', name: 's', path: '/s' },
      format: 'zst',
      kind: 'full',
      startedAtMs: 1,
      finishedAtMs: 2,
      files: 1,
      dirs: 1,
      bytes: 3,
      reusedBytes: 0,
      skipped: [],
      manifestBytes: 10,
      archives: archives.map((file) => ({ file, size: file === 'open' ? null : 5 })),
    },
  };
}

test('summaries come back as they were, archives kept once a directory and forgotten with their last backup', () => {
  const summaries = new KnownSummaries(context.db);
  const [one, two] = [known('one', ['a']), known('two', ['b\udce9', 'a', 'open'])];
  summaries.update('/there', [one, two], []);
  summaries.update('/elsewhere', [{ ...one, file: { ...one.file, path: '/elsewhere/one' } }], []);
  const found = summaries.in('/there');
  expect([...found.values()]).toEqual([one, two]);
  expect(found.get('/there/one')?.summary.archives[0]).toBe(found.get('/there/two')?.summary.archives[1]);

  const archives = (): number => context.db.sqlite.prepare('SELECT number FROM backup_archives').all().length;
  expect(archives()).toBe(4);
  summaries.update('/there', [], ['/there/two']);
  expect(archives()).toBe(2);
  expect([...summaries.in('/there').values()]).toEqual([one]);
});
