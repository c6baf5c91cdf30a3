import type { ArchiveFormat } from '../../shared/contract/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { Task } from '../pool/index.ts';
import type { ArchiveOut } from './archive-out.ts';
import type { Collector } from './collector.ts';

/** Units of work of a backup. Their tasks run ahead in the pool; their results are taken in order. */

export interface UnitContext {
  readonly fs: FileSystem;
  readonly root: string;
  readonly format: ArchiveFormat;
  readonly out: ArchiveOut;
  readonly collector: Collector;
  /** What older archives hold and need not be stored again, see `HeldContent`. */
  readonly held: SharedArrayBuffer | undefined;
  /** Memory of pieces that were dealt with, to be used again. */
  readonly spare: SharedArrayBuffer[];
  run<I, O>(task: Task<I, O>, input: I, transfer?: readonly ArrayBuffer[]): Promise<O>;
}

export interface Unit {
  /** Results started and not taken yet. */
  readonly ahead: number;
  /** Starts one more task, if there is one to start. */
  startNext(): boolean;
  /** Takes the next result. True when the unit is done. */
  takeNext(): Promise<boolean>;
}

/** What a rejected promise does when nobody looks at it: nothing. The run fails through the one that is looked at. */
export function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
