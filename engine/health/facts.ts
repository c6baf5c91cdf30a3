import type {
  Backup,
  ComposeCheck,
  Disk,
  Forecast,
  Job,
  Live,
  Notice,
  Role,
  Store,
  StoreLayout,
} from '../../shared/contract/index.ts';
import type { Bounded } from './bounded.ts';
import type { EnvFile } from './env-files.ts';
import type { IntegrityFacts } from './integrity/index.ts';
import type { TreeFacts } from './tree-facts.ts';

/** A fact, or why it could not be had. */
export type Known<T> = { readonly value: T } | { readonly unknown: string };

/** What every check may ask, and what is there without looking at anything. */
export interface Base {
  readonly store: Store;
  readonly layout: StoreLayout;
  readonly nowMs: number;
  readonly platform: NodeJS.Platform;
  /** The user the engine runs as; undefined where the platform has no such numbers. */
  readonly me: Me | undefined;
}

export interface Me {
  readonly uid: number;
  /** All groups, the own one first. */
  readonly gids: readonly number[];
}

/** How much is where, by area. */
export interface AreaFigures {
  readonly path: string;
  readonly role: Role;
  /** Nobody said what it is for. */
  readonly guess: boolean;
  readonly bytes: number;
  readonly files: number;
  /** Newest modification, 0 when there is none. */
  readonly newestMs: number;
}

export interface Figures {
  readonly bytes: number;
  readonly files: number;
  readonly newestMs: number;
  readonly areas: readonly AreaFigures[];
  /** Something could not be read: every figure is "at least". */
  readonly atLeast: boolean;
}

export interface AreaState {
  readonly path: string;
  readonly state: 'folder' | 'missing' | 'file' | 'unreadable';
  /** Folders of the layout in it that are not there. */
  readonly missingFolders: readonly string[];
  /** Absent where it is not there. */
  readonly writable?: 'yes' | 'no' | 'read-only' | undefined;
}

export interface DiskFacts {
  /** The one the root lies on first, then those of mounts counted with the store. */
  readonly disks: readonly Disk[];
  readonly forecast: Forecast | undefined;
}

export interface BackupFacts {
  /** Newest first, those that cannot be used among them. */
  readonly backups: readonly Backup[];
  /** What lies in the destinations and is not a whole backup. */
  readonly problems: readonly { readonly path: string; readonly message: string }[];
  /** Ended attempts at a backup, newest first. */
  readonly jobs: readonly Pick<Job, 'status' | 'finishedAtMs' | 'startedAtMs' | 'error' | 'warningCount'>[];
  readonly destination: {
    readonly state: 'folder' | 'missing' | 'unusable';
    /** Of `unusable`. */
    readonly reason?: string | undefined;
    readonly writable: boolean;
    /** Bytes; undefined where it cannot be told. */
    readonly free: number | undefined;
    /** Whether it lies on a disk of the store. */
    readonly sameDisk: boolean | undefined;
  };
}

/** A file of an area whose files do not change, that did. */
export interface ChangedFile {
  readonly path: string;
  readonly from: { readonly bytes: number; readonly mtimeMs: number };
  readonly to: { readonly bytes: number; readonly mtimeMs: number };
}

export interface ImmutableFacts {
  readonly compared: number;
  /** Seen for the first time, and compared from the next run on. */
  readonly noted: number;
  readonly changed: Bounded<ChangedFile>;
}

export interface LarderFacts {
  readonly version: string;
  /** The newest Larder that has made a report here. */
  readonly newestVersion: string | undefined;
  readonly live: Live;
  /** What SQLite's quick check said; `ok` when it is sound. */
  readonly database: string;
  readonly notices: readonly Notice[];
  /** When the last report was made; undefined before the first. */
  readonly lastReportMs: number | undefined;
}

/** Everything checks are made of; each is gathered only when a check that needs it is to be run. */
export interface Facts {
  /** State of the layout's areas: cheap. */
  readonly areas: readonly AreaState[];
  /** How much is where: from the running count of the store where there is one, else from the walk. */
  readonly figures: Figures;
  /** A walk over the whole store. */
  readonly tree: TreeFacts;
  /** Headers of models, databases and archives. */
  readonly integrity: IntegrityFacts;
  readonly immutable: ImmutableFacts;
  readonly disk: DiskFacts;
  readonly backups: BackupFacts;
  readonly env: readonly EnvFile[];
  readonly compose: ComposeCheck;
  readonly larder: LarderFacts;
}
export type FactName = keyof Facts;
export type KnownFacts = { readonly [F in FactName]?: Known<Facts[F]> };
