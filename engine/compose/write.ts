import { dirname, join } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { isSystemError, toLarderError, writeFileDurable } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { digestOf, readSmall } from './files.ts';

export interface Change {
  readonly file: string;
  /** SHA-256 of what must stand there now. */
  readonly digest: string;
  readonly text: string;
}

/** One file of a kept change: where its old content lies, and what it was made into. */
interface Kept {
  readonly file: string;
  readonly copy: string;
  readonly after: string;
}

const journal = 'files.json';
/** Changes that can be undone. */
const keptChanges = 100;

function unchanged(fs: FileSystem, file: string, digest: string): Buffer {
  const bytes = readSmall(fs, file);
  if (digestOf(bytes) === digest) return bytes;
  throw new LarderError('CHANGED_ON_DISK', `${displayName(file)} has changed since.`, { hint: 'Check again.' });
}

/** Replaces a file through its links, keeping its permissions and owner. */
function replace(fs: FileSystem, file: string, bytes: Uint8Array): void {
  try {
    const real = fs.realPath(file);
    const { mode, uid, gid } = fs.stat(real);
    writeFileDurable(fs, real, bytes, Number(mode) & 0o7777, { uid: Number(uid), gid: Number(gid) });
  } catch (error) {
    throw toLarderError(error, file);
  }
}

/**
 * Changes files, all or none: every one is compared first, their old content is kept in `folder` before anything is
 * written, and what was written is put back when a later one fails. Throws `CHANGED_ON_DISK` when one has changed.
 */
export function applyChanges(
  fs: FileSystem,
  changes: readonly Change[],
  folder: string,
): { file: string; copy: string }[] {
  const before = changes.map(({ file, digest }) => unchanged(fs, file, digest));
  fs.makeDirectory(folder, { recursive: true, mode: 0o700 });
  forgetOld(fs, dirname(folder));
  const kept: Kept[] = changes.map(({ file, text }, index) => ({
    file,
    copy: join(folder, `${index}`),
    after: digestOf(Buffer.from(text)),
  }));
  for (const [index, { copy }] of kept.entries()) writeFileDurable(fs, copy, before[index] ?? Buffer.alloc(0));
  writeFileDurable(fs, join(folder, journal), Buffer.from(JSON.stringify(kept)));
  const written: number[] = [];
  try {
    for (const [index, { file, text, digest }] of changes.entries()) {
      unchanged(fs, file, digest);
      replace(fs, file, Buffer.from(text));
      written.push(index);
    }
  } catch (error) {
    for (const index of written) {
      const { file } = kept[index] ?? { file: '' };
      replace(fs, file, before[index] ?? Buffer.alloc(0));
    }
    removeKept(fs, folder, kept);
    throw error;
  }
  return kept.map(({ file, copy }) => ({ file, copy }));
}

/** Puts back what a change replaced. Throws `NOT_FOUND` when it is not kept (any more), `CHANGED_ON_DISK` as above. */
export function undoChanges(fs: FileSystem, folder: string): string[] {
  let kept: readonly Kept[];
  try {
    kept = JSON.parse(fs.readFile(join(folder, journal)).toString()) as readonly Kept[];
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR')) throw toLarderError(error, folder);
    throw new LarderError('NOT_FOUND', 'There is no such change to be undone.', { hint: 'Each is undone once.' });
  }
  // Where a crash ended the change half-way, some files are as they were.
  const changed = kept.filter(({ file, copy, after }) => {
    const before = digestOf(fs.readFile(copy));
    if (digestOf(readSmall(fs, file)) === before) return false;
    unchanged(fs, file, after);
    return true;
  });
  for (const { file, copy } of changed) replace(fs, file, fs.readFile(copy));
  removeKept(fs, folder, kept);
  return changed.map(({ file }) => file);
}

/** Removes the oldest changes beyond those kept. What cannot be removed stays until the next time. */
function forgetOld(fs: FileSystem, all: string): void {
  const folders = fs.readDirectory(all).map(({ name }) => join(all, name));
  const byAge = folders.map((path) => ({ path, at: fs.lstat(path).mtimeNs })).sort((a, b) => (a.at < b.at ? -1 : 1));
  for (const { path } of byAge.slice(0, Math.max(0, byAge.length - keptChanges))) {
    try {
      for (const { name } of fs.readDirectory(path)) fs.unlink(join(path, name));
      fs.removeDirectory(path);
    } catch (error) {
      if (!isSystemError(error)) throw error;
    }
  }
}

function removeKept(fs: FileSystem, folder: string, kept: readonly Kept[]): void {
  for (const path of [join(folder, journal), ...kept.map(({ copy }) => copy)]) {
    try {
      fs.unlink(path);
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw error;
    }
  }
  fs.removeDirectory(folder);
}
