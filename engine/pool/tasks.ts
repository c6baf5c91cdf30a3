import { ageTasks } from '../age/tasks.ts';
import { archiveTasks } from '../archive/tasks.ts';
import { backupTasks } from '../backup/tasks.ts';
import { captureTasks } from '../capture/tasks.ts';
import { composeTasks } from '../compose/tasks.ts';
import { discoverTasks } from '../discover/tasks.ts';
import { exportTasks } from '../export/tasks.ts';
import { healthTasks } from '../health/tasks.ts';
import { layoutsTasks } from '../layouts/tasks.ts';
import { restoreTasks } from '../restore/tasks.ts';
import { rotationTasks } from '../rotation/tasks.ts';
import { sampleTasks } from '../sample/tasks.ts';
import { setupTasks } from '../setup/tasks.ts';
import { storageTestTasks } from '../storage-test/tasks.ts';
import { systemTasks } from '../system/tasks.ts';
import { scanTasks } from '../scan/tasks.ts';
import { usageTasks } from '../usage/tasks.ts';
import type { Task } from './task.ts';

/** Every task a pool worker can run. A capability adds its own here. */
export const allTasks: readonly Task<never, unknown>[] = [
  ...ageTasks,
  ...archiveTasks,
  ...backupTasks,
  ...captureTasks,
  ...composeTasks,
  ...exportTasks,
  ...layoutsTasks,
  ...restoreTasks,
  ...rotationTasks,
  ...scanTasks,
  ...usageTasks,
  ...systemTasks,
  ...sampleTasks,
  ...storageTestTasks,
  ...setupTasks,
  ...healthTasks,
  ...discoverTasks,
];
