import { Pages } from './page.ts';
import type { ChildrenPage, PageQuery } from './page.ts';
import type { Steps } from './slices.ts';
import type { UsageTree } from './tree.ts';

/** Listings with fewer entries are made anew each time: in under a millisecond. */
const keptFrom = 2_000;
/** Entries kept of all listings together; the last one is kept in any case. */
const keptEntries = 1_000_000;

/** Remembers the listings of the large directories that were asked for last, for as long as nothing in them changes. */
export class PagesKept {
  /** Last used last. */
  readonly #kept = new Map<number, { revision: number; pages: Pages }>();
  #tree: WeakRef<UsageTree> | undefined;

  /** A page of a directory of this tree. */
  *page(tree: UsageTree, id: number, query: PageQuery): Steps<ChildrenPage> {
    if (this.#tree?.deref() !== tree) {
      this.#kept.clear();
      this.#tree = new WeakRef(tree);
    }
    const revision = tree.revision(id);
    const known = this.#kept.get(id);
    if (known?.revision === revision) {
      this.#kept.delete(id);
      this.#kept.set(id, known);
      return yield* known.pages.page(query);
    }
    const pages = new Pages(yield* tree.listing(id));
    // What changed while it was made may be in it in part.
    if (pages.listing.total >= keptFrom && tree.revision(id) === revision) this.#keep(id, { revision, pages });
    return yield* pages.page(query);
  }

  /** Gives the memory back. */
  clear(): void {
    this.#kept.clear();
  }

  #keep(id: number, made: { revision: number; pages: Pages }): void {
    this.#kept.delete(id);
    this.#kept.set(id, made);
    let entries = 0;
    for (const { pages } of this.#kept.values()) entries += pages.listing.total;
    for (const [old, { pages }] of this.#kept) {
      if (entries <= keptEntries || this.#kept.size === 1) return;
      this.#kept.delete(old);
      entries -= pages.listing.total;
    }
  }
}
