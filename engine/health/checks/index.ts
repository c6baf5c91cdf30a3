import type { AnyCheck } from '../check.ts';
import { activityChecks } from './activity.ts';
import { backupChecks } from './backups.ts';
import { diskChecks } from './disk.ts';
import { environmentChecks } from './environment.ts';
import { integrityChecks } from './integrity.ts';
import { composeChecks, larderChecks } from './others.ts';
import { permissionChecks } from './permissions.ts';
import { structureChecks } from './structure.ts';

/** Every check, in the order they are shown. */
export const allChecks: readonly AnyCheck[] = [
  ...structureChecks,
  ...permissionChecks,
  ...diskChecks,
  ...integrityChecks,
  ...backupChecks,
  ...activityChecks,
  ...environmentChecks,
  ...composeChecks,
  ...larderChecks,
];
