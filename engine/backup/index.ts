export { createBackups } from './capability.ts';
export type { Backups } from './capability.ts';
export { backupMigrations } from './migrations.ts';
export type { BackupCatalog, DestinationLock, LockOptions } from './types.ts';
