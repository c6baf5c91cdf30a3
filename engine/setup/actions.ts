import type { MoveLeaves } from '../../shared/contract/index.ts';
import type { Owner } from './wanted.ts';

/** One change that setup makes, with how it must be found. Paths are absolute. */
export type Action =
  | { readonly t: 'folder'; readonly path: string; readonly mode: number | undefined }
  | { readonly t: 'mode'; readonly path: string; readonly before: number; readonly after: number }
  /** `before` is not known of what this setup makes itself. */
  | { readonly t: 'owner'; readonly path: string; readonly before: Owner | undefined; readonly after: Owner }
  | {
      readonly t: 'create';
      readonly path: string;
      readonly text: string;
      readonly mode: number;
      /** Beside the store: as root, it gets the owner of the folder it lies in. */
      readonly likeFolder: boolean;
    }
  | { readonly t: 'append'; readonly path: string; readonly before: string; readonly added: string }
  | MoveAction;

export interface MoveAction {
  readonly t: 'move';
  readonly from: string;
  readonly to: string;
  /** Where the old place is renamed to. */
  readonly kept: string;
  readonly leave: MoveLeaves;
  /** What the old place holds, by names, sizes and times. */
  readonly digest: string;
  readonly files: number;
  readonly bytes: number;
  readonly allocated: number;
}
