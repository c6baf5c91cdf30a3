import { createHash } from 'node:crypto';
import { displayName } from '../../shared/path-text.ts';
import { comparePaths } from '../../shared/path-text.ts';
import type { FileSystem } from '../fs/index.ts';

/** What a tree holds, by names, types, sizes and times; contents are not read. */
export interface TreeFacts {
  readonly files: number;
  readonly folders: number;
  /** Apparent size of the files, each inode once. */
  readonly bytes: number;
  /** Blocks of the files on the disk. */
  readonly allocated: number;
  /** Changes when anything in the tree is added, removed, written to or renamed. */
  readonly digest: string;
  /** Why the tree cannot be copied as it is. */
  readonly refusal: string | undefined;
}

const blockBytes = 512n;

/**
 * Looks at everything below a folder, or at some entries of it. Links are not followed. Times count to the microsecond,
 * which is how exactly they can be set.
 */
export function treeFacts(fs: FileSystem, root: string, check: () => void, only?: readonly string[]): TreeFacts {
  const hash = createHash('sha256');
  const seen = new Set<string>();
  const { dev } = fs.lstat(root);
  let [files, folders, bytes, allocated] = [0, 0, 0n, 0n];
  let refusal: string | undefined;
  const visit = (relative: string): void => {
    check();
    const path = `${root}/${relative}`;
    const stats = fs.lstat(path);
    const line = (...parts: (string | bigint)[]): void => {
      hash.update(JSON.stringify([relative, ...parts.map(String)]));
    };
    if (stats.isDirectory()) {
      folders += 1;
      if (stats.dev !== dev) refusal ??= `another file system is mounted at ${displayName(relative)}`;
      line('dir', stats.mode & 0o7777n);
      for (const name of fs.readNames(path).sort(comparePaths)) visit(`${relative}/${name}`);
    } else if (stats.isFile()) {
      files += 1;
      const inode = `${stats.dev}:${stats.ino}`;
      if (stats.nlink === 1n || !seen.has(inode)) {
        if (stats.nlink > 1n) seen.add(inode);
        bytes += stats.size;
        allocated += stats.blocks * blockBytes;
      }
      line('file', stats.mode & 0o7777n, stats.size, stats.mtimeNs / 1000n);
    } else if (stats.isSymbolicLink()) {
      files += 1;
      line('link', fs.readLink(path));
    } else {
      refusal ??= `${displayName(relative)} is neither a file nor a folder, which means that a program is using it`;
      line('other');
    }
  };
  for (const name of [...(only ?? fs.readNames(root))].sort(comparePaths)) visit(name);
  return {
    files,
    folders,
    bytes: Number(bytes),
    allocated: Number(allocated),
    digest: hash.digest('hex'),
    refusal,
  };
}
