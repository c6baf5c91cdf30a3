import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Backup } from '../shared/contract/index.ts';
import { openBackup } from '../engine/archive/index.ts';
import type { BackupCatalog } from '../engine/backup/index.ts';
import { nodeFs } from '../engine/fs/index.ts';
import { createThreadPool } from '../engine/pool/index.ts';
import { createRestore, restoreMigrations } from '../engine/restore/index.ts';
import { createTestContext } from '../engine/testing/index.ts';

/** The engine side of the restore rows: answers one request after another, plan and apply together. */

export interface RestoreRequest {
  readonly manifest: string;
  readonly into: string;
  readonly paths: readonly string[];
}

export interface RestoreReply {
  readonly seconds: number;
  readonly memoryMb: number;
}

const pool = createThreadPool(new URL('../engine/pool-worker.ts', import.meta.url));
const context = createTestContext({ pool, migrations: restoreMigrations });
const { signal } = new AbortController();

const catalog: BackupCatalog = {
  async resolve(manifest): Promise<Backup> {
    const folder = dirname(manifest);
    const archive = readdirSync(folder).find((name) => name.endsWith('.tar.zst')) ?? '';
    return {
      id: 'bench',
      storeName: 'bench',
      archive: join(folder, archive),
      manifest,
      format: 'zst',
      kind: 'full',
      startedAtMs: 0,
      finishedAtMs: 0,
      files: 0,
      dirs: 0,
      bytes: 0,
      storedBytes: 0,
      reusedBytes: 0,
      pinned: false,
      encrypted: false,
      neededBy: 0,
      status: 'done',
      skipped: [],
    };
  },
  open: async (backup) => openBackup(nodeFs, backup.manifest),
  lockDestination: () => Promise.reject(new Error('A restore takes no lock.')),
};

async function answer(request: RestoreRequest): Promise<RestoreReply> {
  const { handlers } = createRestore(context, catalog);
  const begin = process.hrtime.bigint();
  const plan = await handlers.plan(
    {
      backup: request.manifest,
      paths: [...request.paths],
      target: { kind: 'folder', path: request.into },
      overwrite: 'if-changed',
      deleteExtra: false,
    },
    { signal },
  );
  const planned = process.hrtime.bigint();
  const { job } = await handlers.apply({ plan: plan.id }, { signal });
  const done = await context.job(job);
  if (done.status !== 'done') throw new Error(`The restore ended as ${done.status}: ${done.error?.message ?? ''}`);
  const end = process.hrtime.bigint();
  if (process.env['BENCH_VERBOSE'] === '1') {
    console.error(`plan ${Number(planned - begin) / 1e6} ms, apply ${Number(end - planned) / 1e6} ms`);
  }
  return { seconds: Number(end - begin) / 1e9, memoryMb: Math.round(process.resourceUsage().maxRSS / 1024) };
}

process.on('message', (request: RestoreRequest) => {
  void answer(request).then(
    (reply) => process.send?.(reply),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.once('disconnect', () => void context.close().then(() => process.exit(0)));
process.send?.('ready');
