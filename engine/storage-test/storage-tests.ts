import type { Store, StorageTest, StoreLayout } from '../../shared/contract/index.ts';
import { LarderError } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { EngineContext } from '../context.ts';
import { detectIn, layoutIn } from '../layouts/index.ts';
import { toLarderError } from '../fs/index.ts';
import { storageTestTask } from './tasks.ts';
import type { StorageTestProgress } from './run.ts';

/** What is to be tested. */
export interface StorageSubject {
  readonly path: string;
  readonly store: Store | undefined;
}

/** The storage test: whether a store, or a folder that may become one, can be worked with. */
export class StorageTests {
  readonly #context: EngineContext;

  constructor(context: EngineContext) {
    this.#context = context;
  }

  /** What a call means. Throws `NOT_FOUND` for a folder that is not there and no store's. */
  subjectOf(input: { path?: string | undefined; store?: string | undefined }): StorageSubject {
    const { fs, stores } = this.#context;
    if (input.store !== undefined) {
      const store = stores.get(input.store);
      return { path: store.path, store };
    }
    if (input.path === undefined) throw new LarderError('INVALID_INPUT', 'Name a store or a folder to test.');
    try {
      const path = fs.realPath(input.path);
      if (!fs.stat(path).isDirectory()) {
        throw new LarderError('INVALID_INPUT', `${displayName(input.path)} is not a folder.`);
      }
      return { path, store: stores.list().find((store) => store.path === path) };
    } catch (error) {
      throw toLarderError(error, input.path);
    }
  }

  async run(
    { path, store }: StorageSubject,
    options: { signal: AbortSignal; onProgress?: (progress: StorageTestProgress) => void },
  ): Promise<StorageTest> {
    const { pool, clock, layouts } = this.#context;
    const layout = store === undefined ? await this.#layoutOf(path, options.signal) : layouts.of(store);
    const checks = await pool.run(
      storageTestTask,
      {
        root: path,
        areas: layout.areas
          .filter((area) => !area.path.includes('*'))
          .map((area) => ({
            path: area.path,
            required: area.required,
            mode: area.directoryMode ?? layout.directoryMode,
            live: area.capture === 'live',
          })),
        rootMode: layout.directoryMode,
        nowMs: clock(),
        windows: process.platform === 'win32',
      },
      { signal: options.signal, onMessage: (message) => options.onProgress?.(message as StorageTestProgress) },
    );
    return {
      ok: checks.every(({ status }) => status !== 'fail'),
      path,
      ...(store === undefined ? {} : { store: store.id }),
      ...(layout.layout === undefined ? {} : { layout: layout.layout.id }),
      checks,
    };
  }

  /** Of a folder that is no store yet: its larder.yaml, else the layout it convincingly has. */
  async #layoutOf(path: string, signal: AbortSignal): Promise<StoreLayout> {
    const detected = (await detectIn(this.#context, path, signal)).layout;
    return layoutIn(this.#context, path, detected);
  }
}
