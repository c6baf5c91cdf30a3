import { comparePaths } from '../../shared/path-text.ts';
import { decodeName } from '../fs/index.ts';
import type { LinkedShown } from './counted-links.ts';
import type { SortKey } from './entry-order.ts';
import type { TreeEntry } from './listing.ts';
import { nameMatcher } from './name-match.ts';
import { joinRelative } from './read-directory.ts';
import { EntryCursor, header, recordStatus, sparseBytes } from './record.ts';
import { entriesAStep } from './slices.ts';
import type { Steps } from './slices.ts';
import type { Snapshot } from './snapshot.ts';
import type { UsageTree } from './tree.ts';

export interface Found {
  /** The first ones in the order asked for; `path` is the entry's own. */
  entries: (TreeEntry & { path: string })[];
  total: number;
}

interface Candidate {
  entry: TreeEntry;
  /** Directory of the snapshot it lies in. */
  directory: number;
  path?: string;
}

/** The first so far; holds a few times `limit` and is cut back now and then. */
class First {
  readonly #snapshot: Snapshot;
  readonly #sort: SortKey;
  readonly #limit: number;
  #kept: Candidate[] = [];
  /** The last that is still among the first. */
  #last: Candidate | undefined;

  constructor(snapshot: Snapshot, sort: SortKey, limit: number) {
    this.#snapshot = snapshot;
    this.#sort = sort;
    this.#limit = limit;
  }

  /** Whether one with these figures may be among the first. */
  wants(figures: Pick<TreeEntry, 'bytes' | 'allocated' | 'files' | 'newest'>): boolean {
    return this.#last === undefined || this.#sort === 'name' || figures[this.#sort] >= this.#last.entry[this.#sort];
  }

  add(candidate: Candidate): void {
    if (this.#last !== undefined && this.#compare(candidate, this.#last) >= 0) return;
    this.#kept.push(candidate);
    if (this.#kept.length >= this.#limit * 2 + 256) this.#cut();
  }

  list(): Found['entries'] {
    this.#cut();
    return this.#kept.map((candidate) => ({ ...candidate.entry, path: this.#path(candidate) }));
  }

  #cut(): void {
    this.#kept.sort((a, b) => this.#compare(a, b));
    if (this.#kept.length < this.#limit) return;
    this.#kept.length = this.#limit;
    this.#last = this.#kept.at(-1);
  }

  #compare(a: Candidate, b: Candidate): number {
    const byKey = this.#sort === 'name' ? 0 : b.entry[this.#sort] - a.entry[this.#sort];
    return byKey || comparePaths(a.entry.name, b.entry.name) || comparePaths(this.#path(a), this.#path(b));
  }

  #path(candidate: Candidate): string {
    return (candidate.path ??= joinRelative(this.#snapshot.path(candidate.directory), candidate.entry.name));
  }
}

/** Entries anywhere below a directory with a text in their name, whatever the case: the first `limit` in an order. */
export function* findBelow(tree: UsageTree, id: number, text: string, sort: SortKey, limit: number): Steps<Found> {
  const snapshot = yield* tree.snapshot(id);
  const matches = nameMatcher(text);
  const first = new First(snapshot, sort, limit);
  let total = 0;
  let left = entriesAStep;
  for (let directory = 0; directory < snapshot.size; directory++) {
    const buffer = snapshot.buffer(directory);
    const at = snapshot.at(directory);
    const own = header.name(buffer, at);
    if (directory > 0 && matches(own, 0, own.length)) {
      total++;
      const figures = snapshot.figures(directory);
      if (first.wants(figures)) {
        const unreadable =
          header.status(buffer, at) === recordStatus.unreadable ? header.reason(buffer, at) : undefined;
        const entry: TreeEntry = { name: decodeName(own), kind: 'dir', ...figures, unreadable };
        first.add({ entry, directory, path: snapshot.path(directory) });
      }
    }
    let linked: ReadonlyMap<number, LinkedShown> | undefined;
    let looked = false;
    const cursor = new EntryCursor(buffer, at);
    for (let index = 0; cursor.next(); index++) {
      if (--left <= 0) {
        left = entriesAStep;
        yield;
      }
      if (!matches(buffer, cursor.nameStart, cursor.nameEnd)) continue;
      total++;
      if (cursor.links !== undefined && !looked) {
        linked = yield* tree.linkedShown(snapshot.id(directory), { buffer, at });
        looked = true;
      }
      const shown = linked?.get(index);
      const figures = figuresOf(cursor, shown);
      if (first.wants(figures)) first.add({ entry: entryOf(cursor, figures, shown), directory });
    }
    left--;
  }
  return { entries: first.list(), total };
}

type EntryFigures = Pick<TreeEntry, 'bytes' | 'allocated' | 'files' | 'newest'>;

function figuresOf(cursor: EntryCursor, linked: LinkedShown | undefined): EntryFigures {
  const isFile = cursor.kind === 'file';
  return {
    bytes: linked?.bytes ?? (isFile ? cursor.bytes : 0),
    allocated: linked?.allocated ?? cursor.blocks * 512,
    files: isFile ? 1 : 0,
    newest: linked?.newest ?? cursor.mtimeMs,
  };
}

function entryOf(cursor: EntryCursor, figures: EntryFigures, linked: LinkedShown | undefined): TreeEntry {
  const sparse = linked?.sparse ?? (cursor.kind === 'file' && sparseBytes(cursor.bytes, cursor.blocks * 512) > 0);
  return {
    name: decodeName(cursor.name),
    kind: cursor.kind,
    ...figures,
    dirs: 0,
    unreadable: cursor.unreadable,
    ...(cursor.links === undefined ? {} : { hardLinked: true }),
    ...(sparse ? { sparse } : {}),
  };
}
