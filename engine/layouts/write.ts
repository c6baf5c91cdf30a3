import { isUtf8 } from 'node:buffer';
import type { BigIntStats } from 'node:fs';
import { LarderError } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { isSystemError, toLarderError, writeFileDurable } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';

/** A text file as it is; undefined when it is not there. */
export interface TextFile {
  readonly text: string;
  readonly stats: BigIntStats;
}

/** Reads a file to change it. Refuses a link, whose target may be anybody's, and what is not text. */
export function readForEdit(fs: FileSystem, path: string): TextFile | undefined {
  let content: Buffer;
  let stats: BigIntStats;
  try {
    stats = fs.lstat(path);
    if (stats.isSymbolicLink()) {
      throw new LarderError('UNSUPPORTED', `${displayName(path)} is a link, so it is not changed from here.`, {
        hint: 'Change the file it leads to in an editor.',
      });
    }
    content = fs.readFile(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw toLarderError(error, path);
  }
  if (!isUtf8(content)) {
    throw new LarderError('UNSUPPORTED', `${displayName(path)} is not UTF-8 text.`, {
      hint: 'Save it as UTF-8 in an editor.',
    });
  }
  return { text: content.toString('utf8'), stats };
}

/** Writes a text durably; a file that was there keeps its permission and, as far as this user may, its owner. */
export function writeText(fs: FileSystem, path: string, text: string, before: BigIntStats | undefined): void {
  const write = (owner?: { uid: bigint; gid: bigint }): void => {
    const mode = before === undefined ? 0o644 : Number(before.mode & 0o7777n);
    const exactly = owner === undefined ? undefined : { uid: Number(owner.uid), gid: Number(owner.gid) };
    writeFileDurable(fs, path, Buffer.from(text), mode, exactly);
  };
  try {
    try {
      write(before);
    } catch (error) {
      // Another's file in a folder this user may write to: only root gives files away.
      if (before === undefined || !isSystemError(error, 'EPERM')) throw error;
      write();
    }
  } catch (error) {
    throw toLarderError(error, path);
  }
}
