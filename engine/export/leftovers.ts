import { createHash, randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { isSystemError, toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { currentProcess, isRunning, pidNamespace } from '../process/index.ts';
import type { ProcessIdentity } from '../process/index.ts';

/**
 * What an export leaves beside its target when its process is killed, and how it is cleared away.
 *
 * The file being written bears in its name which process writes it: `.larder-export-HOST-BOOT-NAMESPACE-PID-TICKS-…tmp`,
 * the first three as short digests. So another process tells whether that one still lives, and one that cannot tell (of
 * another machine or container, on a shared disk) leaves it alone. A note in Larder's home says in which folder it is, for
 * the next start; the next export into that folder finds it by itself.
 */

const prefix = '.larder-export-';
const namePattern = /^\.larder-export-([0-9a-f]{8})-([0-9a-f]{8})-([0-9a-f]{8})-(\d+)-(\d*)-[0-9a-f]{12}\.tmp$/;
/** After another boot of what seems to be this machine, a file written to this recently may be of one of the same name. */
const otherBootMs = 300_000;

/** What is asked of the machine; replaced in tests. */
export interface ExportMachine {
  identity(): ProcessIdentity & { readonly namespace: string };
  isRunning(identity: ProcessIdentity): boolean | undefined;
  nowMs(): number;
}

export const thisMachine: ExportMachine = {
  identity: () => ({ ...currentProcess(), namespace: pidNamespace() }),
  isRunning,
  nowMs: Date.now,
};

/** A name for the file that this process is about to write. */
export function temporaryName(machine: ExportMachine = thisMachine): string {
  const { host, bootId, namespace, pid, startTicks } = machine.identity();
  const parts = [short(host), short(bootId), short(namespace), pid, startTicks, randomBytes(6).toString('hex')];
  return `${prefix}${parts.join('-')}.tmp`;
}

function short(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

/** Removes what dead processes left in a folder. Throws as the system does where that cannot be. */
export function clearFolder(fs: FileSystem, folder: string, machine: ExportMachine = thisMachine): void {
  let names: string[];
  try {
    names = fs.readDirectory(folder).map(({ name }) => name);
  } catch (error) {
    throw toLarderError(error, folder);
  }
  for (const name of names) if (name.startsWith(prefix)) clearOne(fs, join(folder, name), machine);
}

/** Notes in Larder's home where a file is being written; gives what takes the note away. */
export function noteExport(fs: FileSystem, home: string, file: string): () => void {
  const folder = notesIn(home);
  const note = join(folder, basename(file));
  try {
    fs.makeDirectory(folder, { recursive: true, mode: 0o700 });
    const fd = fs.open(note, 'wx', 0o600);
    try {
      fs.write(fd, Buffer.from(JSON.stringify(file)));
    } finally {
      fs.close(fd);
    }
  } catch (error) {
    throw toLarderError(error, note);
  }
  return () => removeIfThere(fs, note);
}

/** Whether any export is noted: those under way and those that were killed. */
export function hasNotes(fs: FileSystem, home: string): boolean {
  return notes(fs, home).length > 0;
}

/** Removes what dead processes left wherever they noted it. What is out of reach just now stays noted. */
export function clearNoted(fs: FileSystem, home: string, machine: ExportMachine = thisMachine): void {
  for (const name of notes(fs, home)) {
    const note = join(notesIn(home), name);
    try {
      // A live one may not have begun to write.
      if (!isDead(fs, note, machine)) continue;
      const file = pathIn(fs.readFile(note), name);
      if (file === undefined || clearOne(fs, file, machine)) removeIfThere(fs, note);
    } catch (error) {
      // Its disk is not connected, or the folder may not be written to: the next start tries again.
      if (!isSystemError(error)) throw error;
    }
  }
}

function notesIn(home: string): string {
  return join(home, 'exports');
}

function notes(fs: FileSystem, home: string): string[] {
  try {
    return fs.readDirectory(notesIn(home)).flatMap(({ name }) => (namePattern.test(name) ? [name] : []));
  } catch (error) {
    if (isSystemError(error)) return [];
    throw error;
  }
}

/** The path a note says; undefined for one that was not written to its end. */
function pathIn(content: Buffer, name: string): string | undefined {
  try {
    const path: unknown = JSON.parse(content.toString('utf8'));
    return typeof path === 'string' && basename(path) === name ? path : undefined;
  } catch {
    // Cut off by the kill: then nothing was written to the target either.
    return undefined;
  }
}

/** Removes a file whose process is dead; whether there is nothing of it any more. */
function clearOne(fs: FileSystem, path: string, machine: ExportMachine): boolean {
  try {
    if (!isDead(fs, path, machine)) return false;
    fs.unlink(path);
    return true;
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error;
    // Without its folder it may be on a disk that is not connected.
    return isThere(fs, dirname(path));
  }
}

function isDead(fs: FileSystem, path: string, machine: ExportMachine): boolean {
  const match = namePattern.exec(basename(path));
  const stats = fs.lstat(path);
  if (match === null || !stats.isFile()) return false;
  const [, host, boot, namespace, pid, startTicks = ''] = match;
  const here = machine.identity();
  if (host !== short(here.host)) return false;
  if (boot !== short(here.bootId)) return machine.nowMs() - Number(stats.mtimeMs) > otherBootMs;
  if (namespace !== short(here.namespace)) return false;
  return machine.isRunning({ host: here.host, bootId: here.bootId, pid: Number(pid), startTicks }) === false;
}

function isThere(fs: FileSystem, path: string): boolean {
  try {
    fs.lstat(path);
    return true;
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}

function removeIfThere(fs: FileSystem, path: string): void {
  try {
    fs.unlink(path);
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw toLarderError(error, path);
  }
}
