import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { LarderError } from '../../shared/contract/index.ts';
import { createInlinePool } from '../pool/index.ts';
import type { Pool } from '../pool/index.ts';
import type { TestContextOptions } from '../testing/index.ts';
import { contentsTask } from './contents.ts';
import { hastyFs, parsed, setUp, signal, snapshot } from './test-tree.ts';
import type { Bench, Tree } from './test-tree.ts';

// In memory where the machine has that: the disk is not what is tested.
if (existsSync('/dev/shm')) process.env['TMPDIR'] = '/dev/shm';

const benches: Bench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.context.close();
});

function start(tree: Tree, options: TestContextOptions = { fs: hastyFs }): Bench {
  const bench = setUp(tree, options);
  benches.push(bench);
  return bench;
}

describe('a failure of one of several batches', () => {
  /** Ends the second batch of contents with an error while the first is still under way. */
  function secondFailsFirst(fail: () => LarderError): Pool {
    const inner = createInlinePool(hastyFs, 2);
    let batches = 0;
    let failed: () => void = () => {};
    const hasFailed = new Promise<void>((resolve) => (failed = resolve));
    return {
      ...inner,
      async run(task, input, options) {
        if (task.name !== contentsTask.name) return inner.run(task, input, options);
        batches += 1;
        if (batches === 2) {
          failed();
          throw fail();
        }
        if (batches === 1) {
          await hasFailed;
          // A turn of the event loop: by then a rejection that nobody looks at counts as unhandled.
          await new Promise((resolve) => setImmediate(resolve));
        }
        return inner.run(task, input, options);
      },
    };
  }

  it.each(['cancelled', 'failed'] as const)('ends the job as %s, and nothing of it stays', async (status) => {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', listen);
    try {
      let cancel: () => void = () => {};
      const pool = secondFailsFirst(() => {
        if (status === 'failed') return new LarderError('CORRUPT', 'The archive is damaged.');
        cancel();
        return new LarderError('CANCELLED', 'Cancelled.');
      });
      const tree: Tree = {};
      for (let n = 0; n < 4; n++) tree[`file-${n}`] = { content: Buffer.alloc(7 * 1024 * 1024, `larder ${n}`) };
      const bench = start(tree, { fs: hastyFs, pool });
      await bench.backUp();
      const before = snapshot(bench.context.folder);
      const { handlers } = bench.capability();
      const out = join(bench.context.folder, 'out');
      const plan = await handlers.plan(parsed({ target: { kind: 'folder', path: out } }), { signal });
      const { job } = await handlers.apply({ plan: plan.id }, { signal });
      cancel = () => bench.context.jobs.cancel(job);
      expect((await bench.context.job(job)).status).toBe(status);
      expect(existsSync(out)).toBe(false);
      expect({ ...snapshot(bench.context.folder), '': '' }).toEqual({ ...before, '': '' });
    } finally {
      process.off('unhandledRejection', listen);
    }
    expect(unhandled).toEqual([]);
  });
});
