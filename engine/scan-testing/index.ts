import fs from 'node:fs';
import { execFileSync } from 'node:child_process';
import { encodeName, nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { createInlinePool } from '../pool/index.ts';
import { scanStore } from '../scan/index.ts';
import type { UsageTree } from '../scan/index.ts';

/** What tests of counting and watching share. Nothing here is part of the product. */

/**
 * Everything a tree knows, as plain data in path order, to compare two trees. Whether a file is marked as hard-linked is
 * left out: a name that came and went before anyone looked leaves no trace in the folders of the others.
 */
export function dump(tree: UsageTree): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  const paths = [...tree.walk()].sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const { id, path } of paths) {
    const { entries } = tree.children(id, 'name', 1_000_000);
    found[path] = { ...tree.figures(id), entries: entries.map(({ hardLinked: _, ...entry }) => entry) };
  }
  const { oldest, hardLinks, sparse } = tree;
  found['(whole)'] = { oldest, hardLinks, sparse, mounts: tree.mounts() };
  found['(unreadable)'] = tree.unreadable();
  return found;
}

/** A fresh count on this thread; of other mounts, too, when asked. */
export async function freshTree(root: string, fileSystem = nodeFs, crossMounts = false): Promise<UsageTree> {
  const pool = createInlinePool(fileSystem, 1);
  return (await scanStore(root, new Set(), { fs: fileSystem, pool, crossMounts })).tree;
}

/** The real file system, where directories of some names are told as mounts of another device. */
export function withOtherDevice(isMount: (name: string) => boolean): FileSystem {
  return {
    ...nodeFs,
    lstat(path) {
      const stats = nodeFs.lstat(path);
      const names = path.split('/');
      if (!stats.isDirectory()) names.pop();
      if (names.some(isMount)) stats.dev += 1n;
      return stats;
    },
  };
}

/** `du -sx` in bytes: blocks of everything, hard links once, other file systems left out. */
export function duAllocated(root: string): number {
  return Number(execFileSync('du', ['-sx', '--block-size=1', '--', root], { encoding: 'utf8' }).split('\t')[0]);
}

/** Apparent size of regular files by another way than the scanner's: hard links once, other file systems left out. */
export function filesApparent(root: string): { bytes: number; files: number; dirs: number } {
  const seen = new Set<string>();
  const { dev } = fs.lstatSync(root, { bigint: true });
  const sum = { bytes: 0, files: 0, dirs: 0 };
  const visit = (directory: Buffer): void => {
    for (const name of fs.readdirSync(directory, { encoding: 'buffer' })) {
      const path = Buffer.concat([directory, Buffer.from('/'), name]);
      const stats = fs.lstatSync(path, { bigint: true });
      if (stats.isDirectory() && stats.dev === dev) {
        sum.dirs++;
        visit(path);
      }
      if (!stats.isFile()) continue;
      sum.files++;
      const key = `${stats.dev}:${stats.ino}`;
      if (!seen.has(key)) sum.bytes += Number(stats.size);
      seen.add(key);
    }
  };
  visit(encodeName(root));
  return sum;
}

/** Resolves once `condition` holds; tried again every few milliseconds. Rejects with what it last threw after 20 s. */
export async function eventually(condition: () => void | Promise<void>): Promise<void> {
  const end = performance.now() + 20_000;
  for (;;) {
    try {
      await condition();
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** Numbers that follow from a seed, so that a failing storm can be played again (mulberry32). */
export function seededRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/**
 * Does random things to a tree: files written, grown, cut, removed, linked; directories made in depth, renamed, removed,
 * replaced; symlinks; odd names. Returns the directories (relative) in which something happened.
 */
export class Storm {
  readonly #root: string;
  readonly #random: (below: number) => number;
  readonly #writesLinked: boolean;
  #made = 0;

  /**
   * A file with several names is written to only with `writesLinked`: written to under a name that is made and gone again
   * before anyone looked, it changes without a trace where its other names lie, and only the next whole count can tell.
   * Whoever looks after each step may have it.
   */
  constructor(root: string, seed: number, { writesLinked = false } = {}) {
    this.#root = fs.realpathSync(root);
    this.#random = seededRandom(seed);
    this.#writesLinked = writesLinked;
  }

  step(): string[] {
    const directories = this.#list((entry) => entry.isDirectory());
    directories.push('');
    const files = this.#list((entry) => entry.isFile());
    const directory = this.#pick(directories) ?? '';
    const file = this.#pick(files);
    const fresh = `${['n', 'name with space', 'ünï', 'Ω\n', 'x.json'][this.#random(5)] ?? 'n'}${this.#made++}`;
    switch (this.#random(13)) {
      case 0:
      case 1:
      case 2:
        return this.#write(directory, fresh, this.#random(20_000));
      case 3:
        if (file === undefined || this.#isLeftAlone(file)) return [];
        fs.appendFileSync(this.#at(file), Buffer.alloc(this.#random(9_000)));
        return [parent(file)];
      case 4:
        if (file === undefined) return [];
        fs.rmSync(this.#at(file));
        return [parent(file)];
      case 5: {
        if (file === undefined) return [];
        fs.linkSync(this.#at(file), this.#at(join(directory, fresh)));
        return [directory];
      }
      case 6: {
        const deep = join(directory, `${fresh}/a/b/c`);
        fs.mkdirSync(this.#at(deep), { recursive: true });
        return [directory, ...this.#write(deep, 'leaf', 100)];
      }
      case 7: {
        const from = this.#pick(
          directories.filter((path) => path !== '' && !join(directory, '').startsWith(`${path}/`)),
        );
        if (from === undefined || from === directory || directory.startsWith(`${from}/`)) return [];
        fs.renameSync(this.#at(from), this.#at(join(directory, fresh)));
        return [parent(from), directory];
      }
      case 8: {
        if (directory === '' || directories.length < 12) return [];
        fs.rmSync(this.#at(directory), { recursive: true });
        return [parent(directory)];
      }
      case 9: {
        if (directory === '') return [];
        fs.rmSync(this.#at(directory), { recursive: true });
        fs.mkdirSync(this.#at(directory));
        return [parent(directory), directory, ...this.#write(directory, fresh, 10)];
      }
      case 10:
        fs.symlinkSync(['.', '..', 'nowhere'][this.#random(3)] ?? '.', this.#at(join(directory, fresh)));
        return [directory];
      case 11:
        if (file === undefined || this.#isLeftAlone(file)) return [];
        // A hole at its end.
        fs.truncateSync(this.#at(file), 20_000 + this.#random(200_000));
        return [parent(file)];
      default:
        if (file === undefined || this.#isLeftAlone(file)) return [];
        fs.truncateSync(this.#at(file), this.#random(5_000));
        return [parent(file)];
    }
  }

  #isLeftAlone(file: string): boolean {
    return !this.#writesLinked && fs.lstatSync(this.#at(file)).nlink > 1;
  }

  #write(directory: string, name: string, size: number): string[] {
    fs.writeFileSync(this.#at(join(directory, name)), Buffer.alloc(size, 1));
    return [directory];
  }

  #at(path: string): string {
    const full = join(this.#root, path);
    const above = parent(full);
    const real = path !== '' && fs.existsSync(above) ? fs.realpathSync(above) : this.#root;
    if (real !== this.#root && !real.startsWith(`${this.#root}/`)) throw new Error(`${full} leaves its folder.`);
    return full;
  }

  #pick(from: readonly string[]): string | undefined {
    return from[this.#random(from.length)];
  }

  /**
   * Paths below the root, links not followed. `readdir` with `recursive` would follow them, and a storm must never leave
   * its folder.
   */
  #list(wanted: (entry: fs.Dirent) => boolean): string[] {
    const found: string[] = [];
    const visit = (directory: string): void => {
      for (const entry of fs.readdirSync(this.#at(directory), { withFileTypes: true })) {
        const path = join(directory, entry.name);
        if (wanted(entry)) found.push(path);
        if (entry.isDirectory()) visit(path);
      }
    };
    visit('');
    return found.sort();
  }
}

function join(directory: string, name: string): string {
  if (directory === '') return name;
  return name === '' ? directory : `${directory}/${name}`;
}

function parent(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
