import type { BigIntStats } from 'node:fs';
import { LarderError } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { FileSystem } from '../fs/index.ts';
import { defineTask } from '../pool/index.ts';
import type { TaskContext } from '../pool/index.ts';
import { usedSince } from './beside.ts';
import { syncIfThere, unlinkIfThere } from './commit-task.ts';
import { readJournal } from './journal.ts';
import type { FolderLine, Journal, MadeLine, MetaLine, Old, PlaceLine, TakeLine } from './journal.ts';
import { lstatOrNothing, typeOf } from './live.ts';
import { setMetadata } from './metadata.ts';
import type { Metadata } from './metadata.ts';
import { below, parentOf } from './paths.ts';
import { holdFolder, withRealPath } from './real-path.ts';
import { sameTime } from './times.ts';

export interface GoBackInput {
  readonly journal: string;
  /** Where what was replaced lies. */
  readonly old: string;
  /** Only tell what would be done. */
  readonly dry: boolean;
}

export interface GoBackReply {
  /** Files, links and folders put back as they were. */
  readonly putBack: number;
  /** Those the restore had made, taken away. */
  readonly removed: number;
  /** Changed by somebody since, and left alone. */
  readonly left: readonly string[];
}

/**
 * Takes back the changes a journal lists: after a crash, a failure, or for Undo. What has been done is seen on the disk,
 * so it does not matter how far the changes, or an earlier attempt to go back, had come.
 *
 * Whatever is no longer as the restore left it belongs to somebody else now: it stays, and so does what it replaced.
 */
export const goBackTask = defineTask({
  name: 'restore.goBack',
  run(input: GoBackInput, context: TaskContext): GoBackReply {
    const journal = readJournal(context.fs, input.journal);
    if (journal === undefined) {
      throw new LarderError('CORRUPT', `The restore journal ${displayName(input.journal)} is empty.`);
    }
    const held = holdFolder(context.fs, input.old);
    try {
      return new GoBack(context.fs, journal, { ...input, old: held.path }).run();
    } finally {
      held.close();
    }
  },
});

/** Where a change stands. */
type Standing = 'made' | 'not made' | 'foreign';

class GoBack {
  private readonly fs: FileSystem;
  private readonly journal: Journal;
  private readonly target: string;
  private readonly oldRoot: string;
  private readonly dry: boolean;
  private readonly insideOf: Map<string, MadeLine[]>;
  private readonly touched = new Set<string>();
  private readonly left: string[] = [];
  private putBack = 0;
  private removed = 0;

  constructor(fs: FileSystem, journal: Journal, input: GoBackInput) {
    this.fs = fs;
    this.journal = journal;
    this.target = journal.header.target;
    this.oldRoot = input.old;
    this.dry = input.dry;
    this.insideOf = groupInside(journal);
  }

  run(): GoBackReply {
    const { journal } = this;
    if (journal.state === 'staging' || journal.state === 'undone') return { putBack: 0, removed: 0, left: [] };
    for (const line of journal.folders) this.openFolder(line.path, line.inode);
    for (const line of journal.operations.toReversed()) {
      if (journal.skipped.has(line.path)) continue;
      withRealPath(this.fs, this.target, line.path, (at) => {
        if (at === undefined || journal.leave.has(line.path)) {
          if (this.standsOld(line)) this.left.push(line.path);
        } else if (line.t === 'place') this.unplace(line, at);
        else if (line.t === 'take') this.untake(line, at);
        else this.unchange(line, at);
      });
      this.touched.add(below(this.target, parentOf(line.path)));
    }
    const folders = journal.folders.toSorted((a, b) => b.path.length - a.path.length);
    for (const line of folders) this.restoreFolder(line);
    if (!this.dry) for (const folder of this.touched) syncIfThere(this.fs, folder);
    return { putBack: this.putBack, removed: this.removed, left: this.left };
  }

  /** Whether there is anything of this change that could be taken back at all. */
  private standsOld(line: PlaceLine | TakeLine | MetaLine): boolean {
    return this.journal.leave.has(line.path) || line.t !== 'place' || line.old !== undefined;
  }

  private act(change: () => void): void {
    if (!this.dry) change();
  }

  private unplace(line: PlaceLine, path: string): void {
    const now = lstatOrNothing(this.fs, path);
    const aside = this.aside(line.path, line.old);
    switch (this.standingOf(line, now, aside, path)) {
      case 'not made':
        // Its second name, if it had one already, is not needed.
        if (aside !== undefined) this.act(() => this.fs.unlink(below(this.oldRoot, line.path)));
        this.putBesidesBack(line, path);
        return;
      case 'foreign':
        this.left.push(line.path);
        return;
      case 'made':
        break;
    }
    if (line.type === 'dir' && now !== undefined) {
      if (!this.removeTree(line)) return;
    } else if (now !== undefined && (line.old === undefined || line.old.type === 'dir')) {
      this.act(() => this.fs.unlink(path));
    }
    if (line.old === undefined) {
      if (now !== undefined && line.type !== 'dir') this.removed += 1;
      this.putBesidesBack(line, path);
      return;
    }
    this.act(() => this.fs.rename(below(this.oldRoot, line.path), path));
    this.putBack += line.old.entries;
    this.putBesidesBack(line, path);
  }

  /** What went aside with a database comes back once that is in its place again. */
  private putBesidesBack(line: PlaceLine, path: string): void {
    for (const beside of line.beside ?? []) {
      if (this.aside(beside.path, beside.old) === undefined) continue;
      const at = path + beside.path.slice(line.path.length);
      if (lstatOrNothing(this.fs, at) !== undefined) {
        this.left.push(beside.path);
        continue;
      }
      this.act(() => this.fs.rename(below(this.oldRoot, beside.path), at));
      this.putBack += 1;
    }
  }

  private standingOf(
    line: PlaceLine,
    now: BigIntStats | undefined,
    aside: BigIntStats | undefined,
    path: string,
  ): Standing {
    if (line.old === undefined) {
      if (now === undefined) return 'not made';
      return this.isAsLeft(now, line, path) ? 'made' : 'foreign';
    }
    if (now !== undefined && String(now.ino) === line.old.inode && typeOf(now) === line.old.type) return 'not made';
    if (aside === undefined) return 'foreign';
    return now === undefined || this.isAsLeft(now, line, path) ? 'made' : 'foreign';
  }

  private isAsLeft(now: BigIntStats, line: PlaceLine, path: string): boolean {
    // What is beside it now cannot be what went aside, as that lies in the restore's folder.
    const { type, size } = line;
    return isAsLeft(now, line) && !usedSince(this.fs, path, { type, path: line.path, size }, this.journal.header.atMs);
  }

  private untake(line: TakeLine, path: string): void {
    if (this.aside(line.path, line.old) === undefined) {
      if (lstatOrNothing(this.fs, path) === undefined) this.left.push(line.path);
      return;
    }
    if (lstatOrNothing(this.fs, path) !== undefined) {
      this.left.push(line.path);
      return;
    }
    this.act(() => this.fs.rename(below(this.oldRoot, line.path), path));
    this.putBack += line.old.entries;
  }

  private unchange(line: MetaLine, path: string): void {
    const now = lstatOrNothing(this.fs, path);
    const known =
      now !== undefined &&
      String(now.ino) === line.inode &&
      Number(now.size) === line.size &&
      isOneOf(now, line.before, line.after);
    if (!known) {
      this.left.push(line.path);
      return;
    }
    this.act(() => setMetadata(this.fs, path, now, line.before, this.journal.header));
    this.putBack += 1;
  }

  /** A folder whose mode shuts its owner out is opened, so that what is in it can be dealt with. */
  private openFolder(path: string, inode: string): void {
    if (this.dry) return;
    withRealPath(this.fs, this.target, path, (at) => {
      const now = at === undefined ? undefined : lstatOrNothing(this.fs, at);
      if (at === undefined || now?.isDirectory() !== true || String(now.ino) !== inode) return;
      if ((Number(now.mode) & 0o700) !== 0o700) this.fs.chmod(at, (Number(now.mode) & 0o7777) | 0o700);
    });
  }

  /** What was replaced, where it is kept; undefined when it is not there. */
  private aside(path: string, old: Old | undefined): BigIntStats | undefined {
    if (old === undefined) return undefined;
    const stat = lstatOrNothing(this.fs, below(this.oldRoot, path));
    return stat !== undefined && String(stat.ino) === old.inode ? stat : undefined;
  }

  /** Removes a new folder with everything the restore made in it. False when something in it is somebody else's. */
  private removeTree(top: PlaceLine): boolean {
    const lines: (PlaceLine | MadeLine)[] = [top, ...(this.insideOf.get(top.path) ?? [])];
    const ours = new Set(lines.map((line) => line.path));
    for (const line of lines) if (line.type === 'dir') this.openFolder(line.path, line.inode);
    const staying = new Set<string>();
    for (const line of lines.toReversed()) {
      const stays = withRealPath(this.fs, this.target, line.path, (at) =>
        at === undefined ? false : this.removeMade(line, at, ours, staying.has(line.path)),
      );
      if (stays) staying.add(parentOf(line.path));
    }
    return !staying.has(parentOf(top.path)) || top.path === '';
  }

  /** Removes one thing made inside a new folder; true when it stays. */
  private removeMade(line: PlaceLine | MadeLine, at: string, ours: ReadonlySet<string>, holds: boolean): boolean {
    const now = lstatOrNothing(this.fs, at);
    if (now === undefined) return false;
    if (!isAsLeft(now, line)) {
      this.left.push(line.path);
      return true;
    }
    if (line.type === 'dir') {
      const foreign = this.fs
        .readDirectory(at)
        .map(({ name }) => `${line.path}/${name}`)
        .filter((child) => !ours.has(child));
      this.left.push(...foreign);
      if (foreign.length > 0 || holds) return true;
      this.act(() => this.fs.removeDirectory(at));
    } else this.act(() => this.fs.unlink(at));
    // A folder that stands in place of something else makes room for it, and is counted there.
    if (line.t === 'made' || line.old === undefined) this.removed += 1;
    return false;
  }

  private restoreFolder(line: FolderLine): void {
    withRealPath(this.fs, this.target, line.path, (at) => {
      const now = at === undefined ? undefined : lstatOrNothing(this.fs, at);
      if (at === undefined || now?.isDirectory() !== true || String(now.ino) !== line.inode) return;
      this.touched.add(below(this.target, line.path));
      this.act(() => setMetadata(this.fs, at, now, line.before, this.journal.header));
      if (line.counted) this.putBack += 1;
    });
  }
}

/** Whether it is still what the restore put there. Folders are told by identity: what is in them is looked at by itself. */
function isAsLeft(now: BigIntStats, line: PlaceLine | MadeLine): boolean {
  if (typeOf(now) !== line.type || String(now.ino) !== line.inode) return false;
  if (line.type === 'dir') return true;
  if (String(now.mtimeNs) !== line.after.mtimeNs) return false;
  return line.type === 'symlink' || (Number(now.size) === line.size && (Number(now.mode) & 0o7777) === line.after.mode);
}

/** Each field as it was before or after: a crash may lie between the calls that set them. */
function isOneOf(now: BigIntStats, before: Metadata, after: Metadata): boolean {
  const mode = Number(now.mode) & 0o7777;
  return (
    (now.isSymbolicLink() || mode === before.mode || mode === after.mode) &&
    (sameTime(BigInt(before.mtimeNs), now.mtimeNs) || sameTime(BigInt(after.mtimeNs), now.mtimeNs))
  );
}

/** What was made inside each new folder, in the order it was made. */
function groupInside(journal: Journal): Map<string, MadeLine[]> {
  const tops = new Map<string, MadeLine[]>();
  for (const line of journal.operations) if (line.t === 'place' && line.type === 'dir') tops.set(line.path, []);
  for (const line of journal.made) {
    let above = parentOf(line.path);
    while (above !== '' && !tops.has(above)) above = parentOf(above);
    tops.get(above)?.push(line);
  }
  return tops;
}

export interface RemoveTreeInput {
  readonly path: string;
}

/** Removes one of Larder's own folders with everything in it, never following a link. Gone already is fine. */
export const removeTreeTask = defineTask({
  name: 'restore.removeTree',
  run({ path }: RemoveTreeInput, { fs }: TaskContext): void {
    removeTree(fs, path);
  },
});

function removeTree(fs: FileSystem, path: string): void {
  const stat = lstatOrNothing(fs, path);
  if (stat === undefined) return;
  if (!stat.isDirectory()) {
    unlinkIfThere(fs, path);
    return;
  }
  // A folder that was kept read-only would keep what is in it.
  if ((Number(stat.mode) & 0o700) !== 0o700) fs.chmod(path, 0o700);
  for (const { name } of fs.readDirectory(path)) removeTree(fs, `${path}/${name}`);
  fs.removeDirectory(path);
}
