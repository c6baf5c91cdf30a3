import type { Row } from '../row.ts';
import { smallChange, unchanged } from './again.ts';
import { askTree, askWide } from './ask.ts';
import { count } from './count.ts';
import { fullBackupGz, fullBackupZst } from './full-backup.ts';
import { restoreAll, restoreOne } from './restore.ts';
import { deepVerify, quickVerify } from './verify.ts';
import { changeShown, watchIdle, watchReady } from './watch.ts';

/** All rows, in the order of the table. A new one is a file of its own and a line here. */
export const rows: readonly Row[] = [
  fullBackupZst,
  fullBackupGz,
  unchanged,
  smallChange,
  quickVerify,
  deepVerify,
  restoreAll,
  restoreOne,
  count,
  watchReady,
  changeShown,
  watchIdle,
  askTree,
  askWide,
];
