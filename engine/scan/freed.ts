import { encodeName } from '../fs/index.ts';
import { linkKey } from './links.ts';
import { EntryCursor, header } from './record.ts';
import { entriesAStep } from './slices.ts';
import type { Steps } from './slices.ts';
import { withoutNested } from './snapshot.ts';
import type { Snapshot } from './snapshot.ts';
import type { UsageTree } from './tree.ts';

/** Blocks that deleting a selection would free. */
export interface Freed {
  files: number;
  dirs: number;
  allocated: number;
  heldByLinks: number;
}

/**
 * What deleting these paths would free. A file with several names frees its blocks only when all of them are in the
 * selection; names outside the store count as outside. Paths below others are counted once, paths that are gone free
 * nothing.
 */
export function* freedBy(tree: UsageTree, paths: readonly string[]): Steps<Freed & { found: number }> {
  const freed = { files: 0, dirs: 0, allocated: 0, heldByLinks: 0, found: 0 };
  /** Names of each file with several that are in the selection. */
  const links = new Map<string, { names: number; links: number; allocated: number }>();
  const noteLink = (cursor: EntryCursor): void => {
    const key = linkKey(cursor.inode, cursor.device);
    const known = links.get(key);
    if (known !== undefined) known.names++;
    else {
      const { links: all, allocated } = tree.link(key) ?? { links: cursor.links ?? 1, allocated: cursor.blocks * 512 };
      links.set(key, { names: 1, links: all, allocated });
    }
  };
  const snapshots: Snapshot[] = [];
  /** Wanted entries by directory. Names as bytes, one character a byte, to compare without decoding. */
  const singles = new Map<number, Set<string>>();
  const directoryOf = new Map<string, number | undefined>();
  for (const path of withoutNested(paths)) {
    const id = tree.find(path);
    if (id !== undefined) {
      freed.found++;
      snapshots.push(yield* tree.snapshot(id));
      continue;
    }
    const cut = path.lastIndexOf('/');
    const above = path.slice(0, Math.max(0, cut));
    if (!directoryOf.has(above)) directoryOf.set(above, tree.find(above));
    const directory = directoryOf.get(above);
    if (directory === undefined) continue;
    let names = singles.get(directory);
    if (names === undefined) singles.set(directory, (names = new Set()));
    names.add(encodeName(path.slice(cut + 1)).toString('latin1'));
  }
  const records = [...singles].map(([id, names]) => ({ names, ...tree.record(id) }));
  let left = entriesAStep;
  for (const { names, buffer, at } of records) {
    const cursor = new EntryCursor(buffer, at);
    while (cursor.next()) {
      if (--left <= 0) {
        left = entriesAStep;
        yield;
      }
      if (cursor.kind === 'mount' || !names.has(buffer.toString('latin1', cursor.nameStart, cursor.nameEnd))) continue;
      freed.found++;
      if (cursor.kind === 'file') freed.files++;
      if (cursor.links === undefined) freed.allocated += cursor.blocks * 512;
      else noteLink(cursor);
    }
  }
  for (const snapshot of snapshots) {
    freed.dirs += snapshot.size;
    for (let directory = 0; directory < snapshot.size; directory++) {
      const buffer = snapshot.buffer(directory);
      const at = snapshot.at(directory);
      freed.files += header.files(buffer, at);
      freed.allocated += header.ownAllocated(buffer, at) + header.allocated(buffer, at);
      if (--left <= 0) {
        left = entriesAStep;
        yield;
      }
      if (header.linked(buffer, at) === 0) continue;
      const cursor = new EntryCursor(buffer, at);
      while (cursor.next()) {
        if (cursor.links !== undefined) noteLink(cursor);
        if (--left <= 0) {
          left = entriesAStep;
          yield;
        }
      }
    }
  }
  for (const { names, links: all, allocated } of links.values()) {
    if (names >= all) freed.allocated += allocated;
    else freed.heldByLinks += allocated;
  }
  return freed;
}
