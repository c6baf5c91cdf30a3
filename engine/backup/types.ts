import type { Backup } from '../../shared/contract/index.ts';
import type { BackupReader } from '../archive/index.ts';

/** A destination held for writing: until `release` no other Larder, on any machine, writes to it. */
export interface DestinationLock {
  /** Real path of the destination. */
  readonly directory: string;
  /** Throws `BUSY` when the lock was taken over by another (after a long sleep of this machine, say). */
  assertHeld(): void;
  /** Gives the destination back. Never throws; may be called more than once. */
  release(): void;
}

export interface LockOptions {
  /** What the holder does, for the message others get: "making a backup". */
  readonly purpose: string;
  /** What is done makes room, and so may use the room that the destination keeps for that. */
  readonly makesRoom?: true;
}

/** Finding, opening and holding backups, for the capabilities that work on them. */
export interface BackupCatalog {
  /**
   * The backup that `ref` names: an id, a unique prefix of one, an archive's file name (with or without extension) or
   * absolute path, `latest`, or `latest:STORE`. Looks in the destinations of all stores, or in `destination` only.
   *
   * Throws `NOT_FOUND`, `INVALID_INPUT` listing the candidates when several match, and `CORRUPT` when the name is that
   * of a backup that is not whole. A backup with a `problem` is returned as it is: the caller decides.
   */
  resolve(ref: string, destination?: string): Promise<Backup>;
  /** Opens and checks the backup's manifest. Throws `NOT_FOUND` when it went, `CORRUPT` when it is damaged. */
  open(backup: Backup): Promise<BackupReader>;
  /**
   * Takes the lock of a destination, which must exist, and clears what a crashed holder left in it. Throws `BUSY`
   * naming the holder, `PERMISSION` or `NO_SPACE` when the lock cannot be written. Release it in a `finally`.
   */
  lockDestination(directory: string, options: LockOptions): Promise<DestinationLock>;
}
