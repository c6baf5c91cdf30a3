import fs from 'node:fs';
import { dirname, join } from 'node:path';
import type { Job, Store } from '../../shared/contract/index.ts';
import type { CallContext } from '../context.ts';
import { createTestContext } from '../testing/index.ts';
import type { TestContext, TestContextOptions } from '../testing/index.ts';
import { backupMigrations, createBackups } from './index.ts';

/** What the tests of this folder share: a store with a few files and the capability over it. No part of the product. */
export interface TestStore {
  readonly context: TestContext;
  readonly backups: ReturnType<typeof createBackups>;
  readonly store: Store;
  readonly root: string;
  put(path: string, content?: string | Buffer): void;
  /** Makes a backup and returns the job it ended as. */
  backUp(input?: Record<string, unknown>): Promise<Job>;
  verify(ref: string, deep?: boolean): Promise<Job>;
}

export const call: CallContext = { signal: new AbortController().signal };

export function createTestStore(options: TestContextOptions = {}, name = 'persistent_data'): TestStore {
  const context = createTestContext({ ...options, migrations: backupMigrations });
  const root = join(context.folder, name);
  fs.mkdirSync(root);
  const put = (path: string, content: string | Buffer = 'x'): void => {
    fs.mkdirSync(dirname(join(root, path)), { recursive: true });
    fs.writeFileSync(join(root, path), content);
  };
  put('ml_models/nvda.h5', Buffer.alloc(5_000, 7));
  put('ml_models/config.json', '{"a": 1}\n');
  put('logs/app.log', 'one\ntwo\n');
  put('notes.txt', 'grüße');
  fs.mkdirSync(join(root, 'empty'));
  fs.symlinkSync('ml_models/nvda.h5', join(root, 'latest'));
  const store = context.stores.add({ path: root });
  const backups = createBackups(context);
  return {
    context,
    backups,
    store,
    root,
    put,
    async backUp(input = {}) {
      const { job } = await backups.handlers.start({ store: store.id, ...input }, call);
      return context.job(job);
    },
    async verify(ref, deep = false) {
      const { job } = await backups.handlers.verify({ backup: ref, mode: deep ? 'deep' : 'quick', percent: 10 }, call);
      return context.job(job);
    },
  };
}
