import { join } from 'node:path';
import { isSystemError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { Pool } from '../pool/index.ts';
import { unlinkIfThere } from './commit-task.ts';
import { concernsOnePath } from './faults.ts';
import { removeTreeTask } from './go-back-task.ts';
import { journalName, undoPaths } from './journal.ts';
import { keepJournalTask } from './keep-journal-task.ts';
import { lstatOrNothing } from './live.ts';
import { toSeconds } from './times.ts';

/** A journal found on disk. */
export interface FoundJournal {
  readonly id: string;
  readonly path: string;
  /** Set when it lies in the target itself. */
  readonly target: string | undefined;
}

/** Keeps `.larder-undo` folders, and the folder in Larder's home for journals of restores that replaced nothing. */
export class UndoFolders {
  private readonly fs: FileSystem;
  private readonly pool: Pool;
  readonly home: string;

  constructor(fs: FileSystem, pool: Pool, home: string) {
    this.fs = fs;
    this.pool = pool;
    this.home = join(home, 'restores');
  }

  /** Makes a target's undo folder; the target's own times stay. */
  open(target: string): void {
    if (this.isThere(target)) return;
    this.keepingTimes(target, () => this.fs.makeDirectory(undoPaths(target, '').folder, { mode: 0o700 }));
  }

  /** Removes a target's undo folder when nothing is in it any more; the target's own times stay. */
  close(target: string): void {
    const { folder } = undoPaths(target, '');
    if (!this.isThere(target) || this.fs.readDirectory(folder).length > 0) return;
    this.keepingTimes(target, () => {
      try {
        this.fs.removeDirectory(folder);
      } catch (error) {
        // Another Larder has begun something in it just now.
        if (!isSystemError(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) throw error;
      }
    });
  }

  /** Whether the undo folder of a target is a real folder; a link in its place is never followed. */
  isThere(target: string): boolean {
    return lstatOrNothing(this.fs, undoPaths(target, '').folder)?.isDirectory() === true;
  }

  /** Journals of a target. */
  journalsOf(target: string): FoundJournal[] {
    if (!this.isThere(target)) return [];
    return this.listIds(undoPaths(target, '').folder).map((id) => ({
      id,
      path: undoPaths(target, id).journal,
      target,
    }));
  }

  /** Journals of restores that replaced nothing. */
  homeJournals(): FoundJournal[] {
    return this.listIds(this.home).map((id) => ({ id, path: this.homeJournal(id), target: undefined }));
  }

  /** The journal of a restore, wherever it is; undefined when it is gone. */
  find(id: string, target: string): FoundJournal | undefined {
    const inTarget = undoPaths(target, id).journal;
    if (this.isThere(target) && lstatOrNothing(this.fs, inTarget) !== undefined) return { id, path: inTarget, target };
    const atHome = this.homeJournal(id);
    return lstatOrNothing(this.fs, atHome) === undefined ? undefined : { id, path: atHome, target: undefined };
  }

  /** Ends a committed restore: what was staged goes; a journal that keeps nothing in the target moves to Larder's home. */
  async finish(target: string, id: string, replaced: boolean): Promise<void> {
    const paths = undoPaths(target, id);
    await this.pool.run(removeTreeTask, { path: paths.staging });
    if (replaced || lstatOrNothing(this.fs, paths.journal) === undefined) return;
    await this.pool.run(removeTreeTask, { path: paths.old });
    this.fs.makeDirectory(this.home, { recursive: true, mode: 0o700 });
    await this.pool.run(keepJournalTask, { from: paths.journal, to: this.homeJournal(id) });
    unlinkIfThere(this.fs, paths.journal);
    this.close(target);
  }

  /**
   * Forgets a restore: its journal, and what is kept for it. The journal is renamed first, so that after a crash half a
   * folder is never taken for a whole one.
   */
  async discard(target: string, id: string): Promise<void> {
    unlinkIfThere(this.fs, this.homeJournal(id));
    if (!this.isThere(target)) return;
    const paths = undoPaths(target, id);
    const marker = `${paths.folder}/${id}.removing`;
    if (lstatOrNothing(this.fs, paths.journal) !== undefined) this.fs.rename(paths.journal, marker);
    await this.removeMarked(target, id);
  }

  /** Finishes removals that a crash interrupted. */
  async finishRemovals(target: string): Promise<void> {
    if (!this.isThere(target)) return;
    for (const { name } of this.fs.readDirectory(undoPaths(target, '').folder)) {
      const id = /^(r-[0-9a-z-]+)\.removing$/.exec(name)?.[1];
      if (id !== undefined) await this.removeMarked(target, id);
    }
    this.close(target);
  }

  private async removeMarked(target: string, id: string): Promise<void> {
    const paths = undoPaths(target, id);
    await this.pool.run(removeTreeTask, { path: paths.staging });
    await this.pool.run(removeTreeTask, { path: paths.old });
    unlinkIfThere(this.fs, `${paths.folder}/${id}.removing`);
    this.close(target);
  }

  private homeJournal(id: string): string {
    return join(this.home, `${id}.ndjson`);
  }

  private listIds(folder: string): string[] {
    try {
      return this.fs.readDirectory(folder).flatMap(({ name }) => journalName.exec(name)?.[1] ?? []);
    } catch (error) {
      if (concernsOnePath(error)) return [];
      throw error;
    }
  }

  private keepingTimes(target: string, change: () => void): void {
    const before = this.fs.lstat(target);
    change();
    this.fs.lutimes(target, toSeconds(before.atimeNs), toSeconds(before.mtimeNs));
  }
}
