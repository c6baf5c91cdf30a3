import fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import { freshTree } from '../scan-testing/index.ts';
import { temporaryFolder } from '../testing/index.ts';
import { denseEntries } from './plan.ts';
import { planWatch, queuedEventsLimit, watchLimitError } from './index.ts';

const temporary = temporaryFolder();
afterAll(() => temporary.remove());

function make(root: string, files: number): void {
  fs.mkdirSync(root, { recursive: true });
  for (let file = 0; file < files; file++) fs.writeFileSync(join(root, `${file}`), '');
}

describe('the plan', () => {
  it('gives chokidar the root and ordinary subtrees, and no dense one', async () => {
    const root = join(temporary.path, 'mixed');
    make(join(root, 'small/sub'), 5);
    make(join(root, 'dense/sub'), denseEntries);
    fs.mkdirSync(Buffer.from(`${root}/raw\xff`, 'latin1'));
    const { ordinary, dense } = planWatch(await freshTree(root));
    expect([...ordinary].sort()).toEqual(['', 'small', 'small/sub']);
    expect(dense.sort()).toEqual(['dense', 'dense/sub', 'raw\udcff']);
  });

  it('gives chokidar nothing of a store whose root itself is dense', async () => {
    const root = join(temporary.path, 'flat');
    make(root, denseEntries + 1);
    fs.mkdirSync(join(root, 'sub'));
    const { ordinary, dense } = planWatch(await freshTree(root));
    expect(ordinary.size).toBe(0);
    expect(dense).toEqual(['', 'sub']);
  });

  it('bounds what chokidar gets over all subtrees', async () => {
    const root = join(temporary.path, 'many');
    for (let part = 0; part < 12; part++) make(join(root, `part${part}`), 400);
    const { ordinary, dense } = planWatch(await freshTree(root));
    expect(ordinary.size - 1).toBe(9);
    expect(dense).toHaveLength(3);
  });
});

describe('a reached limit', () => {
  const failure = (code: string): Error => Object.assign(new Error(code), { code });
  const proc = (text: string | undefined): typeof nodeFs => ({
    ...nodeFs,
    readFile() {
      if (text === undefined) throw failure('ENOENT');
      return Buffer.from(text);
    },
  });

  it.runIf(process.platform === 'linux')('names the setting, its value and the command', () => {
    expect(watchLimitError(proc('8192\n'), failure('ENOSPC'))).toMatchObject({
      code: 'LIMIT_REACHED',
      message: expect.stringContaining('fs.inotify.max_user_watches (now 8192)') as string,
      hint: 'Run: sudo sysctl fs.inotify.max_user_watches=1048576',
    });
    expect(watchLimitError(proc('2000000\n'), failure('ENOSPC')).hint).toContain('=4000000');
    expect(watchLimitError(proc('128\n'), failure('EMFILE')).hint).toContain('max_user_instances=1024');
    expect(watchLimitError(proc(undefined), failure('ENOSPC')).message).not.toContain('now');
  });

  it('takes the usual queue where the system does not tell', () => {
    expect(queuedEventsLimit(proc(undefined))).toBe(16_384);
    expect(queuedEventsLimit(proc('99\n'))).toBe(99);
  });
});
