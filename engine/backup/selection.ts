import type { AreaBackup, ExclusionKind } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';

/**
 * What a backup leaves out by itself, decided from names and sizes alone. Everything left out is recorded with the
 * reason and shown before the run with the bytes it saves; nothing here makes a backup partial.
 */

/** Why something was left out, in a person's words. They are written into manifests. */
export const reasons = {
  destination: 'the folder backups are written to',
  heldBackups: 'a folder that holds backups made by Larder',
  backupArea: 'a folder for backups',
  secrets: 'the keys Larder keeps, which belong in no backup',
  undo: 'files Larder keeps to undo a restore',
  lockFile: 'a lock file',
  partialDownload: 'a partial download',
  cacheTag: 'a cache marked by CACHEDIR.TAG',
  socket: 'a socket',
  fifo: 'a named pipe',
  device: 'a device',
  otherMount: 'another file system is mounted here',
  pseudoMount: 'a file system without files of its own is mounted here',
  never: 'a rule leaves this folder out',
  glob: (pattern: string) => `the rule ${displayName(pattern)} leaves it out`,
  notRecent: (days: number) => `files not changed in the last ${days === 1 ? 'day' : `${days} days`}`,
  inCopy: 'in the copy made through SQLite',
  special: 'neither a file, a folder nor a link',
} as const;

type FixedReason = {
  [K in keyof typeof reasons]: (typeof reasons)[K] extends string ? K : never;
}[keyof typeof reasons];

const kinds: Readonly<Record<FixedReason, ExclusionKind>> = {
  destination: 'destination',
  heldBackups: 'backups',
  backupArea: 'backups',
  undo: 'undo',
  lockFile: 'lock',
  partialDownload: 'partial',
  cacheTag: 'cache',
  socket: 'special',
  fifo: 'special',
  device: 'special',
  special: 'special',
  otherMount: 'mount',
  pseudoMount: 'mount',
  never: 'never',
  inCopy: 'copy',
  secrets: 'secrets',
};

const kindByReason: ReadonlyMap<string, ExclusionKind> = new Map(
  Object.entries(kinds).map(([name, kind]) => [reasons[name as FixedReason], kind]),
);

/** What kind of reason the words of one are. `rules`: those by which it was left out. */
export function kindOfReason(
  reason: string,
  { exclude, areas }: { readonly exclude: readonly string[]; readonly areas: readonly AreaBackup[] },
): { readonly kind: ExclusionKind; readonly glob?: string } {
  const kind = kindByReason.get(reason);
  if (kind !== undefined) return { kind };
  const glob = exclude.find((each) => reasons.glob(each) === reason);
  if (glob !== undefined) return { kind: 'glob', glob };
  const isOld = areas.some((rule) => typeof rule !== 'string' && reasons.notRecent(rule.recentDays) === reason);
  return { kind: isOld ? 'notRecent' : 'other' };
}

/** Folder in a store's root where a restore keeps what it replaced. */
export const undoFolder = '.larder-undo';

/** Folder in a destination that holds the lock and what is being written. */
export const larderFolder = '.larder';

/**
 * Lock files known by name. Each only says that a process runs and is made anew by it; restoring one makes a server
 * believe it is still running.
 */
const lockNames: ReadonlySet<string> = new Set(['postmaster.pid', 'mongod.lock', 'WiredTiger.lock']);

/** Larger than any lock file; a file of such a name that is larger is something else and is kept. */
const lockBytesMax = 4096;

/**
 * Endings of downloads that did not finish: Hugging Face, browsers, aria2 and wget front ends, Ollama (`-partial`, and
 * `-partial-N` for its chunks).
 */
const partialDownload = /(?:\.incomplete|\.partial|\.part|\.crdownload|-partial|-partial-\d+)$/;

/**
 * Why a regular file is left out, or undefined when it is in.
 *
 * `*.lock` counts as a lock only when it is empty: `poetry.lock`, `Cargo.lock`, `uv.lock` and their like have content
 * that is worth keeping, while the lock files of Hugging Face, filelock and fasteners have none.
 */
export function fileExclusion(name: string, size: number): string | undefined {
  if (name.endsWith('.lock') && size === 0) return reasons.lockFile;
  if (lockNames.has(name) && size <= lockBytesMax) return reasons.lockFile;
  if (partialDownload.test(name)) return reasons.partialDownload;
  return undefined;
}

/** Name of the file that marks a cache (https://bford.info/cachedir/). */
export const cacheTagName = 'CACHEDIR.TAG';

/** The first bytes of a real tag; a file of that name without them marks nothing. */
export const cacheTagSignature = 'Signature: 8a477f597d28d172789f06886806bc55';

export function isCacheTag(content: Uint8Array): boolean {
  return Buffer.from(content.subarray(0, cacheTagSignature.length)).toString('latin1') === cacheTagSignature;
}

const manifestName = /\.manifest\.(?:zst|gz)$/;

/** Whether a folder with these names in it is a destination of Larder's: its own folder and at least one manifest. */
export function holdsBackups(names: readonly string[]): boolean {
  return names.includes(larderFolder) && names.some((name) => manifestName.test(name));
}

/** Type bits of a mode (POSIX `S_IFMT` and its values). */
const typeMask = 0o170000;

/** Why something that is not a file, folder or link is left out. */
export function specialExclusion(mode: number): string {
  switch (mode & typeMask) {
    case 0o140000:
      return reasons.socket;
    case 0o010000:
      return reasons.fifo;
    case 0o020000:
    case 0o060000:
      return reasons.device;
    default:
      return reasons.special;
  }
}
