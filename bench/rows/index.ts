import type { Row } from '../row.ts';
import { askTree, count, watchTree } from './count.ts';
import { fullBackupGz, fullBackupZst } from './full-backup.ts';
import { restoreAll, restoreOne } from './restore.ts';
import { deepVerify } from './verify.ts';

/** All rows, in the order of the table. A new one is a file of its own and a line here. */
export const rows: readonly Row[] = [
  fullBackupZst,
  fullBackupGz,
  deepVerify,
  restoreAll,
  restoreOne,
  count,
  watchTree,
  askTree,
];
