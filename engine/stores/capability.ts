import { isDeepStrictEqual } from 'node:util';
import { secretFiles } from '../../shared/contract/index.ts';
import type { EventData, EventName } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { Capability, Log, SecretKeys } from '../context.ts';
import type { FileSystem } from '../fs/index.ts';
import { toLarderError } from '../fs/index.ts';
import { assertOutsideStores } from './outside-stores.ts';
import { inferAreas } from './roles.ts';
import { suggestName } from './registry.ts';
import type { Stores } from './registry.ts';

export interface StoresOptions {
  readonly fs: FileSystem;
  readonly registry: Stores;
  readonly secrets: Pick<SecretKeys, 'recipientsOf' | 'keysOf' | 'rememberFormer'>;
  readonly emit: <N extends EventName>(name: N, data: EventData<N>) => void;
  /** Look every so many ms for what other processes changed; not at all in a single command. */
  readonly noticeOthers?: { readonly everyMs: number; readonly log: Log } | undefined;
  /** How many whole backups lie in a destination. */
  readonly countBackups: (destination: string) => Promise<number>;
}

/** The `stores` domain over the registry. */
export function createStores(options: StoresOptions): Capability<'stores'> {
  const { registry, fs, secrets } = options;
  let timer: NodeJS.Timeout | undefined;
  registry.onChange(() => options.emit('stores.changed', { stores: registry.list() }));
  return {
    handlers: {
      list: () => ({ stores: registry.list() }),
      async probe({ path }) {
        try {
          const realPath = registry.check(path);
          const folders = fs.readDirectory(realPath).filter((entry) => entry.kind === 'dir');
          return {
            path,
            realPath,
            suggestedName: suggestName(realPath),
            areas: inferAreas(folders.map((entry) => entry.name)),
            backupsFound: await options.countBackups(registry.defaultDestination(realPath)),
          };
        } catch (error) {
          const refusal = toLarderError(error, path);
          if (refusal.code === 'INTERNAL') throw refusal;
          return {
            path,
            suggestedName: displayName(path),
            areas: [],
            backupsFound: 0,
            refusal: { message: refusal.message, ...(refusal.hint === undefined ? {} : { hint: refusal.hint }) },
          };
        }
      },
      add: (input) => registry.add(input),
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
