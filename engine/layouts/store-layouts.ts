import { LarderError } from '../../shared/contract/index.ts';
import type { Layout, Store, StoreLayout } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { EngineContext, StoreLayouts } from '../context.ts';
import { isSystemError } from '../fs/index.ts';
import { areaExists } from './exists.ts';
import { guessRoles } from './guess.ts';
import { fileName, readLarderYaml } from './larder-yaml.ts';
import type { LarderYamlFile } from './larder-yaml.ts';
import type { Seen } from './look.ts';
import { resolveLayout } from './resolve.ts';
import type { Guess } from './resolve.ts';
import { ShippedLayouts } from './shipped.ts';
import { lookIntoTask } from './tasks.ts';

interface ReadFile extends LarderYamlFile {
  /** What tells whether it is still the same file. */
  readonly stamp: string;
}

/** A folder itself this large, bytes, holds so many names that they are not listed on the engine thread. */
const largeFolder = 512n * 1_024n;

interface Known {
  /** What the layout was made of; another makes another. */
  readonly key: string;
  readonly layout: StoreLayout;
}

/** The layouts Larder ships, and what each store's areas are. */
export class Layouts implements StoreLayouts {
  readonly #context: Pick<EngineContext, 'fs' | 'pool'>;
  readonly #listeners = new Set<(store: string) => void>();
  readonly #files = new Map<string, ReadFile>();
  readonly #guesses = new Map<string, { readonly rootStamp: string; readonly guesses: readonly Guess[] }>();
  readonly #known = new Map<string, Known>();
  /** Stores being looked at because their root changed. */
  readonly #looking = new Set<string>();
  readonly #shipped: ShippedLayouts;

  constructor(context: Pick<EngineContext, 'fs' | 'pool'>) {
    this.#context = context;
    this.#shipped = new ShippedLayouts(context.fs);
  }

  list(): readonly Layout[] {
    return this.#shipped.list();
  }

  find(id: string): Layout | undefined {
    return this.#shipped.find(id);
  }

  get(id: string): Layout {
    const found = this.#shipped.find(id);
    if (found !== undefined) return found;
    throw new LarderError('NOT_FOUND', `There is no layout called ${displayName(id)}.`, {
      hint: 'larder layouts lists them.',
    });
  }

  of(store: Store): StoreLayout {
    const read = this.#fileOf(store.path);
    const rootStamp = this.#stamp(store.path);
    const guesses = this.#guessesOf(store, rootStamp);
    const key = JSON.stringify([read.stamp, rootStamp, guesses, store.layout, store.rules.areas]);
    const known = this.#known.get(store.id);
    if (known?.key === key) return known.layout;
    const layout = resolveLayout({
      store: store.id,
      chosen: store.layout === undefined ? undefined : this.#shipped.find(store.layout),
      file: read.file,
      problems: read.problems,
      known: (id) => this.#shipped.find(id),
      guesses,
      exists: (path) => this.exists(store, path),
      yours: store.rules.areas,
    });
    this.#known.set(store.id, { key, layout });
    if (known !== undefined && JSON.stringify(known.layout) !== JSON.stringify(layout)) this.#changed(store.id);
    return layout;
  }

  async look(store: Store, signal?: AbortSignal): Promise<StoreLayout> {
    const rootStamp = this.#stamp(store.path);
    const { seen } = await this.#context.pool.run(lookIntoTask, store.path, { signal });
    this.#guesses.set(store.id, { rootStamp, guesses: guessRoles({ seen }) });
    return this.of(store);
  }

  /** What the folders in a store's root look like, as of the last look. */
  guessesOf(store: Store): readonly Guess[] {
    return this.#guessesOf(store, this.#stamp(store.path));
  }

  exists(store: Store, path: string): boolean {
    return areaExists(this.#context.fs, store.path, path);
  }

  /** Takes over changed rules and layouts, and forgets stores that are gone. */
  follow(stores: readonly Store[]): void {
    const wanted = new Map(stores.map((store) => [store.id, store]));
    for (const id of this.#known.keys()) {
      const store = wanted.get(id);
      if (store !== undefined) this.of(store);
      else {
        this.#known.delete(id);
        this.#guesses.delete(id);
      }
    }
  }

  onChange(listener: (store: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #changed(store: string): void {
    for (const listener of [...this.#listeners]) listener(store);
  }

  /** Guesses as of the last look at the contents; what came since is told by its name. */
  #guessesOf(store: Store, rootStamp: string): readonly Guess[] {
    const known = this.#guesses.get(store.id);
    if (known?.rootStamp === rootStamp) return known.guesses;
    if (this.#isLarge(store.path)) {
      this.#lookLater(store);
      return known?.guesses ?? [];
    }
    const before = new Map(known?.guesses.map((guess) => [guess.path, guess]));
    const byName = guessRoles({ seen: this.#foldersIn(store.path) });
    const guesses = byName.map((guess) => before.get(guess.path) ?? guess);
    this.#guesses.set(store.id, { rootStamp, guesses });
    return guesses;
  }

  #foldersIn(root: string): Seen[] {
    try {
      const entries = this.#context.fs.readDirectory(root);
      return entries.flatMap(({ name, kind }) => (kind === 'dir' ? [{ path: name, kind }] : []));
    } catch (error) {
      if (isSystemError(error)) return [];
      throw error;
    }
  }

  #isLarge(root: string): boolean {
    try {
      return this.#context.fs.stat(root).size > largeFolder;
    } catch (error) {
      if (isSystemError(error)) return false;
      throw error;
    }
  }

  #lookLater(store: Store): void {
    if (this.#looking.has(store.id)) return;
    this.#looking.add(store.id);
    this.look(store)
      // What stands in the way is told where the store is counted; the next change leads to another look.
      .catch((error: unknown) => {
        if (!(error instanceof LarderError)) throw error;
      })
      .finally(() => this.#looking.delete(store.id));
  }

  #fileOf(root: string): ReadFile {
    const path = `${root}/${fileName}`;
    const stamp = this.#stamp(path);
    const known = this.#files.get(root);
    if (known?.stamp === stamp) return known;
    const read = { stamp, ...readLarderYaml(this.#context.fs, path) };
    this.#files.set(root, read);
    return read;
  }

  #stamp(path: string): string {
    try {
      const { dev, ino, mtimeNs, ctimeNs, size } = this.#context.fs.stat(path);
      return `${dev} ${ino} ${mtimeNs} ${ctimeNs} ${size}`;
    } catch (error) {
      if (isSystemError(error)) return error.code;
      throw error;
    }
  }
}
