import type { FileKeys } from '../age/index.ts';
import type { Output } from '../../shared/contract/index.ts';
import type { BackupCatalog } from '../backup/index.ts';
import type { EngineContext } from '../context.ts';

/** What removing backups needs of the capability that makes and finds them. */
export interface RotationParts {
  readonly context: EngineContext;
  readonly catalog: Pick<BackupCatalog, 'lockDestination' | 'resolve'> & {
    list(scope: { store?: string | undefined; destination?: string | undefined }): Promise<Output<'backups.list'>>;
    /** Keys of the encrypted files of a destination. */
    keysIn(directory: string, signal: AbortSignal): Promise<FileKeys | undefined>;
  };
  /** Throws `CORRUPT` when it cannot be read which backups of a destination are pinned. */
  assertPinsKnown(directory: string): void;
}
