import { LarderError } from '../../shared/contract/index.ts';
import type { Backup, Output, ParsedInput, Store } from '../../shared/contract/index.ts';
import type { EngineContext } from '../context.ts';
import { toLarderError } from '../fs/index.ts';
import type { Catalog } from './catalog.ts';
import { DiffView } from './diff-rows.ts';
import type { Undecided } from './diff-entries.ts';
import { surveyStore } from './survey.ts';
import { diffTask, hashTask } from './tasks.ts';

/** Differences kept for the next page. */
const keptDiffs = 2;
/** A second one is only kept while both fit in this. */
const keptBytes = 128 * 1024 * 1024;
/** Live files one task reads. */
const filesPerTask = 256;
const bytesPerTask = 64 * 1024 * 1024;

interface Kept {
  readonly key: string;
  readonly view: DiffView;
}

type Query = Omit<ParsedInput<'backups.diff'>, 'backup' | 'other' | 'destination'>;

/** Tells what differs between backups, or between one and the live store. */
export class Differ {
  readonly #context: EngineContext;
  readonly #catalog: Catalog;
  #kept: Kept[] = [];

  constructor(context: EngineContext, catalog: Catalog) {
    this.#context = context;
    this.#catalog = catalog;
  }

  /** The older of the two is what the other is compared with, whichever is named first. */
  async backups(one: Backup, other: Backup, query: Query, signal: AbortSignal): Promise<Output<'backups.diff'>> {
    const [before, after] = one.startedAtMs <= other.startedAtMs ? [one, other] : [other, one];
    const key = JSON.stringify([this.#stamp(before), this.#stamp(after)]);
    const make = async (): Promise<DiffView> => {
      const input = { before: before.manifest, after: { manifest: after.manifest } };
      const keys = await this.#catalog.keys.of([before.manifest, after.manifest], signal);
      return new DiffView((await this.#context.pool.run(diffTask, input, { signal, keys })).data);
    };
    return (await this.#view(key, true, make)).page(query);
  }

  /** A first page looks at the store anew; those after it go on in what the first one found. */
  async live(backup: Backup, store: Store, query: Query, signal: AbortSignal): Promise<Output<'backups.diff'>> {
    const key = JSON.stringify([this.#stamp(backup), store.path]);
    const view = await this.#view(key, query.offset > 0, () => this.#compareLive(backup, store, signal));
    return view.page(query);
  }

  async #compareLive(backup: Backup, store: Store, signal: AbortSignal): Promise<DiffView> {
    const { pool, stores } = this.#context;
    const survey = await surveyStore(this.#context, store, {
      destinations: stores.list().flatMap((each) => this.#catalog.destinationsOf(each)),
      entries: true,
      signal,
    });
    const input = { before: backup.manifest, after: { root: store.path, batches: survey.batches } };
    const transfer = survey.batches.map(({ bytes }) => bytes.buffer);
    const keys = await this.#catalog.keys.of([backup.manifest], signal);
    const { data, undecided } = await pool.run(diffTask, input, { signal, transfer, keys });
    const view = new DiffView(data);
    await this.#decide(view, store.path, undecided, signal);
    return view;
  }

  /** Reads the files whose size is the same and whose time is not. */
  async #decide(view: DiffView, root: string, undecided: readonly Undecided[], signal: AbortSignal): Promise<void> {
    const rounds: Undecided[][] = [];
    let bytes = 0;
    for (const file of undecided) {
      const last = rounds.at(-1);
      if (last === undefined || last.length === filesPerTask || bytes >= bytesPerTask) {
        rounds.push([file]);
        bytes = file.size;
      } else {
        last.push(file);
        bytes += file.size;
      }
    }
    await Promise.all(
      rounds.map(async (files) => {
        const paths = files.map(({ path }) => path);
        const digests = await this.#context.pool.run(hashTask, { root, paths }, { signal });
        for (const [index, { path, sha256 }] of files.entries()) if (digests[index] === sha256) view.sameContent(path);
      }),
    );
  }

  async #view(key: string, mayBeKept: boolean, make: () => Promise<DiffView>): Promise<DiffView> {
    const known = mayBeKept ? this.#kept.find((each) => each.key === key) : undefined;
    const view = known?.view ?? (await make());
    this.#kept = [...this.#kept.filter((each) => each.key !== key), { key, view }].slice(-keptDiffs);
    if (this.#kept.reduce((sum, each) => sum + each.view.bytes, 0) > keptBytes) this.#kept = this.#kept.slice(-1);
    return view;
  }

  #stamp({ manifest }: Backup): string[] {
    try {
      const { size, mtimeNs } = this.#context.fs.stat(manifest);
      return [manifest, String(size), String(mtimeNs)];
    } catch (error) {
      throw toLarderError(error, manifest);
    }
  }
}

/** The registered store a backup was made from. Throws `NOT_FOUND` when it is not registered here. */
export function liveStoreOf(context: EngineContext, backup: Backup): Store {
  const store = context.stores.list().find(({ id }) => id === backup.store);
  if (store !== undefined) return store;
  throw new LarderError(
    'NOT_FOUND',
    `The store ${backup.storeName} is not registered here, so there is nothing live.`,
    {
      hint: 'Name another backup to compare with, or add the store.',
    },
  );
}
