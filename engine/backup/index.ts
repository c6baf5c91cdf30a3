export type { BackupCatalog, DestinationLock, LockOptions } from './types.ts';
