import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { missing, quoted, shell } from '../command.ts';
import { benchFolder } from '../data-set.ts';
import { inEngine } from '../engine-process.ts';
import type { RestoreReply, RestoreRequest } from '../restore-child.ts';
import type { Row, Sample } from '../row.ts';

/** Everything, or one file, brought back into a new folder. Larder plans, checks every digest and syncs to disk. */

class RestoreEngine {
  private child: ChildProcess | undefined;

  async restore(request: RestoreRequest): Promise<Sample> {
    const child = await this.running();
    child.send(request);
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`The engine's process ended with ${String(code)}.`);
    });
    ended.catch(() => undefined);
    const [reply] = (await Promise.race([once(child, 'message'), ended])) as [RestoreReply];
    return reply;
  }

  async close(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child === undefined) return;
    child.disconnect();
    await once(child, 'exit');
  }

  private async running(): Promise<ChildProcess> {
    if (this.child !== undefined) return this.child;
    this.child = fork(new URL('../restore-child.ts', import.meta.url), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    await once(this.child, 'message');
    return this.child;
  }
}

interface Held {
  readonly folder: string;
  readonly manifest: string;
  readonly archive: string;
  readonly repository: string;
  readonly environment: Record<string, string>;
  readonly noRestic: string | undefined;
}

async function hold(root: string): Promise<Held> {
  const folder = mkdtempSync(join(benchFolder(), 'restore-'));
  const own = join(folder, 'larder');
  mkdirSync(own);
  await inEngine({ act: 'backup', root, destination: own, format: 'zst', full: true });
  const named = (part: string): string => join(own, readdirSync(own).find((name) => name.includes(part)) ?? '');
  const repository = quoted(join(folder, 'restic'));
  const environment = { RESTIC_PASSWORD: 'bench', RESTIC_CACHE_DIR: join(folder, 'restic-cache') };
  const noRestic = missing('restic');
  if (noRestic === undefined) {
    await shell(`restic init -q -r ${repository}`, environment);
    await shell(`cd ${quoted(root)} && restic backup -q -r ${repository} .`, environment);
  }
  return { folder, manifest: named('.manifest.'), archive: named('.tar.zst'), repository, environment, noRestic };
}

export const restoreAll: Row = {
  id: 'restore-all',
  title: 'Restore all',
  dataSet: 'store',
  async contenders({ root, work }) {
    const held = await hold(root);
    const into = join(work, 'out');
    return [
      {
        name: 'larder',
        async run() {
          const engine = new RestoreEngine();
          try {
            return await engine.restore({ manifest: held.manifest, into, paths: [] });
          } finally {
            await engine.close();
          }
        },
        close: async () => rmSync(held.folder, { recursive: true, force: true }),
      },
      {
        name: 'tar --zstd -x',
        missing: missing('tar', 'zstd'),
        run: () => shell(`mkdir ${quoted(into)} && tar --zstd -xf ${quoted(held.archive)} -C ${quoted(into)}`),
      },
      {
        name: 'restic',
        missing: held.noRestic,
        run: () => shell(`restic restore -q latest -r ${held.repository} --target ${quoted(into)}`, held.environment),
      },
    ];
  },
  bars: [
    { of: 'larder', against: 'tar --zstd -x', bar: 1, moonshot: 0.7 },
    { of: 'larder', against: 'restic', bar: 1 },
  ],
};

export const restoreOne: Row = {
  id: 'restore-one',
  title: 'Restore one file, running engine',
  dataSet: 'store',
  async contenders({ root, work }) {
    const held = await hold(root);
    const folder = readdirSync(root, { withFileTypes: true }).find(
      (entry) => entry.isDirectory() && /log/.test(entry.name),
    );
    const file = folder === undefined ? '' : `${folder.name}/${readdirSync(join(root, folder.name))[0] ?? ''}`;
    const into = join(work, 'out');
    const engine = new RestoreEngine();
    return [
      {
        name: 'larder',
        missing: file === '' ? 'the data set has no logs' : undefined,
        run: () => engine.restore({ manifest: held.manifest, into, paths: [file] }),
        async close() {
          await engine.close();
          rmSync(held.folder, { recursive: true, force: true });
        },
      },
      {
        name: 'tar --zstd -x',
        missing: missing('tar', 'zstd'),
        run: () =>
          shell(`mkdir ${quoted(into)} && tar --zstd -xf ${quoted(held.archive)} -C ${quoted(into)} ${quoted(file)}`),
      },
      {
        name: 'restic',
        missing: held.noRestic,
        run: () =>
          shell(
            `restic restore -q latest -r ${held.repository} --target ${quoted(into)} --include ${quoted(`/${file}`)}`,
            held.environment,
          ),
      },
    ];
  },
  bars: [{ of: 'larder', against: 'restic', bar: 0.5 }],
};
