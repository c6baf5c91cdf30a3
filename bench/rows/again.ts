import { closeSync, copyFileSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { benchFolder } from '../data-set.ts';
import { missing, peer, quoted, shell } from '../command.ts';
import { inEngine } from '../engine-process.ts';
import type { Contender, Row } from '../row.ts';

/** A further backup on top of one that is there. Each contender has its own, made before the runs. */
async function onTop(root: string, before: () => void): Promise<readonly Contender[]> {
  const held = mkdtempSync(join(benchFolder(), 'again-'));
  const destination = join(held, 'larder');
  await inEngine({ act: 'backup', root, destination, format: 'zst', full: true });

  const restic = `restic -q -r ${quoted(join(held, 'restic'))}`;
  const resticNeeds = { RESTIC_PASSWORD: 'bench', RESTIC_CACHE_DIR: join(held, 'restic-cache') };
  if (missing('restic') === undefined) {
    await shell(`${restic} init && ${restic} backup ${quoted(root)}`, resticNeeds);
  }
  const borg = quoted(join(held, 'borg'));
  const borgNeeds = { BORG_BASE_DIR: join(held, 'borg-base'), BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: 'yes' };
  const create = `borg create -C zstd,1 ${borg}::{utcnow} ${quoted(root)}`;
  if (missing('borg') === undefined) await shell(`borg init -e none ${borg} && ${create}`, borgNeeds);

  const after = (contender: Contender): Contender => ({
    ...contender,
    run() {
      before();
      return contender.run();
    },
  });
  return [
    after({
      name: 'larder',
      run: () => inEngine({ act: 'backup', root, destination, format: 'zst', full: false }),
      close: async () => rmSync(held, { recursive: true, force: true }),
    }),
    after(peer('restic', ['restic'], () => shell(`${restic} backup ${quoted(root)}`, resticNeeds))),
    after(peer('borg', ['borg'], () => shell(create, borgNeeds))),
  ];
}

export const unchanged: Row = {
  id: 'unchanged',
  title: 'Back up again, nothing changed',
  dataSet: 'store',
  contenders: ({ root }) => onTop(root, () => undefined),
  bars: [{ of: 'larder', against: 'restic', bar: 0.6, moonshot: 0.25 }],
  limits: [{ of: 'larder', what: 'memoryMb', bar: 350, moonshot: 200 }],
};

const changedBytes = 64 * 1024;

export const smallChange: Row = {
  id: 'small-change',
  title: 'Back up again, 64 KiB changed in 1 GiB',
  dataSet: 'pages',
  async contenders({ root }) {
    const folder = mkdtempSync(join(benchFolder(), 'pages-'));
    const store = join(folder, 'store');
    mkdirSync(store);
    const file = join(store, 'pages.db');
    copyFileSync(join(root, 'pages.db'), file);
    let page = 1_000;
    const contenders = await onTop(store, () => {
      page = (page * 7 + 13) % 200_000;
      const fd = openSync(file, 'r+');
      writeSync(fd, randomBytes(changedBytes), 0, changedBytes, page * 4096);
      closeSync(fd);
    });
    const [first, ...rest] = contenders;
    if (first === undefined) return [];
    const close = async (): Promise<void> => {
      await first.close?.();
      rmSync(folder, { recursive: true, force: true });
    };
    return [{ ...first, close }, ...rest];
  },
  bars: [{ of: 'larder', against: 'restic', bar: 1, moonshot: 0.3 }],
  limits: [
    { of: 'larder', what: 'storedMb', bar: 8.4, moonshot: 1.05 },
    { of: 'larder', what: 'memoryMb', bar: 350, moonshot: 200 },
  ],
};
