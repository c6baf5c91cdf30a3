import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LarderError } from '../../shared/contract/index.ts';
import type { Skipped } from '../../shared/contract/index.ts';
import { comparePaths } from '../../shared/path-text.ts';
import { fsPath, isSystemError, reasonOf, toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { dayMs } from './days.ts';
import { createRandom } from './random.ts';
import { removeCreated } from './remove.ts';
import type { Created } from './remove.ts';
import { checkTarget } from './target.ts';
import { planTree } from './tree.ts';
import type { SampleEntry } from './tree.ts';

export interface SampleProgress {
  readonly filesDone: number;
  readonly filesTotal: number;
  readonly bytesDone: number;
  /** Relative to the store. */
  readonly current: string;
}

export interface SampleOptions {
  /** What the sample's dates count back from, in ms since the epoch. */
  readonly now: number;
  /** The same seed and `now` give the same bytes. */
  readonly seed: number;
  /** Throws when the caller gave up; asked before each file. */
  throwIfCancelled?(): void;
  onProgress?(progress: SampleProgress): void;
}

export interface WrittenSample {
  /** Real path of the store's root. */
  readonly root: string;
  /** Files in the store and their length; the compose file beside it is not counted. */
  readonly files: number;
  readonly bytes: number;
  readonly created: Created;
  /** What was left as it was. */
  readonly warnings: readonly Skipped[];
}

const folderMode = 0o755;
const fileMode = 0o644;
/** SQLite's result code for a full disk. */
const sqliteFull = 13;

/**
 * Writes the sample into `path`, which is new or empty, and a compose file beside it unless there is one. Nothing that
 * exists is written to. When it fails or is cancelled, exactly what it made is removed again.
 * Throws `INVALID_INPUT`, `NO_SPACE`, `PERMISSION`, `CANCELLED`.
 */
export function writeSample(fs: FileSystem, path: string, options: SampleOptions): WrittenSample {
  const { root, missing } = checkTarget(fs, path);
  const created = { files: [] as string[], folders: [] as string[] };
  const writer = new Writer(fs, created);
  try {
    for (const folder of missing) writer.makeFolder(folder);
    return writeInto(writer, root, missing.length > 0, options);
  } catch (error) {
    throw afterRemoving(fs, created, toLarderError(sqliteError(error, writer.current), writer.current));
  }
}

function sqliteError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !('errcode' in error) || error.errcode !== sqliteFull) return error;
  const full = Object.assign(new Error(error.message, { cause: error }), { code: 'ENOSPC' });
  return toLarderError(full, path);
}

function afterRemoving(fs: FileSystem, created: Created, error: LarderError): LarderError {
  const left = removeCreated(fs, created);
  const [first] = left;
  if (first === undefined) return error;
  return new LarderError(error.code, error.message, {
    hint: `Remove what could not be removed: ${left.length === 1 ? first.path : `${left.length} paths such as ${first.path}`}.`,
    details: { ...error.details, left },
    cause: error,
  });
}

function writeInto(writer: Writer, root: string, rootIsNew: boolean, options: SampleOptions): WrittenSample {
  const tree = planTree(options.seed, options.now);
  /** Newest modification in each folder, by path relative to the root. */
  const newest = new Map<string, number>(tree.emptyFolders.map(({ path, mtimeMs }) => [path, mtimeMs]));
  const inside = [...tree.entries, ...tree.emptyFolders];
  for (const { path, mtimeMs } of inside) {
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
      newest.set(folder, Math.max(newest.get(folder) ?? 0, mtimeMs));
    }
  }
  const folders = [...newest.keys()].sort(comparePaths);
  for (const folder of folders) writer.makeFolder(join(root, folder));

  let bytes = 0;
  tree.entries.forEach((entry, index) => {
    options.throwIfCancelled?.();
    options.onProgress?.({ filesDone: index, filesTotal: tree.entries.length, bytesDone: bytes, current: entry.path });
    bytes += writer.write(join(root, entry.path), entry, options.seed);
  });
  options.throwIfCancelled?.();
  const warnings = writeCompose(writer, root, tree.compose(basename(root)), options.now);
  // Last and innermost first: making something in a folder changes the folder's own time.
  for (const folder of folders.toReversed()) writer.setTime(join(root, folder), newest.get(folder) ?? options.now);
  if (rootIsNew) writer.setTime(root, Math.max(...newest.values()));
  return { root, files: tree.entries.length, bytes, created: writer.created, warnings };
}

function writeCompose(writer: Writer, root: string, text: string, now: number): Skipped[] {
  const path = join(dirname(root), 'docker-compose.yml');
  try {
    writer.writeFile(path, Buffer.from(text, 'utf8'));
  } catch (error) {
    // The person's folder, and the sample is whole without it.
    if (!isSystemError(error, 'EEXIST', 'EACCES', 'EPERM', 'EROFS')) throw error;
    return [{ path, reason: `It ${reasonOf(error)}, so the sample's own was not written.` }];
  }
  writer.setTime(path, now - 58 * dayMs);
  return [];
}

/** Makes files and folders and remembers which. */
class Writer {
  private readonly fs: FileSystem;
  readonly created: { readonly files: string[]; readonly folders: string[] };
  /** What was being worked on, to be named when it fails. */
  current = '';

  constructor(fs: FileSystem, created: Writer['created']) {
    this.fs = fs;
    this.created = created;
  }

  makeFolder(path: string): void {
    this.current = path;
    this.fs.makeDirectory(path, { mode: folderMode });
    this.created.folders.push(path);
    // The mode given above is subject to the umask.
    this.fs.chmod(path, folderMode);
  }

  /** Refuses with `EEXIST` what is there already. */
  writeFile(path: string, data: Uint8Array): void {
    this.current = path;
    const fd = this.fs.open(path, 'wx', fileMode);
    try {
      this.created.files.push(path);
      this.fs.write(fd, data);
      this.fs.fchmod(fd, fileMode);
    } finally {
      this.fs.close(fd);
    }
  }

  /** Writes an entry and returns its length in bytes. */
  write(path: string, entry: SampleEntry, seed: number): number {
    const random = createRandom(seed, entry.path);
    let bytes: number;
    if (entry.kind === 'file') {
      const content = entry.content(random);
      const data = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
      this.writeFile(path, data);
      bytes = data.length;
    } else {
      // SQLite takes an empty file for a new database; making it here keeps it off anything that exists.
      this.writeFile(path, new Uint8Array());
      fillDatabase(path, (database) => entry.fill(database, random));
      bytes = Number(this.fs.lstat(path).size);
    }
    this.setTime(path, entry.mtimeMs);
    return bytes;
  }

  setTime(path: string, mtimeMs: number): void {
    this.current = path;
    this.fs.lutimes(path, mtimeMs / 1000, mtimeMs / 1000);
  }
}

function fillDatabase(path: string, fill: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(fsPath(path));
  try {
    // No journal file beside it: a database that was not finished is removed as a whole.
    database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN');
    fill(database);
    database.exec('COMMIT');
  } finally {
    database.close();
  }
}
