import type { BigIntStats } from 'node:fs';
import { isSystemError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { TaskContext } from '../pool/index.ts';
import { cacheTagName, cacheTagSignature, isCacheTag } from './selection.ts';

/** Looking into directories that are, or may be, left out of a backup. Paths are absolute. */

export interface Figures {
  files: number;
  bytes: number;
}

/** Whether a directory holds a real `CACHEDIR.TAG`: a regular file that begins with the signature. */
export function isTagged(fs: FileSystem, directory: string): boolean {
  const path = `${directory}/${cacheTagName}`;
  try {
    if (!fs.lstat(path).isFile()) return false;
    const fd = fs.open(path, 'r');
    try {
      const content = new Uint8Array(cacheTagSignature.length);
      return fs.read(fd, content, 0, content.length, 0) === content.length && isCacheTag(content);
    } finally {
      fs.close(fd);
    }
  } catch (error) {
    // A tag that cannot be read marks nothing: the directory stays in, and the writer tells of the tag itself.
    if (isSystemError(error)) return false;
    throw error;
  }
}

/**
 * What an excluded directory holds on `device`. What cannot be read adds nothing: the figures say what is saved at least.
 */
export function measure(context: TaskContext, directory: string, device: bigint): Figures {
  const figures = { files: 0, bytes: 0 };
  addUp(context, directory, device, figures);
  return figures;
}

function addUp(context: TaskContext, directory: string, device: bigint, into: Figures): void {
  const { fs } = context;
  const names = attempt(() => fs.readDirectory(directory))?.map((entry) => entry.name) ?? [];
  for (const name of names) {
    context.throwIfCancelled();
    const path = `${directory}/${name}`;
    const stats = attempt<BigIntStats>(() => fs.lstat(path));
    if (stats === undefined || stats.dev !== device) continue;
    if (stats.isDirectory()) addUp(context, path, device, into);
    else {
      into.files += 1;
      if (stats.isFile()) into.bytes += Number(stats.size);
    }
  }
}

function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}
