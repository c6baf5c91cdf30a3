import type { BackupReader, ManifestEntry } from '../archive/index.ts';
import { comparePaths } from '../../shared/path-text.ts';
import { parentOf, refusePath } from './paths.ts';
import type { Selection } from './paths.ts';

export interface ChosenEntry {
  /** Place in the manifest, which is how a plan names it. */
  readonly index: number;
  readonly entry: ManifestEntry;
  /** A folder only passed through on the way to what was chosen. */
  readonly implied: boolean;
  /** Why it must not be written, whatever is on the disk. */
  readonly refusal: string | undefined;
}

/** Why an entry must not be written for what it says besides its path. */
function refuseEntry(entry: ManifestEntry): string | undefined {
  if (entry.type === 'symlink' && (entry.target === '' || entry.target.includes('\0'))) {
    return 'the link leads to what cannot be a path';
  }
  if (entry.type === 'file' && !(Number.isSafeInteger(entry.size) && entry.size >= 0)) {
    return 'its size is impossible';
  }
  return undefined;
}

/**
 * The chosen entries of a backup in order, each judged before anything is done with it: its path must be one that stays
 * inside the target, come once, and lie in folders that the backup itself lists as folders. So nothing can be written
 * through a link that the same backup brings.
 */
export function* chosenEntries(reader: BackupReader, selection: Selection): Generator<ChosenEntry> {
  const folders = new Set<string>(['']);
  let index = -1;
  let previous: string | undefined;
  for (const entry of reader.entries()) {
    index += 1;
    const { path } = entry;
    let refusal = refusePath(path);
    if (refusal === undefined && previous !== undefined && comparePaths(previous, path) >= 0) {
      refusal = 'the backup lists it twice, or out of order';
    }
    if (refusal === undefined && path !== '' && !folders.has(parentOf(path))) {
      refusal = 'the backup does not hold the folder it lies in';
    }
    refusal ??= path === '' && entry.type !== 'dir' ? 'the backup itself must be a folder' : refuseEntry(entry);
    if (refusal === undefined) {
      previous = path;
      if (entry.type === 'dir') folders.add(path);
    }
    const chosen = selection.of(path);
    if (chosen === 'out') continue;
    const implied = chosen === 'above';
    if (implied && entry.type !== 'dir') continue;
    yield { index, entry, implied, refusal };
  }
}
