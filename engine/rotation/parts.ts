import type { AgeRecipients, FileKeys } from '../age/index.ts';
import type { Output, Store } from '../../shared/contract/index.ts';
import type { BackupCatalog } from '../backup/index.ts';
import type { EngineContext } from '../context.ts';

/** What removing backups needs of the capability that makes and finds them. */
export interface RotationParts {
  readonly context: EngineContext;
  readonly catalog: Pick<BackupCatalog, 'lockDestination' | 'resolve'> & {
    list(scope: { store?: string | undefined; destination?: string | undefined }): Promise<Output<'backups.list'>>;
    readonly keys: {
      /** Keys of those of the files that are encrypted, or why there is none. */
      of(paths: readonly string[], signal?: AbortSignal): Promise<FileKeys | undefined>;
      /** Keys of the manifests in a destination, and of the archives there that lost theirs. */
      inFolder(directory: string, signal?: AbortSignal): Promise<FileKeys | undefined>;
      /** Takes note of files just written. */
      remember(keys: Readonly<Record<string, Uint8Array>>): void;
    };
  };
  /**
   * Whom encrypted files of a store are for by its present rules; undefined unless the backups at these manifests are for
   * the same. Throws as reading the rules' files does.
   */
  recipientsLike(store: Store, manifests: readonly string[], signal: AbortSignal): Promise<AgeRecipients | undefined>;
  /** Throws `CORRUPT` when it cannot be read which backups of a destination are pinned. */
  assertPinsKnown(directory: string): void;
  /** After backups were removed in a folder, or their manifests written anew. Never throws for what went wrong. */
  afterRemoval(store: Store, directory: string): Promise<void>;
}
