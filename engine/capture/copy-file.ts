import { constants } from 'node:fs';
import { toLarderError } from '../fs/index.ts';
import type { TaskContext } from '../pool/index.ts';

const stepBytes = 4 * 1024 * 1024;
const readFlags = constants.O_RDONLY | ((constants as Partial<typeof constants>).O_NOFOLLOW ?? 0);

/** Errors of the copy are the run's own, as a {@link LarderError}; those of the original stay the system's. */
function ofCopy<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw toLarderError(error, path);
  }
}

/** Makes a new, empty file that only its owner may read. */
export function createFile({ fs }: TaskContext, path: string): void {
  ofCopy(path, () => fs.close(fs.open(path, 'wx', 0o600)));
}

/** Copies the first `length` bytes of a file, or as many as there are, into a new one that only its owner may read. */
export function copyFile({ fs, throwIfCancelled }: TaskContext, from: string, to: string, length: number): void {
  const source = fs.open(from, readFlags);
  try {
    const target = ofCopy(to, () => fs.open(to, 'wx', 0o600));
    try {
      const buffer = new Uint8Array(Math.min(stepBytes, Math.max(length, 1)));
      for (let at = 0; at < length;) {
        throwIfCancelled();
        const start = at;
        const got = fs.read(source, buffer, 0, Math.min(buffer.length, length - start), start);
        if (got === 0) break;
        ofCopy(to, () => fs.write(target, buffer.subarray(0, got), start));
        at += got;
      }
    } finally {
      fs.close(target);
    }
  } finally {
    fs.close(source);
  }
}
