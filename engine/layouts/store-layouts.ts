import { basename } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import type { Layout, Store, StoreLayout } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { EngineContext, StoreLayouts } from '../context.ts';
import { isSystemError } from '../fs/index.ts';
import { areaExists } from './exists.ts';
import { guessRoles } from './guess.ts';
import { fileName, readLarderYaml } from './larder-yaml.ts';
import type { LarderYamlFile } from './larder-yaml.ts';
import { resolveLayout } from './resolve.ts';
import type { Guess } from './resolve.ts';
import { readShipped } from './shipped.ts';
import { lookIntoTask } from './tasks.ts';

interface ReadFile extends LarderYamlFile {
  /** What tells whether it is still the same file. */
  readonly stamp: string;
}

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
  #shipped: ReadonlyMap<string, Layout> | undefined;

  constructor(context: Pick<EngineContext, 'fs' | 'pool'>) {
    this.#context = context;
  }

  list(): readonly Layout[] {
    return [...this.#byId().values()];
  }

  get(id: string): Layout {
    const found = this.#byId().get(id);
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
      chosen: store.layout === undefined ? undefined : this.#byId().get(store.layout),
      file: read.file,
      problems: read.problems,
      known: this.#byId(),
      guesses,
      exists: (path) => areaExists(this.#context.fs, store.path, path),
      yours: store.rules.areas,
    });
    this.#known.set(store.id, { key, layout });
    if (known !== undefined && JSON.stringify(known.layout) !== JSON.stringify(layout)) this.#changed(store.id);
    return layout;
  }

  async look(store: Store, signal?: AbortSignal): Promise<StoreLayout> {
    const rootStamp = this.#stamp(store.path);
    const { seen } = await this.#context.pool.run(lookIntoTask, store.path, { signal });
    this.#guesses.set(store.id, { rootStamp, guesses: guessRoles({ name: basename(store.path), seen }) });
    return this.of(store);
  }

  onChange(listener: (store: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #changed(store: string): void {
    for (const listener of [...this.#listeners]) listener(store);
  }

  #byId(): ReadonlyMap<string, Layout> {
    this.#shipped ??= new Map(readShipped(this.#context.fs).map((layout) => [layout.id, layout]));
    return this.#shipped;
  }

  /** Guesses as of the last look at the contents; what came since is told by its name. */
  #guessesOf(store: Store, rootStamp: string): readonly Guess[] {
    const known = this.#guesses.get(store.id);
    if (known?.rootStamp === rootStamp) return known.guesses;
    let folders: string[];
    try {
      folders = this.#context.fs
        .readDirectory(store.path)
        .filter(({ kind }) => kind === 'dir')
        .map(({ name }) => name);
    } catch (error) {
      if (isSystemError(error)) return [];
      throw error;
    }
    const before = new Map(known?.guesses.map((guess) => [guess.path, guess]));
    const byName = guessRoles({ name: '', seen: folders.map((path) => ({ path, kind: 'dir' as const })) });
    const guesses = byName.map((guess) => before.get(guess.path) ?? guess);
    this.#guesses.set(store.id, { rootStamp, guesses });
    return guesses;
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
      if (isSystemError(error)) return error.code ?? 'gone';
      throw error;
    }
  }
}
