import type { Skipped } from '../../shared/contract/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { TaskContext } from '../pool/index.ts';

/** How a copy of a live store's file came out. */
export type CaptureResult =
  | {
      readonly t: 'made';
      /** Size of the copy. */
      readonly size: number;
      /** When the newest of what is in it was written. */
      readonly mtimeNs: bigint;
      /** `id` of the {@link LiveState} that the copy is of; undefined where something was written meanwhile. */
      readonly state: bigint | undefined;
    }
  /** Nobody writes to it, or it is nothing of this kind: its file says everything. */
  | { readonly t: 'plain' }
  /** No copy that is sure to be whole; the file is taken as it lies, and the reason is told. */
  | { readonly t: 'failed'; readonly reason: string };

/** What a live store is like at a moment, by its files' sizes, times and inodes alone. */
export interface LiveState {
  /** Equal ids: the same content, unless it was written to at `touchedNs` or later. Below zero. */
  readonly id: bigint;
  /** When it was written to last, ns since the epoch. */
  readonly touchedNs: bigint;
}

/**
 * One kind of live store, whose files are not read as they lie but copied through the program they belong to.
 *
 * The walk through a store finds what may need it from names alone; then, before anything is read, each is copied to a
 * file that stands for it in the backup. A dump of a server's data (Redis, PostgreSQL) is found and made likewise.
 */
export interface CaptureStep {
  readonly name: string;
  /** Among the names of one folder: those that may need it, each with the names beside it that its copy makes needless. */
  find(names: readonly string[]): ReadonlyMap<string, readonly string[]>;
  /** Whether a file of this name is looked into when it was written to just now: reading each would take long. */
  suspects(name: string): boolean;
  /** Whether one that was looked into is of this kind, by its first bytes (`headBytes` of them). */
  recognises(head: Uint8Array): boolean;
  /** Undefined where its files do not tell. Throws as the system does. */
  state(path: string, fs: FileSystem): LiveState | undefined;
  /**
   * Copies `path` into the new file `into` (both absolute), changing nothing at and beside `path`. Throws `NO_SPACE` when
   * the copy does not fit and `CANCELLED`.
   */
  capture(path: string, into: string, context: TaskContext): Promise<CaptureResult>;
}

/** Something the walk found. Paths are relative to the store's root. */
export interface Candidate {
  /** Name of its {@link CaptureStep}. */
  readonly step: string;
  readonly path: string;
  readonly size: number;
  /** Files that are in the backup as well unless a copy makes them needless. */
  readonly beside: readonly { readonly path: string; readonly bytes: number }[];
}

/** A copy that stands for a file of the store. */
export interface Captured {
  readonly candidate: Candidate;
  /** Absolute path. */
  readonly file: string;
  readonly size: number;
  /** When the newest of what is in it was written; undefined where the copy is only supposed. */
  readonly mtimeNs: bigint | undefined;
  /** See {@link CaptureResult}. */
  readonly state: bigint | undefined;
}

export interface CaptureOutcome {
  /** By relative path. */
  readonly captured: ReadonlyMap<string, Captured>;
  readonly skipped: readonly Skipped[];
}
