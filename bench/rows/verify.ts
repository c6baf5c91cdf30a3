import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { benchFolder } from '../data-set.ts';
import { missing, quoted, shell } from '../command.ts';
import { inEngine } from '../engine-process.ts';
import type { Bar, Row } from '../row.ts';

/** A backup read and checked. The backups are made once, before the runs. */
function verify(id: string, title: string, mode: 'quick' | 'deep', bars: readonly Bar[]): Row {
  return {
    id,
    title,
    dataSet: 'store',
    async contenders({ root }) {
      const held = mkdtempSync(join(benchFolder(), 'verify-'));
      const destination = join(held, 'larder');
      const repository = quoted(join(held, 'restic'));
      const environment = { RESTIC_PASSWORD: 'bench', RESTIC_CACHE_DIR: join(held, 'restic-cache') };
      const noRestic = missing('restic');
      await inEngine({ act: 'backup', root, destination, format: 'zst', full: true });
      if (noRestic === undefined) {
        await shell(
          `restic init -q -r ${repository} && restic backup -q -r ${repository} ${quoted(root)}`,
          environment,
        );
      }
      return [
        {
          name: 'larder',
          run: () => inEngine({ act: 'verify', destination, mode }),
          close: async () => rmSync(held, { recursive: true, force: true }),
        },
        {
          name: 'restic check --read-data',
          missing: noRestic,
          run: () => shell(`restic check -q --read-data -r ${repository}`, environment),
        },
      ];
    },
    bars,
    limits: [{ of: 'larder', what: 'memoryMb', bar: 350, moonshot: 200 }],
  };
}

export const quickVerify = verify('verify-quick', 'Quick verify', 'quick', []);
export const deepVerify = verify('verify', 'Deep verify', 'deep', [
  { of: 'larder', against: 'restic check --read-data', bar: 0.8, moonshot: 0.4 },
]);
