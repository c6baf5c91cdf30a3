import type { Client } from '../../../shared/client/index.ts';
import { LarderError, type ErrorData, type Input, type UsageEntry } from '../../../shared/contract/index.ts';
import { errorData } from '../../data/errors.ts';
import { changedNames, isBelow, joinPath, nameOf, parentOf } from './folder-view.ts';
import { buildTree, findPosition, pageSize, type Listing, type Tree } from './tree-rows.ts';

export type SortKey = NonNullable<Input<'usage.children'>['sort']>;

/** What of a store is shown, and how. */
export interface TreeView {
  readonly root: string;
  readonly sort: SortKey;
  readonly reverse: boolean;
  /** Part of a name that the entries of `root` itself must have; `''` for all. */
  readonly filter: string;
}

interface Page {
  entries: readonly UsageEntry[];
  /** It may have changed since. */
  stale: boolean;
  /** When it was last in sight, by a count of looks. */
  seen: number;
}

interface Folder {
  readonly path: string;
  readonly filter: string;
  total: number | undefined;
  allocated: number;
  readonly pages: Map<number, Page>;
  /** The same pages as rows want them. */
  readonly entries: Map<number, readonly UsageEntry[]>;
  /** Where names were last found. */
  readonly hints: Map<string, number>;
  error: ErrorData | undefined;
  /** What went wrong may be right by now. */
  again: boolean;
}

interface Request {
  readonly abort: AbortController;
  /** Something changed while it was under way. */
  outdated: boolean;
}

export interface TreeSnapshot {
  readonly version: number;
  /** Paths that moved just now. */
  readonly pulsing: ReadonlySet<string>;
}

/** Rows around those in sight that are asked for with them. */
const ahead = 100;
/** Looks are taken at most this often, ms. */
const lookMs = 60;
/** Between two readings of what changed, ms; a slow engine is left at least as long as it needed. */
const againMs = 100;
const pulseMs = 1_000;
/** Pages that are kept; a few hundred bytes an entry. */
const mostPages = 120;
/** Open folders out of sight that are counted again at once after a change. */
const mostRecounted = 50;

/**
 * The folders of one store as they are walked through: which are open, and the pages of them that are known. Pages are
 * asked for as they come in sight, shown as they were while they are asked for again, and forgotten when there are many.
 */
export class TreeModel {
  readonly #client: Pick<Client, 'call'>;
  readonly #store: string;
  readonly #folders = new Map<string, Folder>();
  readonly #requests = new Map<string, Request>();
  readonly #listeners = new Set<() => void>();
  #expanded: ReadonlySet<string> = new Set();
  #snapshot: TreeSnapshot = { version: 0, pulsing: new Set() };
  #inSight: { view: TreeView; first: number; last: number } | undefined;
  #lookTimer: ReturnType<typeof setTimeout> | undefined;
  #pulseTimer: ReturnType<typeof setTimeout> | undefined;
  #looks = 0;
  #readAgainAfter = 0;

  constructor(client: Pick<Client, 'call'>, store: string) {
    this.#client = client;
    this.#store = store;
  }

  /** For `useSyncExternalStore`. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    this.#lookSoon(0);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#rest();
    };
  };
  readonly snapshot = (): TreeSnapshot => this.#snapshot;

  tree(view: TreeView): Tree {
    const folderOf = (path: string): Folder | undefined => this.#folders.get(keyOf(view, path));
    return buildTree(view.root, this.#expanded, {
      listing: (path): Listing | undefined => {
        const folder = folderOf(path);
        return folder === undefined ? undefined : { total: folder.total, pages: folder.entries, error: folder.error };
      },
      position: (path, name) => {
        const folder = folderOf(path);
        if (folder === undefined) return undefined;
        const at = findPosition({ total: folder.total, pages: folder.entries }, name, folder.hints.get(name));
        if (at !== undefined && this.#expanded.has(joinPath(path, name))) folder.hints.set(name, at);
        return at;
      },
    });
  }

  /** What is known of the folder shown. */
  root(view: TreeView): { total: number | undefined; allocated: number; error: ErrorData | undefined } {
    const folder = this.#folders.get(keyOf(view, view.root));
    return { total: folder?.total, allocated: folder?.allocated ?? 0, error: folder?.error };
  }

  get expanded(): ReadonlySet<string> {
    return this.#expanded;
  }

  expand(path: string): void {
    this.#expanded = new Set([...this.#expanded, path]);
    this.#changed();
    this.#lookSoon(0);
  }

  collapse(path: string): void {
    this.#expanded = new Set([...this.#expanded].filter((each) => each !== path));
    this.#changed();
    this.#lookSoon(0);
  }

  /** Tells which rows are in sight; what is not known of them is asked for. */
  show(view: TreeView, first: number, last: number): void {
    const before = this.#inSight;
    this.#inSight = { view, first, last };
    if (before?.view !== view) this.#lookSoon(0);
    else {
      // Far away at once: the bar is being dragged, and nobody reads what only flies by.
      if (first > before.last || last < before.first) this.#stopLooking();
      this.#lookSoon(lookMs);
    }
  }

  /** Directories of the store changed; without names, any may have. */
  touched(paths?: readonly string[]): void {
    const shown = this.#inSight?.view.root;
    for (const folder of this.#folders.values()) {
      // Of the folder shown only a change above tells that it went; of the others their rows do.
      const isConcerned = (path: string): boolean =>
        path === folder.path || isBelow(path, folder.path) || (folder.path === shown && isBelow(shown, path));
      if (paths?.some(isConcerned) === false) continue;
      folder.again = true;
      for (const page of folder.pages.values()) page.stale = true;
      for (const [key, request] of this.#requests) if (key.endsWith(requestEnd(folder))) request.outdated = true;
    }
    this.#lookSoon(0);
  }

  /** Asks again for a folder that could not be read. */
  retry(path: string): void {
    for (const folder of this.#folders.values()) if (folder.path === path) folder.error = undefined;
    this.#changed();
    this.#lookSoon(0);
  }

  /** Nobody looks: nothing is asked for any more. What is known may be out of date when somebody looks again. */
  #rest(): void {
    this.#stopLooking();
    clearTimeout(this.#pulseTimer);
    for (const request of this.#requests.values()) request.abort.abort();
    this.#requests.clear();
    for (const folder of this.#folders.values()) for (const page of folder.pages.values()) page.stale = true;
  }

  #changed(pulsing = this.#snapshot.pulsing): void {
    this.#snapshot = { version: this.#snapshot.version + 1, pulsing };
    for (const listener of [...this.#listeners]) listener();
  }

  #stopLooking(): void {
    clearTimeout(this.#lookTimer);
    this.#lookTimer = undefined;
  }

  #lookSoon(delayMs: number): void {
    if (this.#listeners.size === 0) return;
    if (this.#lookTimer !== undefined) {
      if (delayMs > 0) return;
      this.#stopLooking();
    }
    this.#lookTimer = setTimeout(() => {
      this.#lookTimer = undefined;
      this.#look();
    }, delayMs);
  }

  /** Asks for what is in sight and not known, or no longer true. */
  #look(): void {
    if (this.#inSight === undefined) return;
    const { view, first, last } = this.#inSight;
    const tree = this.tree(view);
    this.#looks += 1;
    const wanted = new Set<string>();
    const stale: (() => void)[] = [];
    const want = (path: string, number: number): void => {
      const key = requestKey(view, path, number);
      if (wanted.has(key)) return;
      wanted.add(key);
      const folder = this.#folders.get(keyOf(view, path));
      const page = folder?.pages.get(number);
      if (page !== undefined) page.seen = this.#looks;
      if (folder?.error !== undefined) {
        if (folder.again) stale.push(() => this.#ask(view, path, number));
      } else if (page === undefined) this.#ask(view, path, number);
      else if (page.stale) stale.push(() => this.#ask(view, path, number));
    };
    want(view.root, 0);
    for (let index = Math.max(0, first - ahead); index <= Math.min(tree.length - 1, last + ahead); index += 1) {
      const row = tree.rowAt(index);
      if (row === undefined) break;
      const number = Math.floor((row.position - 1) / pageSize);
      want(row.folder, number);
      // A page that has fewer entries than it should is one that changed.
      const page = this.#folders.get(keyOf(view, row.folder))?.pages.get(number);
      if (row.kind === 'waiting' && page !== undefined && !page.stale) {
        page.stale = true;
        stale.push(() => this.#ask(view, row.folder, number));
      }
    }
    this.#wantOpen(view, want);
    // What flew by is not waited for.
    for (const [key, request] of this.#requests) {
      if (wanted.has(key)) continue;
      request.abort.abort();
      this.#requests.delete(key);
    }
    const waitMs = this.#readAgainAfter - performance.now();
    if (stale.length > 0 && waitMs > 0) this.#lookSoon(waitMs);
    else for (const ask of stale) ask();
    this.#forget();
  }

  /** Open folders out of sight decide how many rows there are, and the pages that hold them where they are. */
  #wantOpen(view: TreeView, want: (path: string, number: number) => void): void {
    let left = mostRecounted;
    for (const path of this.#expanded) {
      if (left <= 0) return;
      const parent = this.#folders.get(keyOf(view, parentOf(path)));
      const at = parent?.hints.get(nameOf(path));
      const holds = at === undefined ? undefined : parent?.pages.get(Math.floor(at / pageSize));
      if (at !== undefined && holds?.stale === true) {
        want(parentOf(path), Math.floor(at / pageSize));
        left -= 1;
      }
      if (!isBelow(path, view.root)) continue;
      const folder = this.#folders.get(keyOf(view, path));
      const [number = 0, page] = folder?.pages.entries().next().value ?? [];
      if (folder?.total === undefined || page?.stale === true) {
        want(path, number);
        left -= 1;
      }
    }
  }

  #ask(view: TreeView, path: string, number: number): void {
    const key = requestKey(view, path, number);
    if (this.#requests.has(key)) return;
    const request: Request = { abort: new AbortController(), outdated: false };
    this.#requests.set(key, request);
    const filter = filterOf(view, path);
    const begun = performance.now();
    this.#client
      .call(
        'usage.children',
        {
          store: this.#store,
          path,
          sort: view.sort,
          reverse: view.reverse,
          offset: number * pageSize,
          limit: pageSize,
          ...(filter === '' ? {} : { filter }),
        },
        { signal: request.abort.signal },
      )
      .then(
        (answer) => this.#take(view, path, number, answer, request),
        (error: unknown) => this.#fail(view, path, error),
      )
      .finally(() => {
        // What was given up has been forgotten already.
        if (this.#requests.get(key) !== request) return;
        this.#requests.delete(key);
        const now = performance.now();
        this.#readAgainAfter = now + Math.max(againMs, now - begun);
        if (request.outdated) this.#lookSoon(0);
      });
  }

  #take(
    view: TreeView,
    path: string,
    number: number,
    answer: { entries: readonly UsageEntry[]; total: number; allocated: number },
    request: Request,
  ): void {
    if (request.abort.signal.aborted) return;
    const folder = this.#folder(view, path);
    const before = folder.pages.get(number);
    folder.error = undefined;
    folder.again = false;
    folder.total = answer.total;
    folder.allocated = answer.allocated;
    folder.pages.set(number, { entries: answer.entries, stale: request.outdated, seen: this.#looks });
    folder.entries.set(number, answer.entries);
    const moved = before === undefined ? [] : [...changedNames(before.entries, answer.entries)];
    // Where everything is another, it is the order that moved.
    this.#pulse(moved.length > pageSize / 2 ? [] : moved.map((name) => joinPath(path, name)));
    this.#lookSoon(lookMs);
  }

  #fail(view: TreeView, path: string, error: unknown): void {
    if (error instanceof LarderError && error.code === 'CANCELLED') return;
    const gone = error instanceof LarderError && error.code === 'NOT_FOUND' && path !== view.root;
    if (gone) {
      // The folder above says so too, when it is read again.
      this.#expanded = new Set([...this.#expanded].filter((each) => each !== path && !isBelow(each, path)));
      this.#folders.delete(keyOf(view, path));
    } else {
      const folder = this.#folder(view, path);
      folder.error = errorData(error);
      folder.again = false;
    }
    this.#changed();
  }

  #folder(view: TreeView, path: string): Folder {
    const key = keyOf(view, path);
    const known = this.#folders.get(key);
    if (known !== undefined) return known;
    const folder: Folder = {
      path,
      filter: filterOf(view, path),
      total: undefined,
      allocated: 0,
      pages: new Map(),
      entries: new Map(),
      hints: new Map(),
      error: undefined,
      again: false,
    };
    this.#folders.set(key, folder);
    return folder;
  }

  #pulse(paths: readonly string[]): void {
    if (paths.length === 0) {
      this.#changed();
      return;
    }
    clearTimeout(this.#pulseTimer);
    this.#pulseTimer = setTimeout(() => this.#changed(new Set()), pulseMs);
    this.#changed(new Set([...this.#snapshot.pulsing, ...paths]));
  }

  /** Keeps the pages that were in sight last. */
  #forget(): void {
    const pages = [...this.#folders.values()].flatMap((folder) =>
      [...folder.pages].map(([number, page]) => ({ folder, number, seen: page.seen })),
    );
    if (pages.length <= mostPages) return;
    // Where open folders stand must stay known.
    const holding = (folder: Folder, number: number): boolean =>
      [...folder.hints].some(
        ([name, at]) => Math.floor(at / pageSize) === number && this.#expanded.has(joinPath(folder.path, name)),
      );
    pages.sort((a, b) => a.seen - b.seen);
    for (const { folder, number, seen } of pages.slice(0, pages.length - mostPages)) {
      if (seen >= this.#looks - 1 || holding(folder, number)) continue;
      folder.pages.delete(number);
      folder.entries.delete(number);
    }
  }
}

/** Folders are known apart by order; the one shown also by what its names must have. */
function keyOf(view: TreeView, path: string): string {
  return `${view.sort} ${view.reverse ? 'up' : 'down'} ${filterOf(view, path)}\0${path}`;
}

function filterOf(view: TreeView, path: string): string {
  return path === view.root ? view.filter : '';
}

function requestKey(view: TreeView, path: string, number: number): string {
  return `${number} ${keyOf(view, path)}`;
}

function requestEnd(folder: Folder): string {
  return `${folder.filter}\0${folder.path}`;
}
