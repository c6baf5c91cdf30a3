import { LarderError } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { FileSystem } from '../fs/index.ts';
import type { ProcessIdentity } from '../process/index.ts';
import type { Metadata } from './metadata.ts';
import { undoFolder } from './paths.ts';

/**
 * The journal of a restore, and the order in which a restore writes.
 *
 * In the target's root lies `.larder-undo/` with, for each restore:
 *
 * - `<id>.ndjson`  the journal: what will be done, and how each thing was before
 * - `<id>.new/`    what is to be put in place, complete and checked, under numbers
 * - `<id>/`        what was there before, under its own paths; this is what Undo puts back
 *
 * 1. `restore` line, fsync. From here a crash is noticed. Nothing of the tree has changed.
 * 2. Everything new is made in `<id>.new/` and made durable; replaced files get a second name (a hard link) in `<id>/`.
 * 3. A line for each change (`place`, `take`, `meta`, `folder`) and each thing inside a new folder (`made`), then
 *    `begin`, fsync. Until `begin` is durable, going back means removing `<id>.new/` and `<id>/`.
 * 4. The changes, each one a rename. How far they came is seen on the disk itself, by inode: so they need no line and
 *    no fsync each, and going back can be repeated from any point.
 * 5. All folders concerned are made durable, then `commit`, fsync. Only now is the restore done; a crash before goes back.
 * 6. `<id>.new/` goes. When nothing was replaced, the journal moves to Larder's home and `.larder-undo/` goes as well.
 *
 * Undo writes `leave` lines for what changed since, then `undo`, fsync; goes back as a crash would; then `undone`. A crash
 * after `undo` is finished at the next start.
 *
 * A line is one JSON object. A last line that is not whole was never acted upon and is ignored.
 */
export interface RestoreLine {
  readonly t: 'restore';
  readonly version: 1;
  readonly id: string;
  readonly backup: string;
  readonly store?: string;
  readonly target: string;
  readonly atMs: number;
  readonly owner: JournalOwner;
  /** Folders that did not exist and were made, outermost first; the last is the target. */
  readonly madeFolders: readonly string[];
  /** The target's own metadata before anything; null when it was made. */
  readonly root: Metadata | null;
  /** Whether owners and modes are put back. */
  readonly owners: boolean;
  readonly modes: boolean;
}

export interface JournalOwner extends ProcessIdentity {
  /** Tells one engine from an earlier one in the same process. */
  readonly instance: string;
}

/** What is moved to `<id>/`. */
export interface Old {
  readonly type: 'file' | 'dir' | 'symlink' | 'other';
  readonly inode: string;
  readonly size: number;
  readonly mtimeNs: string;
  /** `linked`: it has its second name already and is replaced in one step; `moved`: it is renamed there first. */
  readonly how: 'linked' | 'moved';
  /** Files, links and folders, itself and in it. */
  readonly entries: number;
}

/** What belongs to a database that is replaced, and goes to `<id>/` right before it and comes back right after it. */
export interface OldBeside {
  readonly path: string;
  readonly old: Old;
}

/** Something that stands in place of nothing or of `old`. */
export interface PlaceLine {
  readonly t: 'place';
  readonly path: string;
  /** Name in `<id>.new/`. */
  readonly stage: string;
  readonly type: 'file' | 'dir' | 'symlink';
  readonly inode: string;
  readonly size: number;
  readonly after: Metadata;
  readonly old?: Old;
  readonly beside?: readonly OldBeside[];
}

/** Something taken away. */
export interface TakeLine {
  readonly t: 'take';
  readonly path: string;
  readonly old: Old;
}

/** Metadata of a file or link changed in place. */
export interface MetaLine {
  readonly t: 'meta';
  readonly path: string;
  readonly inode: string;
  readonly size: number;
  readonly ctimeNs: string;
  readonly before: Metadata;
  readonly after: Metadata;
}

/** A folder in which something changes; `after` when its own metadata is to be set. */
export interface FolderLine {
  readonly t: 'folder';
  readonly path: string;
  readonly inode: string;
  readonly before: Metadata;
  readonly after?: Metadata;
  /** Whether the plan counts it as a change of metadata. */
  readonly counted: boolean;
}

/** Something inside a new folder. */
export interface MadeLine {
  readonly t: 'made';
  readonly path: string;
  readonly type: 'file' | 'dir' | 'symlink';
  readonly inode: string;
  readonly size: number;
  readonly after: Metadata;
}

export interface Counts {
  readonly created: number;
  readonly overwritten: number;
  readonly metadata: number;
  readonly deleted: number;
  readonly bytes: number;
}

export interface CommitLine extends Counts {
  readonly t: 'commit';
  readonly atMs: number;
  readonly status: 'done' | 'partial';
  /** Whether anything was replaced or removed, and so lies in `<id>/`. */
  readonly replaced: boolean;
}

export type OperationLine = PlaceLine | TakeLine | MetaLine;

export type JournalLine =
  | RestoreLine
  | OperationLine
  | FolderLine
  | MadeLine
  | CommitLine
  | { readonly t: 'begin' }
  /** A change that was left out while the changes were made. */
  | { readonly t: 'skip'; readonly path: string }
  /** Something that Undo leaves as it is. */
  | { readonly t: 'leave'; readonly path: string }
  | { readonly t: 'undo'; readonly owner: JournalOwner }
  | { readonly t: 'undone'; readonly left: number };

/** `staging`: the tree is untouched; `changing`: between `begin` and `commit`. */
export type JournalState = 'staging' | 'changing' | 'committed' | 'undoing' | 'undone';

export interface Journal {
  readonly header: RestoreLine;
  readonly state: JournalState;
  readonly operations: OperationLine[];
  readonly folders: FolderLine[];
  readonly made: MadeLine[];
  readonly skipped: ReadonlySet<string>;
  readonly leave: ReadonlySet<string>;
  readonly commit: CommitLine | undefined;
  /** Who works on it, or did last. */
  readonly owner: JournalOwner;
}

/** Where the parts of a restore lie. */
export interface UndoPaths {
  readonly folder: string;
  readonly journal: string;
  readonly staging: string;
  readonly old: string;
}

export function undoPaths(target: string, id: string): UndoPaths {
  const folder = `${target.replace(/\/$/, '')}/${undoFolder}`;
  return { folder, journal: `${folder}/${id}.ndjson`, staging: `${folder}/${id}.new`, old: `${folder}/${id}` };
}

export const journalName = /^(r-[0-9a-z-]+)\.ndjson$/;

const flushBytes = 256 * 1024;

/** Appends lines to a journal; what was written is durable after `sync`. */
export class JournalWriter {
  private readonly fs: FileSystem;
  private readonly fd: number;
  private pending: string[] = [];
  private pendingLength = 0;

  private constructor(fs: FileSystem, fd: number) {
    this.fs = fs;
    this.fd = fd;
  }

  static create(fs: FileSystem, path: string): JournalWriter {
    return new JournalWriter(fs, fs.open(path, 'wx', 0o600));
  }

  /** Opens a finished journal to add to it; what a crash left of a last line is cut off. */
  static reopen(fs: FileSystem, path: string): JournalWriter {
    let size = 0;
    let whole = 0;
    for (const bytes of stretchesOf(fs, path)) {
      const end = bytes.lastIndexOf(0x0a) + 1;
      if (end > 0) whole = size + end;
      size += bytes.length;
    }
    const fd = fs.open(path, 'r+');
    try {
      if (whole < size) fs.truncate(fd, whole);
    } finally {
      fs.close(fd);
    }
    return new JournalWriter(fs, fs.open(path, 'a'));
  }

  add(line: JournalLine): void {
    const text = `${JSON.stringify(line)}\n`;
    this.pending.push(text);
    this.pendingLength += text.length;
    if (this.pendingLength >= flushBytes) this.flush();
  }

  flush(): void {
    if (this.pending.length === 0) return;
    const bytes = Buffer.from(this.pending.join(''));
    this.pending = [];
    this.pendingLength = 0;
    this.fs.write(this.fd, bytes);
  }

  sync(): void {
    this.flush();
    this.fs.fsync(this.fd);
  }

  close(): void {
    this.fs.close(this.fd);
  }
}

const readBytes = 256 * 1024;

/** A journal's bytes a stretch at a time, as it may be long; each is only there until the next is asked for. */
export function* stretchesOf(fs: FileSystem, path: string): Generator<Buffer> {
  const fd = fs.open(path, 'r');
  try {
    const bytes = Buffer.alloc(readBytes);
    for (let position = 0; ;) {
      const got = fs.read(fd, bytes, 0, bytes.length, position);
      if (got === 0) return;
      position += got;
      yield bytes.subarray(0, got);
    }
  } finally {
    fs.close(fd);
  }
}

/** Calls `take` for each whole line of a journal. */
export function readJournalLines(fs: FileSystem, path: string, take: (line: JournalLine) => void): void {
  let begun: Buffer[] = [];
  for (const bytes of stretchesOf(fs, path)) {
    let start = 0;
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
      const rest = bytes.subarray(start, end);
      const line = begun.length === 0 ? rest : Buffer.concat([...begun, rest]);
      begun = [];
      take(parseLine(line.toString('utf8'), path));
      start = end + 1;
    }
    if (start < bytes.length) begun.push(Buffer.from(bytes.subarray(start)));
  }
}

function parseLine(text: string, path: string): JournalLine {
  try {
    const line: unknown = JSON.parse(text);
    if (typeof line === 'object' && line !== null && 't' in line) return line as JournalLine;
  } catch {
    // Reported below, with the journal's name.
  }
  throw damaged(path);
}

function damaged(path: string): LarderError {
  return new LarderError('CORRUPT', `The restore journal ${displayName(path)} is damaged.`, {
    hint: 'Replaced files lie in the folder of the same name beside it.',
  });
}

/** The journal in memory. Undefined when not even its first line was written. Throws `CORRUPT` when it is damaged. */
export function readJournal(fs: FileSystem, path: string): Journal | undefined {
  let header: RestoreLine | undefined;
  let state: JournalState = 'staging';
  let commit: CommitLine | undefined;
  let owner: JournalOwner | undefined;
  const operations: OperationLine[] = [];
  const folders: FolderLine[] = [];
  const made: MadeLine[] = [];
  const skipped = new Set<string>();
  const leave = new Set<string>();
  readJournalLines(fs, path, (line) => {
    switch (line.t) {
      case 'restore':
        header = line;
        owner = line.owner;
        return;
      case 'place':
      case 'take':
      case 'meta':
        operations.push(line);
        return;
      case 'folder':
        folders.push(line);
        return;
      case 'made':
        made.push(line);
        return;
      case 'begin':
        state = 'changing';
        return;
      case 'skip':
        skipped.add(line.path);
        return;
      case 'commit':
        state = 'committed';
        commit = line;
        return;
      case 'leave':
        leave.add(line.path);
        return;
      case 'undo':
        state = 'undoing';
        owner = line.owner;
        return;
      case 'undone':
        state = 'undone';
        return;
    }
  });
  if (header === undefined || owner === undefined) return undefined;
  return { header, state, operations, folders, made, skipped, leave, commit, owner };
}

const endBytes = 64 * 1024;

/** What a journal is about and where it stands, mostly without reading the whole. */
export type JournalSummary = Pick<Journal, 'header' | 'state' | 'commit' | 'owner'>;

/** Undefined when not even the first line was written. Throws `CORRUPT` when the journal is damaged. */
export function peekJournal(fs: FileSystem, path: string): JournalSummary | undefined {
  const fd = fs.open(path, 'r');
  try {
    const size = Number(fs.fstat(fd).size);
    const length = Math.min(size, endBytes);
    const ends = [0, size - length].map((position) => {
      const bytes = Buffer.alloc(length);
      fs.read(fd, bytes, 0, length, position);
      return bytes.toString('utf8');
    });
    const [head = '', tail = ''] = ends;
    const firstEnd = head.indexOf('\n');
    if (firstEnd < 0 && size <= endBytes) return undefined;
    const header = parseLine(head.slice(0, firstEnd), path);
    if (header.t !== 'restore') throw damaged(path);
    const lines = tail.split('\n').slice(0, -1);
    for (const text of lines.slice(size > endBytes ? 1 : 0).reverse()) {
      const line = parseLine(text, path);
      if (line.t === 'commit') return { header, state: 'committed', commit: line, owner: header.owner };
      if (line.t === 'begin') return { header, state: 'changing', commit: undefined, owner: header.owner };
      if (line.t === 'undo' || line.t === 'undone' || line.t === 'leave') break;
    }
  } finally {
    fs.close(fd);
  }
  return readJournal(fs, path);
}
