import { EntryOrder } from './entry-order.ts';
import type { SortKey } from './entry-order.ts';
import type { Listing, TreeEntry } from './listing.ts';
import { nameMatcher } from './name-match.ts';
import { entriesAStep } from './slices.ts';
import type { Steps } from './slices.ts';

/** Which entries of a directory are asked for. */
export interface PageQuery {
  sort: SortKey;
  limit: number;
  /** Entries left out at the front; none by default. */
  offset?: number | undefined;
  /** Turns the order round. */
  reverse?: boolean | undefined;
  /** Only entries with this in their name, whatever the case. */
  filter?: string | undefined;
}

export interface ChildrenPage {
  entries: TreeEntry[];
  /** Entries that pass the filter. */
  total: number;
  /** What comes after the page. */
  others: { entries: number; bytes: number; allocated: number };
}

/** The pages of one listing. Orders once made are kept, so that a page deep inside comes as fast as the first one. */
export class Pages {
  readonly listing: Listing;
  readonly #orders = new Map<SortKey, EntryOrder>();
  /** Of the last filter. */
  #filtered: { filter: string; orders: Map<SortKey, EntryOrder> } | undefined;

  constructor(listing: Listing) {
    this.listing = listing;
  }

  *page({ sort, limit, offset = 0, reverse = false, filter = '' }: PageQuery): Steps<ChildrenPage> {
    const order = yield* this.#order(sort, filter);
    const total = order.size;
    const first = Math.min(offset, total);
    const end = Math.min(offset + limit, total);
    const [from, to] = reverse ? [total - end, total - first] : [first, end];
    const page = yield* order.page(from, to);
    if (reverse) page.reverse();
    const others = reverse ? yield* order.sum(0, from) : yield* order.sum(to, total);
    return { entries: Array.from(page, (index) => this.listing.entry(index)), total, others };
  }

  *#order(sort: SortKey, filter: string): Steps<EntryOrder> {
    let orders = this.#orders;
    if (filter !== '') {
      if (this.#filtered?.filter !== filter) this.#filtered = { filter, orders: new Map() };
      orders = this.#filtered.orders;
    }
    let order = orders.get(sort);
    if (order === undefined) {
      order = yield* EntryOrder.of(this.listing, sort, yield* this.#matching(filter));
      orders.set(sort, order);
    }
    return order;
  }

  *#matching(filter: string): Steps<Uint32Array> {
    const { total, buffer, start, length } = this.listing;
    const matching = new Uint32Array(total);
    if (filter === '') {
      for (let index = 0; index < total; index++) matching[index] = index;
      return matching;
    }
    const matches = nameMatcher(filter);
    let found = 0;
    for (let index = 0; index < total; index++) {
      const from = start[index] ?? 0;
      if (matches(buffer, from, from + (length[index] ?? 0))) matching[found++] = index;
      if (index % entriesAStep === 0) yield;
    }
    return matching.slice(0, found);
  }
}
