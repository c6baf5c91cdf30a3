import type { AreaCleanup, Role } from '../../shared/contract/index.ts';
import type { Bounded } from './bounded.ts';
import type { Figures, Me } from './facts.ts';
import type { Candidate } from './integrity/index.ts';

/** An area as the walk needs it. */
export interface WalkedArea {
  /** May have `*`; `''` is the root. */
  readonly path: string;
  readonly role: Role;
  readonly guess: boolean;
  readonly immutable: boolean;
  readonly cleanup: AreaCleanup;
  /** What its folders and files should have; absent where the layout leaves it to whoever writes there. */
  readonly want?: Wanted | undefined;
  /** A service keeps it as it likes once there is something in it. */
  readonly ofService: boolean;
}

/** Permission and owner a layout asks for. */
export interface Wanted {
  readonly directoryMode?: number | undefined;
  readonly fileMode?: number | undefined;
  readonly scriptMode?: number | undefined;
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
}

export interface TreeInput {
  readonly root: string;
  readonly areas: readonly WalkedArea[];
  /** For what lies in no area. */
  readonly want: Wanted;
  readonly crossMounts: boolean;
  /** Mount points that are not entered, relative. */
  readonly closed: readonly string[];
  /** Folders whose content is not looked at, relative: where Larder writes backups. */
  readonly own: readonly string[];
  readonly me: Me | undefined;
  readonly nowMs: number;
  readonly mostEntries: number;
}

export interface Off {
  readonly path: string;
  readonly kind: 'dir' | 'file';
  readonly from: number;
  readonly want: number;
}

export interface OtherOwner {
  readonly path: string;
  readonly uid: number;
  readonly gid: number;
}

export interface WrongOwner extends OtherOwner {
  readonly want: { readonly uid: number; readonly gid: number };
}

export interface LinkFound {
  readonly path: string;
  readonly target: string;
  readonly role: Role;
}

export interface SeenFile {
  readonly path: string;
  readonly bytes: number;
  readonly mtimeMs: number;
}

/** What lies in areas with a rule of age. */
export interface Overdue {
  readonly path: string;
  readonly files: number;
  readonly overdue: number;
  readonly keepMs: number;
}

/** What one walk over a store found. */
export interface TreeFacts {
  readonly entries: number;
  /** False: there was more than the walk takes, and what it did not find may be there all the same. */
  readonly complete: boolean;
  readonly figures: Figures;
  /** Folders that could not be listed and files this user may not read. */
  readonly unreadable: Bounded<{ readonly path: string; readonly reason: string }>;
  readonly dangling: Bounded<LinkFound>;
  readonly leaving: Bounded<LinkFound>;
  readonly modes: {
    readonly looked: number;
    /** Those that lack bits the layout asks for come first in no particular place; see `lacking`. */
    readonly off: Bounded<Off>;
    /** Folders of areas, and the root, that lack bits. */
    readonly lacking: Bounded<Off>;
  };
  readonly owners: {
    readonly looked: number;
    /** Not the owner the layout names. */
    readonly off: Bounded<WrongOwner>;
    /** Of `off`, those this user owns. */
    readonly mine: number;
    /** Not the owner of the root folder. */
    readonly foreign: Bounded<OtherOwner>;
    readonly rootUid: number;
  };
  readonly worldWritable: Bounded<{ readonly path: string; readonly role: Role }>;
  readonly zeroByte: Bounded<{ readonly path: string; readonly role: Role }>;
  readonly partial: {
    /** Not touched for an hour or more. */
    readonly left: Bounded<SeenFile>;
    readonly leftBytes: number;
    readonly running: number;
  };
  readonly future: Bounded<SeenFile>;
  readonly candidates: Bounded<Candidate>;
  readonly immutable: Bounded<SeenFile>;
  readonly overdue: readonly Overdue[];
  /** Newest file of any role but log, and of role log. */
  readonly newest: { readonly data: SeenFile | undefined; readonly log: SeenFile | undefined };
  readonly logs: { readonly files: number; readonly lastDay: number };
}
