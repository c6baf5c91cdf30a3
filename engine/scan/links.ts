/** A file with more than one name: its figures, and the directories of the store that name it. */
export interface Link {
  /** A regular file: symlinks and sockets may have several names, too. */
  file: boolean;
  bytes: number;
  allocated: number;
  newest: number;
  /** Names the file system counts, inside the store or not. */
  links: number;
  /** Directory ids, one for each name. */
  directories: number[];
  /** The directory whose totals include it, and with which figures; absent while they are in no total. */
  counted?: { owner: number; bytes: number; allocated: number; extra: Extra } | undefined;
  /** Names known when it was last counted. */
  names?: number;
  /** The number of names for which the store was last searched for the missing ones. */
  searched?: number;
}

/** What a link adds to the figures of the whole store beside its size. */
export interface Extra {
  /** Names beyond the first, and the bytes they would add. */
  names: number;
  bytes: number;
  sparseFiles: number;
  sparseBytes: number;
}

/** Hard-linked files of one store by device and inode, so that each counts once. */
export class Links {
  readonly #byInode = new Map<string, Link>();

  get(key: string): Link | undefined {
    return this.#byInode.get(key);
  }

  /** Notes one more name in `directory`, and the figures as just seen. Counting it is left to the caller. */
  add(key: string, directory: number, seen: Pick<Link, 'file' | 'bytes' | 'allocated' | 'newest' | 'links'>): Link {
    const known = this.#byInode.get(key);
    if (known === undefined) {
      const link: Link = { ...seen, directories: [directory] };
      this.#byInode.set(key, link);
      return link;
    }
    Object.assign(known, seen);
    known.directories.push(directory);
    return known;
  }

  /** Forgets one name in `directory`. */
  remove(key: string, directory: number): Link | undefined {
    const link = this.#byInode.get(key);
    if (link === undefined) return undefined;
    const index = link.directories.indexOf(directory);
    if (index >= 0) link.directories.splice(index, 1);
    if (link.directories.length === 0) this.#byInode.delete(key);
    return link;
  }
}

export function linkKey(inode: number | bigint, device: bigint | undefined): string {
  return device === undefined ? String(inode) : `${device}:${inode}`;
}
