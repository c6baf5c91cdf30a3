import type { ArchiveFormat, Skipped, Verification, VerifyProblem } from '../../shared/contract/index.ts';
import type { AgeRecipients, FileKeys } from '../age/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { Pool } from '../pool/index.ts';
import type { Parent } from './parent.ts';

/** Something left out on purpose, by a rule. */
export interface Exclusion {
  readonly path: string;
  readonly reason: string;
  readonly files: number;
  readonly bytes: number;
}

/** First line of a manifest. Times are ms since the epoch unless named otherwise. */
export interface ManifestHeader {
  readonly format: 'larder-backup';
  /** Version of the format the manifest is written in; 2 is written, 1 is read as well. */
  readonly version: 1 | 2;
  readonly id: string;
  readonly store: { readonly id: string; readonly name: string; readonly path: string };
  readonly kind: 'full' | 'incremental';
  readonly archiveFormat: ArchiveFormat;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  /** IANA name, for example `Europe/Berlin`. */
  readonly timeZone: string;
  readonly host: string;
  /** Id of the backup this one was compared with. */
  readonly parent: string | null;
  /** `larder 0.1.0` */
  readonly tool: string;
  readonly note?: string;
  /** Of an encrypted one: whom for, age recipients as they were given. */
  readonly encryptedFor?: 'passphrase' | readonly string[];
  /** What an error left out, or what changed while it was read: makes the backup `partial`. */
  readonly skipped: readonly Skipped[];
  /** What rules left out, sockets and the like included: does not make it partial. */
  readonly excluded: readonly Exclusion[];
}

/** An archive the backup draws on. `file` is its name in the manifest's own folder. */
export interface ArchiveRef {
  readonly file: string;
  readonly format: ArchiveFormat;
  /** Both are null only inside the archive itself, which cannot hold its own digest. */
  readonly size: number | null;
  /** SHA-256 over the SHA-256 (32 bytes each) of its parts in order: frames, manifest frames, footer. Hex. */
  readonly sha256: string | null;
  /** Its file key, hex, where it is encrypted: who can read the manifest need not work it out for each archive. */
  readonly fileKey?: string;
}

/** One independently compressed stretch of an archive. */
export interface FrameRef {
  /** Index into the manifest's archives. */
  readonly archive: number;
  readonly offset: number;
  readonly storedLength: number;
  readonly plainLength: number;
  /** SHA-256, hex: of the stored bytes, or with `plainDigest` of the decompressed ones. */
  readonly sha256: string;
  /** Pieces of large files: equal pieces are known by their digest. */
  readonly plainDigest?: true;
}

/** A stretch of a file's content: `length` bytes at `offset` of frame number `frame` (its plain bytes). */
export interface Piece {
  readonly frame: number;
  readonly offset: number;
  readonly length: number;
}

interface EntryBase {
  /** Relative, `/`-separated path text. The root itself is the entry with path `''`. */
  readonly path: string;
  /** Permission bits, set-id and sticky included (`mode & 0o7777`). */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeNs: bigint;
}

export interface FileEntry extends EntryBase {
  readonly type: 'file';
  readonly size: number;
  /** SHA-256 of the whole content, hex. */
  readonly sha256: string;
  readonly pieces: readonly Piece[];
  /** Path of the entry this one was a hard link to on disk (same device and inode); content is the same. */
  readonly linkTo?: string;
  /** Identity for "unchanged since" decisions. */
  readonly ctimeNs: bigint;
  readonly inode: bigint;
}

export interface DirectoryEntryRecord extends EntryBase {
  readonly type: 'dir';
}

export interface SymlinkEntry extends EntryBase {
  readonly type: 'symlink';
  /** Path text, exactly as on disk. */
  readonly target: string;
}

export type ManifestEntry = FileEntry | DirectoryEntryRecord | SymlinkEntry;

/** A backup opened for reading: its manifest, checked as a whole, with entries streamed. */
export interface BackupReader {
  readonly manifestPath: string;
  /** Of all the manifest says: two readers of one digest read the same. */
  readonly digest: string;
  readonly header: ManifestHeader;
  readonly archives: readonly ArchiveRef[];
  /** Absolute paths, one for each of `archives`. */
  readonly archivePaths: readonly string[];
  /** Of the encrypted files among manifest and archives. */
  readonly keys?: FileKeys;
  readonly frames: readonly FrameRef[];
  readonly counts: {
    readonly files: number;
    readonly dirs: number;
    readonly symlinks: number;
    readonly bytes: number;
    /** Bytes of content in archives other than its own; not told by version 1. */
    readonly reused?: number;
  };
  /** Entries sorted by `comparePaths`; a directory stands before what is in it. Can be called again. */
  entries(): Iterable<ManifestEntry>;
}

/** An entry of the live tree that is to be archived, as the walk saw it. */
export interface SourceEntry {
  readonly path: string;
  readonly type: 'file' | 'dir' | 'symlink';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly size: number;
  readonly device: bigint;
  readonly inode: bigint;
  readonly links: number;
  /** Absolute path of a snapshot that holds the content instead of the file itself; the rest is the file's own. */
  readonly contentFrom?: string;
}

/** Where the content of a file lies in older archives. */
export interface HeldStretch {
  /** Absolute path. */
  readonly archive: string;
  readonly format: ArchiveFormat;
  readonly frame: FrameRef;
  /** The frame's number in the parent's manifest. */
  readonly number: number;
  readonly offset: number;
  readonly length: number;
}

export interface WriteProgress {
  phase: 'reading' | 'committing';
  bytesDone: number;
  filesDone: number;
  current?: string;
}

export interface WriteBackupOptions {
  readonly fs: FileSystem;
  readonly pool: Pool;
  /** Absolute root the entries are relative to. */
  readonly root: string;
  /** Sorted by `comparePaths`, root (`''`) first. */
  readonly entries: Iterable<SourceEntry>;
  /** Destination folder; exists and is locked by the caller. */
  readonly destination: string;
  /** File name without extension; the writer appends `-2`, `-3` … while a file of that name is there. */
  readonly baseName: string;
  readonly format: ArchiveFormat;
  /** Encrypt archive and manifest for these. Secret where it is a passphrase. */
  readonly recipients?: AgeRecipients;
  /** The backup in the same folder whose content need not be stored again; without one the archive is self-contained. */
  readonly parent?: Parent;
  /** All of the header that is known before the run. */
  readonly header: Omit<
    ManifestHeader,
    'format' | 'version' | 'kind' | 'parent' | 'finishedAtMs' | 'skipped' | 'archiveFormat'
  >;
  /**
   * What the walk could not deal with; goes to the header's `skipped` before what the writer itself leaves out. Looked at
   * when the entries have come to their end, so a walk that is still going on may add to it.
   */
  readonly skippedBefore?: readonly Skipped[];
  /** Asked once, when the last byte was read. */
  readonly now: () => number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: WriteProgress) => void;
  readonly onSkip?: (skipped: Skipped) => void;
  /** Called right before the commit point; from then on a cancel has no effect. */
  readonly onCommit?: () => void;
}

export interface WrittenBackup {
  readonly archive: string;
  readonly manifest: string;
  readonly header: ManifestHeader;
  readonly files: number;
  readonly dirs: number;
  readonly bytes: number;
  /** Size of archive and manifest together. */
  readonly storedBytes: number;
  /** Bytes of content that lie in older archives. */
  readonly reusedBytes: number;
  /** Of archive and manifest, when they are encrypted: they can be read without any other key while these are at hand. */
  readonly keys?: Readonly<Record<string, Uint8Array>>;
}

/** Where a sample ended, for the next one to go on. */
export interface SampleState {
  /** Digest of which frames there were, and where. */
  readonly layout: string;
  /** How many frames, in order of archive and offset, samples have covered since one began anew. */
  readonly at: number;
}

export interface VerifyOptions {
  readonly fs: FileSystem;
  readonly pool: Pool;
  readonly reader: BackupReader;
  /** What the modes look at: the contract's `verificationModeSchema`. */
  readonly mode: Verification['mode'];
  /** For `sample`: the share of the stored bytes to check, and where the last sample ended. */
  readonly sample?: { readonly percent: number; readonly after?: SampleState };
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { bytesDone: number; bytesTotal: number; filesDone: number }) => void;
}

export interface VerifyResult {
  readonly ok: boolean;
  readonly checkedBytes: number;
  readonly checkedFiles: number;
  readonly problems: readonly VerifyProblem[];
  /** Of a sample: where the next goes on, and the share covered by now, 0 to 1. */
  readonly sampled?: { readonly next: SampleState; readonly covered: number };
}
