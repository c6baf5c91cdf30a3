import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../engine/index.ts';
import { createClient } from '../shared/client/index.ts';
import type { Job } from '../shared/contract/index.ts';

/** The engine side of the rows about backups: one request, then the end. */

export type EngineRequest =
  | {
      readonly act: 'backup';
      readonly root: string;
      readonly destination: string;
      readonly format: 'zst' | 'gz' | 'tar';
      /** Reuse nothing. */
      readonly full: boolean;
    }
  | { readonly act: 'verify'; readonly destination: string; readonly mode: 'quick' | 'deep' };

const home = mkdtempSync(join(tmpdir(), 'larder-bench-home-'));
process.once('exit', () => rmSync(home, { recursive: true, force: true }));
const engine = await createEngine({
  home: join(home, 'larder'),
  version: 'bench',
  live: false,
  poolWorkerUrl: new URL('../engine/pool-worker.js', import.meta.url),
});
const client = createClient(engine.connect({ paths: 'any' }));

async function ended(id: string): Promise<Job> {
  for (;;) {
    const { job } = await client.call('jobs.get', { job: id });
    if (job.status === 'done') return job;
    if (job.status !== 'running') throw new Error(`${job.title} ended ${job.status}: ${job.error?.message ?? ''}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

async function backUp(root: string, destination: string, format: 'zst' | 'gz' | 'tar', full: boolean): Promise<number> {
  const store = await client.call('stores.add', { path: root, destination });
  const { job } = await client.call('backups.start', { store: store.id, format, full });
  const { result } = await ended(job);
  return Number(result?.['storedBytes'] ?? 0);
}

async function answer(request: EngineRequest): Promise<{ bytes?: number }> {
  if (request.act === 'verify') {
    const { destination, mode } = request;
    const { job } = await client.call('backups.verify', { backup: 'latest', destination, mode });
    await ended(job);
    return {};
  }
  const { root, destination, format, full } = request;
  return { bytes: await backUp(root, destination, format, full) };
}

// What a peer does not do either; verifying has rows of its own.
await client.call('settings.set', { verifyAfterBackup: false });
const small = join(home, 'small');
mkdirSync(small);
for (let file = 0; file < 40; file++) writeFileSync(join(small, String(file)), Buffer.alloc(300_000, file));
await backUp(small, join(home, 'small-backups'), 'zst', true);

const request = once(process, 'message');
process.send?.('ready');
const reply = await answer((await request)[0] as EngineRequest);
process.send?.({ ...reply, memoryMb: Math.round(process.resourceUsage().maxRSS / 1024) });
await once(process, 'disconnect');
await engine.stop();
