import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { benchFolder } from '../data-set.ts';
import { missing, quoted, shell } from '../command.ts';
import { inEngine } from '../engine-process.ts';
import type { Row } from '../row.ts';

/** Every byte of a backup read and checked. The backups are made once, before the runs. */
export const deepVerify: Row = {
  id: 'verify',
  title: 'Deep verify',
  dataSet: 'store',
  async contenders({ root }) {
    const held = mkdtempSync(join(benchFolder(), 'verify-'));
    const repository = quoted(join(held, 'restic'));
    const environment = { RESTIC_PASSWORD: 'bench', RESTIC_CACHE_DIR: join(held, 'restic-cache') };
    const noRestic = missing('restic');
    await inEngine({ act: 'backup', root, destination: held, format: 'zst' });
    if (noRestic === undefined) {
      await shell(`restic init -q -r ${repository} && restic backup -q -r ${repository} ${quoted(root)}`, environment);
    }
    const manifest = readdirSync(held).find((name) => name.includes('.manifest.')) ?? '';
    return [
      {
        name: 'larder',
        run: () => inEngine({ act: 'verify', manifest: join(held, manifest), deep: true }),
        close: async () => rmSync(held, { recursive: true, force: true }),
      },
      {
        name: 'restic check --read-data',
        missing: noRestic,
        run: () => shell(`restic check -q --read-data -r ${repository}`, environment),
      },
    ];
  },
  bars: [{ of: 'larder', against: 'restic check --read-data', bar: 0.8, moonshot: 0.4 }],
};
