import type { BackupReader } from '../archive/index.ts';
import type { ActionName } from './survey-task.ts';

/** A chosen file that was a hard link to another when it was backed up. */
export interface LinkCandidate {
  readonly index: number;
  readonly path: string;
  readonly linkTo: string;
  readonly size: number;
  readonly sha256: string;
}

export interface LinkOptions {
  readonly reader: BackupReader;
  readonly candidates: readonly LinkCandidate[];
  actionOf(index: number): ActionName;
  /** Inode of the live file of an entry, when it has several names. */
  inodeOf(index: number): bigint | undefined;
  /** Whether the overwrite rule lets the backup win over what is there. */
  readonly wins: boolean;
}

export interface LinkDecision {
  /** Place of an entry → place of the entry it becomes a hard link to. */
  readonly links: Map<number, number>;
  /** The entries of `links`, with what was decided about them before. */
  readonly linked: { readonly index: number; readonly path: string; readonly action: ActionName }[];
  /**
   * Entries linked to whose metadata alone was to change. They are replaced instead: a new name changes the file, and
   * then nothing could tell that from somebody else's change.
   */
  readonly replaced: Map<number, { readonly path: string; readonly size: number }>;
}

/**
 * Which files are put back as hard links: those whose other name is restored too, or is there already as it should be.
 * The other name must be a file of this backup with the very same content, so a doctored backup gains nothing.
 */
export function linkEntries(options: LinkOptions): LinkDecision {
  const links = new Map<number, number>();
  const linked: LinkDecision['linked'] = [];
  const replaced: LinkDecision['replaced'] = new Map();
  if (options.candidates.length === 0) return { links, linked, replaced };
  const wanted = new Set(options.candidates.map((candidate) => candidate.linkTo));
  const firsts = new Map<string, { index: number; size: number; sha256: string }>();
  let index = -1;
  for (const entry of options.reader.entries()) {
    index += 1;
    if (entry.type !== 'file' || entry.linkTo !== undefined || firsts.has(entry.path)) continue;
    if (wanted.has(entry.path)) firsts.set(entry.path, { index, size: entry.size, sha256: entry.sha256 });
  }
  for (const candidate of options.candidates) {
    const first = firsts.get(candidate.linkTo);
    if (first?.size !== candidate.size || first.sha256 !== candidate.sha256) continue;
    const action = options.actionOf(candidate.index);
    const firstAction = options.actionOf(first.index);
    if (!becomesLink(action, firstAction, options, candidate.index, first.index)) continue;
    links.set(candidate.index, first.index);
    linked.push({ index: candidate.index, path: candidate.path, action });
    if (firstAction === 'metadata') replaced.set(first.index, { path: candidate.linkTo, size: first.size });
  }
  return { links, linked, replaced };
}

function becomesLink(
  action: ActionName,
  firstAction: ActionName,
  options: LinkOptions,
  index: number,
  first: number,
): boolean {
  if (action === 'none' || action === 'skip' || action === 'keep') return false;
  const firstIsRight = firstAction !== 'none' && firstAction !== 'skip' && firstAction !== 'keep';
  if (!firstIsRight) return false;
  if (action === 'create' || action === 'overwrite') return true;
  if (!options.wins) return false;
  const inode = options.inodeOf(index);
  const together = inode !== undefined && inode === options.inodeOf(first);
  return !together || firstAction === 'create' || firstAction === 'overwrite';
}
