import { comparePaths } from '../../shared/path-text.ts';
import { decodeName } from '../fs/index.ts';
import type { Share } from './details.ts';
import { joinRelative } from './read-directory.ts';
import { EntryCursor, header } from './record.ts';
import { atOnce } from './slices.ts';
import type { UsageTree } from './tree.ts';

export interface TreeTile extends Share {
  kind: 'dir' | 'file' | 'others';
  /** Absent for `others`. */
  path?: string;
  name: string;
}

/** A tile smaller than this part of an even share cannot be seen. */
const smallestOfEven = 1 / 8;

interface Part extends Share {
  kind: 'dir' | 'file';
  path: string;
  name: string;
  /** Directory id; -1 when it is not divided further. */
  id: number;
}

/**
 * A directory as at most `limit` rectangles that do not overlap and add up to it, by blocks on disk.
 *
 * The largest directory is divided first, into the directories and files in it that can be seen. What is left of it (its
 * own blocks, and everything small) stays as a tile of that directory where it can be seen, else it goes to the one tile
 * of all others. A directory whose parts do not fit any more stays whole.
 */
export function treemapOf(tree: UsageTree, id: number, limit: number): { share: Share; tiles: TreeTile[] } {
  const { bytes, allocated, files } = tree.figures(id);
  const share = { bytes, allocated, files };
  const smallest = Math.max(1, (allocated / limit) * smallestOfEven);
  const whole: Part = { kind: 'dir', path: tree.path(id), name: '', id, ...share };
  const done: Part[] = [];
  // One tile is kept for the others.
  const room = limit - 1;
  const heap = new LargestFirst();
  const first = partsOf(tree, whole, smallest, room);
  for (const part of first.parts) heap.push(part);
  let rest: Share = first.rest;
  for (let part = heap.pop(); part !== undefined; part = heap.pop()) {
    if (part.kind === 'file' || part.id < 0) {
      done.push(part);
      continue;
    }
    const free = room - done.length - heap.size;
    const { parts, rest: own } = partsOf(tree, part, smallest, free + 1);
    const ownSeen = own.allocated >= smallest;
    if (parts.length === 0 || parts.length + (ownSeen ? 1 : 0) > free) {
      done.push(part);
      continue;
    }
    for (const each of parts) heap.push(each);
    if (ownSeen) done.push({ ...part, ...own, id: -1 });
    else
      rest = {
        bytes: rest.bytes + own.bytes,
        allocated: rest.allocated + own.allocated,
        files: rest.files + own.files,
      };
  }
  const tiles: TreeTile[] = done
    .sort((a, b) => b.allocated - a.allocated || comparePaths(a.path, b.path))
    .map(({ kind, path, name, bytes, allocated, files }) => ({ kind, path, name, bytes, allocated, files }));
  if (rest.allocated > 0 || rest.bytes > 0 || rest.files > 0) tiles.push({ kind: 'others', name: '', ...rest });
  return { share, tiles };
}

/** The visible parts of a directory, at most `limit`, and what is left of it. */
function partsOf(tree: UsageTree, of: Part, smallest: number, limit: number): { parts: Part[]; rest: Share } {
  const parts: Part[] = [];
  for (const id of tree.childDirectories(of.id)) {
    const { bytes, allocated, files } = tree.figures(id);
    if (allocated < smallest) continue;
    const name = tree.name(id);
    parts.push({ kind: 'dir', path: joinRelative(of.path, name), name, id, bytes, allocated, files });
  }
  const { buffer, at } = tree.record(of.id);
  // A hundred thousand small files need not be looked at.
  if (header.largest(buffer, at) >= smallest || header.linked(buffer, at) > 0) {
    const linked = atOnce(tree.linkedShown(of.id));
    const cursor = new EntryCursor(buffer, at);
    for (let index = 0; cursor.next(); index++) {
      if (cursor.kind !== 'file') continue;
      const shown = linked?.get(index);
      const allocated = shown?.allocated ?? cursor.blocks * 512;
      if (allocated < smallest) continue;
      const name = decodeName(cursor.name);
      const bytes = shown?.bytes ?? cursor.bytes;
      parts.push({ kind: 'file', path: joinRelative(of.path, name), name, id: -1, bytes, allocated, files: 1 });
    }
  }
  parts.sort((a, b) => b.allocated - a.allocated || comparePaths(a.name, b.name));
  if (parts.length > limit) parts.length = limit;
  const rest = { bytes: of.bytes, allocated: of.allocated, files: of.files };
  for (const part of parts) {
    rest.bytes -= part.bytes;
    rest.allocated -= part.allocated;
    rest.files -= part.files;
  }
  return { parts, rest };
}

/** A binary heap with the part of most blocks on top. */
class LargestFirst {
  readonly #parts: Part[] = [];

  get size(): number {
    return this.#parts.length;
  }

  push(part: Part): void {
    const parts = this.#parts;
    let at = parts.push(part) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const other = parts[above];
      if (other === undefined || other.allocated >= part.allocated) break;
      parts[at] = other;
      at = above;
    }
    parts[at] = part;
  }

  pop(): Part | undefined {
    const parts = this.#parts;
    const top = parts[0];
    const last = parts.pop();
    if (top === undefined || last === undefined || parts.length === 0) return top;
    let at = 0;
    for (;;) {
      let below = at * 2 + 1;
      const [left, right] = [parts[below], parts[below + 1]];
      if (left === undefined) break;
      let larger = left;
      if (right !== undefined && right.allocated > left.allocated) {
        larger = right;
        below++;
      }
      if (larger.allocated <= last.allocated) break;
      parts[at] = larger;
      at = below;
    }
    parts[at] = last;
    return top;
  }
}
