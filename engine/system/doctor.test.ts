import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { createTestContext } from '../testing/index.ts';
import type { TestContext } from '../testing/index.ts';
import { runDoctor } from './doctor.ts';

describe('doctor', () => {
  let context: TestContext;
  beforeEach(() => {
    context = createTestContext();
    mkdirSync(join(context.folder, 's'));
    context.stores.add({ path: join(context.folder, 's') });
  });
  afterEach(() => context.close());

  it('passes on a sound installation; a backup folder not made yet is no fault', async () => {
    const checks = await runDoctor(context, true);
    expect(checks.filter((check) => check.status === 'fail')).toEqual([]);
    expect(checks.find((check) => check.title.startsWith('Backup folder'))?.status).toBe('skip');
  });

  it('names a home that cannot be written and a store that went away', async () => {
    rmSync(join(context.folder, 's'), { recursive: true });
    const fs: FileSystem = {
      ...nodeFs,
      open(path, flags, mode) {
        if (path.startsWith(context.home)) throw Object.assign(new Error('EROFS'), { code: 'EROFS', path });
        return nodeFs.open(path, flags, mode);
      },
    };
    const failed = (await runDoctor({ ...context, fs }, true)).filter((check) => check.status === 'fail');
    expect(failed.map((check) => check.title)).toEqual(['Settings folder', 'Store s']);
    expect(failed[0]?.evidence).toContain('read-only');
  });

  it('warns where zstd cannot be compressed', async () => {
    const checks = await runDoctor(context, false);
    expect(checks.find((check) => check.id === 'zstd')?.status).toBe('warn');
  });
});
