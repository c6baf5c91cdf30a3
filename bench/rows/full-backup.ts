import { join } from 'node:path';
import { peer, quoted, shell } from '../command.ts';
import { inEngine } from '../engine-process.ts';
import type { Contender, Ground, Row } from '../row.ts';

/** A first backup of everything. Larder also syncs to disk and takes every digest; the tars do not. */

const larder = (format: 'zst' | 'gz', { root, work }: Ground): Contender => ({
  name: `larder ${format}`,
  run: () => inEngine({ act: 'backup', root, destination: join(work, 'larder'), format, full: true }),
});

function resticBackup({ root, work }: Ground): Contender {
  const repository = quoted(join(work, 'restic'));
  const environment = { RESTIC_PASSWORD: 'bench', RESTIC_CACHE_DIR: join(work, 'restic-cache') };
  return peer('restic', ['restic'], async () => {
    await shell(`restic init -q -r ${repository}`, environment);
    return shell(`restic backup -q -r ${repository} ${quoted(root)}`, environment);
  });
}

function borgCreate({ root, work }: Ground): Contender {
  const repository = quoted(join(work, 'borg'));
  const environment = { BORG_BASE_DIR: join(work, 'borg-base'), BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: 'yes' };
  return peer('borg, zstd 1', ['borg'], async () => {
    await shell(`borg init -e none ${repository}`, environment);
    return shell(`borg create -C zstd,1 ${repository}::one ${quoted(root)}`, environment);
  });
}

export const fullBackupZst: Row = {
  id: 'full-zst',
  title: 'Full backup, zst',
  dataSet: 'store',
  contenders(ground) {
    const from = `-C ${quoted(ground.root)} .`;
    const to = (name: string): string => quoted(join(ground.work, name));
    return [
      larder('zst', ground),
      peer('tar, zstd -1 -T0', ['tar', 'zstd'], () => shell(`tar cf - ${from} | zstd -1 -T0 -q -o ${to('t.tar.zst')}`)),
      peer('tar cf', ['tar'], () => shell(`tar cf ${to('t.tar')} ${from}`)),
      resticBackup(ground),
      borgCreate(ground),
    ];
  },
  bars: [
    { of: 'larder zst', against: 'tar, zstd -1 -T0', bar: 0.9 },
    { of: 'larder zst', against: 'tar cf', bar: 1.2, moonshot: 1.2 },
    { of: 'larder zst', against: 'restic', bar: 1 },
  ],
  limits: [{ of: 'larder zst', what: 'memoryMb', bar: 350, moonshot: 200 }],
};

export const fullBackupGz: Row = {
  id: 'full-gz',
  title: 'Full backup, gz',
  dataSet: 'store',
  contenders(ground) {
    const from = `-C ${quoted(ground.root)} .`;
    const to = quoted(join(ground.work, 't.tar.gz'));
    return [
      larder('gz', ground),
      peer('tar czf', ['tar', 'gzip'], () => shell(`tar czf ${to} ${from}`)),
      peer('tar, pigz', ['tar', 'pigz'], () => shell(`tar cf - ${from} | pigz > ${to}`)),
    ];
  },
  bars: [{ of: 'larder gz', against: 'tar czf', bar: 0.25, moonshot: 0.1 }],
};
