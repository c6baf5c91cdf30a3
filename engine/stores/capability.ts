import { isDeepStrictEqual } from 'node:util';
import { secretFiles } from '../../shared/contract/index.ts';
import type { Area, EventData, EventName, Output, Store } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { Capability, Log, SecretKeys, StoreLayouts } from '../context.ts';
import type { FileSystem } from '../fs/index.ts';
import { toLarderError } from '../fs/index.ts';
import { assertOutsideStores } from './outside-stores.ts';
import { suggestName } from './registry.ts';
import type { AddStore, Stores } from './registry.ts';

type Detected = Output<'layouts.detect'>;

export interface StoresOptions {
  readonly fs: FileSystem;
  readonly registry: Stores;
  readonly layouts: StoreLayouts;
  /** Which layouts a folder may be of. */
  readonly detect: (path: string, signal?: AbortSignal) => Promise<Detected>;
  readonly secrets: Pick<SecretKeys, 'recipientsOf' | 'keysOf' | 'rememberFormer'>;
  readonly emit: <N extends EventName>(name: N, data: EventData<N>) => void;
  /** Look every so many ms for what other processes changed; not at all in a single command. */
  readonly noticeOthers?: { readonly everyMs: number; readonly log: Log } | undefined;
  /** How many whole backups lie in a destination. */
  readonly countBackups: (destination: string) => Promise<number>;
}

type AddWithLayout = Omit<AddStore, 'layout'> & { readonly layout?: string | null | undefined };

export interface StoresCapability extends Capability<'stores'> {
  /** Registers a folder. Its layout is the convincing one unless one, or none (`null`), is given. */
  add(input: AddWithLayout, signal?: AbortSignal): Promise<Store>;
}

/** The `stores` domain over the registry. */
export function createStores(options: StoresOptions): StoresCapability {
  const { registry, fs, layouts, secrets } = options;
  let timer: NodeJS.Timeout | undefined;
  registry.onChange(() => options.emit('stores.changed', { stores: registry.list() }));

  async function add({ layout, ...input }: AddWithLayout, signal?: AbortSignal): Promise<Store> {
    if (typeof layout === 'string') layouts.get(layout);
    const path = registry.check(input.path);
    const chosen = layout === undefined ? (await options.detect(path, signal)).layout : (layout ?? undefined);
    return registry.add({ ...input, layout: chosen });
  }

  return {
    add,
    handlers: {
      list: () => ({ stores: registry.list() }),
      async probe({ path }, { signal }) {
        try {
          const realPath = registry.check(path);
          const { candidates, layout, areas } = await options.detect(realPath, signal);
          return {
            path,
            realPath,
            suggestedName: suggestName(realPath),
            areas: areas.flatMap(({ id, path: of, role, guess, exists }): Area[] =>
              exists ? [{ id, path: of, role, ...(guess === undefined ? {} : { guess }) }] : [],
            ),
            ...(layout === undefined ? {} : { layout }),
            candidates,
            backupsFound: await options.countBackups(registry.defaultDestination(realPath)),
          };
        } catch (error) {
          const refusal = toLarderError(error, path);
          if (refusal.code === 'INTERNAL') throw refusal;
          return {
            path,
            suggestedName: displayName(path),
            areas: [],
            candidates: [],
            backupsFound: 0,
            refusal: { message: refusal.message, ...(refusal.hint === undefined ? {} : { hint: refusal.hint }) },
          };
        }
      },
      add: (input, { signal }) => add(input, signal),
      async update({ store: id, ...change }) {
        const encryption = change.rules?.encryption;
        if (encryption != null) {
          for (const file of secretFiles({ encryption })) {
            const what = encryption.kind === 'passphrase' ? 'passphrase' : 'identity';
            assertOutsideStores(fs, registry.list(), file, what);
          }
          // What could not be encrypted for, or opened again here, is told now and not by the next backup.
          await secrets.recipientsOf(encryption);
          await secrets.keysOf(encryption);
        }
        if (typeof change.layout === 'string') layouts.get(change.layout);
        const store = registry.get(id);
        if (encryption !== undefined && !isDeepStrictEqual(encryption, store.rules.encryption ?? null)) {
          secrets.rememberFormer(store);
        }
        return registry.update(store.id, change);
      },
      remove({ store: id }) {
        const store = registry.get(id);
        secrets.rememberFormer(store);
        registry.remove(store.id);
        return { ok: true };
      },
    },
    start() {
      if (options.noticeOthers === undefined) return;
      const { everyMs, log } = options.noticeOthers;
      const look = (): void => {
        try {
          registry.noticeOthers();
        } catch (error) {
          log.warn({ error: toLarderError(error).message }, 'what other processes changed could not be read');
        }
      };
      look();
      timer = setInterval(look, everyMs);
      timer.unref();
    },
    stop: () => clearInterval(timer),
  };
}
