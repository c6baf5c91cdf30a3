import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openBackup, verifyBackup, writeBackup } from '../engine/archive/index.ts';
import type { SourceEntry } from '../engine/archive/index.ts';
import { nodeFs } from '../engine/fs/index.ts';
import { createThreadPool } from '../engine/pool/index.ts';
import { echoTask } from '../engine/system/tasks.ts';
import { comparePaths } from '../shared/path-text.ts';
import type { EngineRequest } from './engine-process.ts';

/** The engine side of the benchmark: one request, then the end. */

function listTree(root: string): SourceEntry[] {
  const entries: SourceEntry[] = [];
  const visit = (path: string): void => {
    const absolute = join(root, path);
    const stats = lstatSync(absolute, { bigint: true });
    const type = stats.isDirectory() ? 'dir' : stats.isSymbolicLink() ? 'symlink' : 'file';
    entries.push({
      path,
      type,
      mode: Number(stats.mode) & 0o7777,
      uid: Number(stats.uid),
      gid: Number(stats.gid),
      mtimeNs: stats.mtimeNs,
      ctimeNs: stats.ctimeNs,
      size: Number(stats.size),
      device: stats.dev,
      inode: stats.ino,
      links: Number(stats.nlink),
    });
    if (type === 'dir') for (const name of readdirSync(absolute)) visit(path === '' ? name : `${path}/${name}`);
  };
  visit('');
  return entries.sort((a, b) => comparePaths(a.path, b.path));
}

const pool = createThreadPool(new URL('../engine/pool-worker.ts', import.meta.url));

/** Starts the workers, as they are in an engine that has been at work before. */
async function startWorkers(): Promise<void> {
  const idle = Array.from({ length: pool.size }, () => pool.run(echoTask, 'ready'));
  await Promise.all(idle);
}

async function answer(request: EngineRequest): Promise<{ bytes?: number }> {
  try {
    if (request.act === 'verify') {
      const reader = openBackup(nodeFs, request.manifest);
      const { ok } = await verifyBackup({ fs: nodeFs, pool, reader, mode: request.deep ? 'deep' : 'quick' });
      if (!ok) throw new Error('The backup is damaged.');
      return {};
    }
    const { root, destination, format } = request;
    const written = await writeBackup({
      fs: nodeFs,
      pool,
      root,
      entries: listTree(root),
      destination,
      baseName: 'larder',
      format,
      header: {
        id: 'bench',
        store: { id: 'bench', name: 'bench', path: root },
        startedAtMs: Date.now(),
        timeZone: 'UTC',
        host: 'bench',
        tool: 'larder bench',
        excluded: [],
      },
      now: Date.now,
    });
    return { bytes: written.storedBytes };
  } finally {
    void pool.close();
  }
}

process.once('message', (request: EngineRequest) => {
  void answer(request).then(
    (reply) => process.send?.({ ...reply, memoryMb: Math.round(process.resourceUsage().maxRSS / 1024) }),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
await startWorkers();
process.send?.('ready');
