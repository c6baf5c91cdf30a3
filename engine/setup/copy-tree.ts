import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import { comparePaths, displayName } from '../../shared/path-text.ts';
import { isSystemError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { relativeIn } from './real-place.ts';

const stepBytes = 4 * 1024 * 1024;
/** Holes are kept in steps of this size: what file systems give out space by. */
const holeBytes = 64 * 1024;
const readFlags = constants.O_RDONLY | ((constants as Partial<typeof constants>).O_NOFOLLOW ?? 0);
const zeros = Buffer.alloc(holeBytes);

export interface CopyProgress {
  readonly phase: 'Copying' | 'Verifying';
  readonly files: number;
  readonly bytes: number;
  readonly current: string;
}

export interface CopyOptions {
  readonly fs: FileSystem;
  readonly check: () => void;
  readonly progress: (progress: CopyProgress) => void;
}

export interface CopiedTree {
  /** Links that lead elsewhere from their new place. */
  readonly strayLinks: readonly string[];
}

/** Seconds that set a time of nanoseconds to the microsecond, which is how exactly Node's calls take it. */
function seconds(ns: bigint): number {
  return Number(ns / 1000n) / 1e6;
}

/**
 * Copies what is in a folder into another, new one: links as links, names of one file as names of one file, holes as holes,
 * times and permissions, as root owners, too. Then reads every copied file against the digest of what was read. Throws
 * `CORRUPT` when they differ; what is there by then is the caller's to remove.
 */
export function copyTree(from: string, to: string, options: CopyOptions): CopiedTree {
  const copy = new TreeCopy(from, to, options);
  copy.folder('');
  copy.verify();
  return { strayLinks: copy.strayLinks };
}

class TreeCopy {
  readonly strayLinks: string[] = [];
  readonly #from: string;
  readonly #to: string;
  readonly #options: CopyOptions;
  readonly #owners = process.geteuid?.() === 0;
  /** First copy of a file with several names, by device and inode. */
  readonly #first = new Map<string, string>();
  readonly #digests = new Map<string, string>();
  #files = 0;
  #bytes = 0;

  constructor(from: string, to: string, options: CopyOptions) {
    this.#from = from;
    this.#to = to;
    this.#options = options;
  }

  /** Everything in a folder, and at last its own permission and times, which writing into it would change. */
  folder(relative: string): void {
    const { fs, check } = this.#options;
    const source = relative === '' ? this.#from : `${this.#from}/${relative}`;
    const target = relative === '' ? this.#to : `${this.#to}/${relative}`;
    const stats = fs.lstat(source);
    if (relative !== '') fs.makeDirectory(target, { mode: 0o700 });
    for (const name of fs.readNames(source).sort(comparePaths)) {
      check();
      this.#entry(relative === '' ? name : `${relative}/${name}`);
    }
    fs.fsyncDirectory(target);
    if (relative !== '') this.#metadata(target, stats);
  }

  #entry(relative: string): void {
    const { fs, progress } = this.#options;
    const stats = fs.lstat(`${this.#from}/${relative}`);
    if (stats.isDirectory()) {
      this.folder(relative);
      return;
    }
    if (stats.isSymbolicLink()) this.#link(relative, stats);
    else if (stats.isFile()) this.#file(relative, stats);
    else {
      throw new LarderError(
        'UNSUPPORTED',
        `${displayName(`${this.#from}/${relative}`)} is neither a file nor a folder.`,
        {
          hint: 'Stop the program that uses it.',
        },
      );
    }
    this.#files += 1;
    progress({ phase: 'Copying', files: this.#files, bytes: this.#bytes, current: relative });
  }

  #link(relative: string, stats: BigIntStats): void {
    const { fs } = this.#options;
    const path = `${this.#from}/${relative}`;
    const leads = fs.readLink(path);
    fs.symlink(leads, `${this.#to}/${relative}`);
    if (this.#owners) fs.lchown(`${this.#to}/${relative}`, Number(stats.uid), Number(stats.gid));
    if (!isAbsolute(leads) && relativeIn(this.#from, resolve(dirname(path), leads)) === undefined) {
      this.strayLinks.push(relative);
    }
  }

  #file(relative: string, stats: BigIntStats): void {
    const { fs } = this.#options;
    const target = `${this.#to}/${relative}`;
    const inode = `${stats.dev}:${stats.ino}`;
    const first = stats.nlink > 1n ? this.#first.get(inode) : undefined;
    if (first !== undefined) {
      try {
        fs.link(first, target);
        return;
      } catch (error) {
        // A file system without second names gets a second copy.
        if (!isSystemError(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK')) throw error;
      }
    }
    if (stats.nlink > 1n) this.#first.set(inode, target);
    this.#digests.set(relative, this.#content(`${this.#from}/${relative}`, target, stats, relative));
    this.#metadata(target, stats);
  }

  #content(source: string, target: string, stats: BigIntStats, relative: string): string {
    const { fs, check, progress } = this.#options;
    const sparse = stats.blocks * 512n < stats.size;
    const hash = createHash('sha256');
    const from = fs.open(source, readFlags);
    try {
      const to = fs.open(target, 'wx', 0o600);
      try {
        const buffer = Buffer.allocUnsafe(stepBytes);
        let at = 0;
        for (;;) {
          check();
          const got = fs.read(from, buffer, 0, buffer.length, at);
          if (got === 0) break;
          const data = buffer.subarray(0, got);
          hash.update(data);
          if (sparse) this.#writeAround(to, data, at);
          else fs.write(to, data, at);
          at += got;
          this.#bytes += got;
          progress({ phase: 'Copying', files: this.#files, bytes: this.#bytes, current: relative });
        }
        if (sparse) fs.truncate(to, at);
        fs.fsync(to);
      } finally {
        fs.close(to);
      }
    } finally {
      fs.close(from);
    }
    return hash.digest('hex');
  }

  /** Writes what is not nought; where nothing is written, the file has a hole. */
  #writeAround(fd: number, data: Buffer, at: number): void {
    for (let start = 0; start < data.length; start += holeBytes) {
      const piece = data.subarray(start, start + holeBytes);
      if (!piece.equals(zeros.subarray(0, piece.length))) this.#options.fs.write(fd, piece, at + start);
    }
  }

  #metadata(target: string, stats: BigIntStats): void {
    const { fs } = this.#options;
    if (this.#owners) fs.lchown(target, Number(stats.uid), Number(stats.gid));
    if (process.platform !== 'win32') fs.chmod(target, Number(stats.mode) & 0o7777);
    fs.lutimes(target, seconds(stats.atimeNs), seconds(stats.mtimeNs));
  }

  verify(): void {
    const { fs, check, progress } = this.#options;
    const buffer = Buffer.allocUnsafe(stepBytes);
    let [files, bytes] = [0, 0];
    for (const [relative, wanted] of this.#digests) {
      const path = `${this.#to}/${relative}`;
      const hash = createHash('sha256');
      const fd = fs.open(path, readFlags);
      try {
        for (;;) {
          check();
          const got = fs.read(fd, buffer, 0, buffer.length, null);
          if (got === 0) break;
          hash.update(buffer.subarray(0, got));
          bytes += got;
          progress({ phase: 'Verifying', files, bytes, current: relative });
        }
      } finally {
        fs.close(fd);
      }
      if (hash.digest('hex') !== wanted) {
        throw new LarderError('CORRUPT', `The copy of ${displayName(relative)} does not read as it was written.`, {
          hint: 'Nothing was moved. Check the disk of the store.',
        });
      }
      files += 1;
    }
  }
}
