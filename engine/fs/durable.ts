import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { FileSystem } from './port.ts';

/**
 * Writes a file so that after a crash it is either as it was before or wholly the new content: temporary file, fsync,
 * rename, fsync of the directory. On any failure the temporary file is removed and the old content stands. `ENOSPC` is
 * not retried. `data` may come in parts, each written before the next is asked for. With an `owner` the new file gets
 * exactly that owner and mode, or the old one stands.
 */
export function writeFileDurable(
  fs: FileSystem,
  path: string,
  data: Uint8Array | Iterable<Uint8Array>,
  mode = 0o600,
  owner?: { readonly uid: number; readonly gid: number },
): void {
  const directory = dirname(path);
  const temporary = join(directory, `.larder-${randomBytes(6).toString('hex')}.tmp`);
  try {
    const fd = fs.open(temporary, 'wx', mode);
    try {
      for (const part of data instanceof Uint8Array ? [data] : data) fs.write(fd, part);
      if (owner !== undefined) {
        // In this order: a change of owner takes special bits away.
        const { uid, gid } = fs.fstat(fd);
        if (Number(uid) !== owner.uid || Number(gid) !== owner.gid) fs.lchown(temporary, owner.uid, owner.gid);
        fs.fchmod(fd, mode);
      }
      fs.fsync(fd);
    } finally {
      fs.close(fd);
    }
    fs.rename(temporary, path);
  } catch (error) {
    try {
      fs.unlink(temporary);
    } catch {
      // It was never made, or the same fault keeps it; the first error is the one to report.
    }
    throw error;
  }
  fs.fsyncDirectory(directory);
}
