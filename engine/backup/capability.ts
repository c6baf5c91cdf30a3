import { basename, dirname } from 'node:path';
import type { ParsedInput } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { Capability, EngineContext } from '../context.ts';
import { createRotation } from '../rotation/index.ts';
import { assertFree, exportFormat } from '../export/index.ts';
import { Browser } from './browse.ts';
import { Catalog } from './catalog.ts';
import { checkBackup, damagedError } from './check.ts';
import type { CheckParts } from './check.ts';
import { readDestination } from './destination.ts';
import { Differ, liveStoreOf } from './diff.ts';
import { clearExports, exportTitle, exportTo } from './export.ts';
import { forgetManifests } from './kept-manifest.ts';
import { backupTitle, chosenFormat, keepNewest, makeBackup, verifyTitle } from './make.ts';
import { readMarks, setMark } from './marks.ts';
import { recipientsLike } from './parent.ts';
import { planBackup } from './plan.ts';
import { assertLost, rebuildBackup } from './rebuild.ts';
import { RecentBackups } from './recent.ts';
import { BackupRecords } from './records.ts';
import type { BackupCatalog } from './types.ts';

export interface Backups extends Capability<'backups'>, BackupCatalog {
  /** How many backups that can be used lie in a folder; none when it is not there. */
  count(directory: string): Promise<number>;
}

/** Making, finding, verifying and looking into backups. */
export function createBackups(context: EngineContext): Backups {
  const records = new BackupRecords(context.db);
  const catalog = new Catalog(context, records);
  const browser = new Browser(context, catalog.keys);
  const differ = new Differ(context, catalog);
  const recent = new RecentBackups(context, catalog);
  const parts: CheckParts = { context, catalog, records };
  const rotation = createRotation({
    context,
    catalog,
    recipientsLike: (store, manifests, signal) => recipientsLike(parts, store, manifests, signal),
    afterRemoval: (store, directory) => keepNewest(parts, store, directory),
    assertPinsKnown: (directory) => void readMarks(context.fs, directory),
  });

  context.stores.onChange(() => forgetManifests(context));

  async function mark({ backup: ref, destination, ...change }: ParsedInput<'backups.mark'>) {
    const { id, manifest, store } = await catalog.resolve(ref, destination);
    const lock = await catalog.lockDestination(dirname(manifest), { purpose: 'marking a backup' });
    try {
      const { setAside } = setMark(context.fs, lock, id, change);
      if (setAside !== undefined) context.log.warn({ setAside }, 'Damaged marks of backups were set aside.');
    } finally {
      lock.release();
    }
    context.emit('backups.changed', store === undefined ? {} : { store });
    return catalog.resolve(id, dirname(manifest));
  }

  return {
    handlers: {
      list: (input) => catalog.list(input),
      get: (input) => catalog.resolve(input.backup, input.destination),
      plan: (input, { signal }) => planBackup(parts, input, signal),
      start(input) {
        const store = context.stores.get(input.store);
        chosenFormat(context, input.format);
        const job = context.jobs.start({ kind: 'backup', title: backupTitle(store), store: store.id }, (handle) =>
          makeBackup(parts, rotation, handle, input),
        );
        return { job };
      },
      async verify(input) {
        const backup = await catalog.resolve(input.backup, input.destination);
        const spec = { kind: 'verify', title: verifyTitle(backup.archive), store: backup.store } as const;
        const job = context.jobs.start(spec, async (handle) => {
          const result = await checkBackup(parts, handle, backup, input);
          if (!result.ok) throw damagedError(backup, result);
          return { status: 'done', result: { ...result } };
        });
        return { job };
      },
      mark,
      async diff({ backup: ref, other, destination, ...query }, { signal }) {
        const backup = await recent.resolve(ref, destination);
        if (other === undefined) return differ.live(backup, liveStoreOf(context, backup), query, signal);
        return differ.backups(backup, await recent.resolve(other, destination), query, signal);
      },
      async export({ backup: ref, destination, file }) {
        exportFormat(file);
        assertFree(context.fs, file);
        const backup = await catalog.resolve(ref, destination);
        const spec = { kind: 'export', title: exportTitle(backup), store: backup.store } as const;
        return { job: context.jobs.start(spec, (handle) => exportTo(parts, handle, backup, file)) };
      },
      planRemoval: (input, call) => rotation.planRemoval(input, call),
      remove: (input) => rotation.remove(input),
      rebuild({ archive }) {
        assertLost(parts, archive);
        const title = `Rebuild the manifest of ${displayName(basename(archive))}`;
        const job = context.jobs.start({ kind: 'rebuild', title }, (handle) => rebuildBackup(parts, handle, archive));
        return { job };
      },
      async ls({ backup: ref, destination, ...input }, { signal }) {
        const backup = await recent.resolve(ref, destination);
        const root = context.stores.list().find((store) => store.id === backup.store)?.path;
        return browser.list(backup, root, input, signal);
      },
      async read({ backup: ref, destination, path, offset, limit }, { signal }) {
        const backup = await recent.resolve(ref, destination);
        const { bytes, content } = await browser.content(backup, path, offset, limit, signal);
        return { bytes, base64: Buffer.from(content).toString('base64') };
      },
      async preview(input, { signal }) {
        const backup = await recent.resolve(input.backup);
        return browser.preview(backup, input.path, input.maxBytes, signal);
      },
    },
    async start() {
      forgetManifests(context);
      await clearExports(context);
    },
    async count(directory) {
      const { backups } = await readDestination(context, records, catalog.keys, directory);
      return backups.filter((backup) => backup.problem === undefined).length;
    },
    resolve: (ref, destination) => catalog.resolve(ref, destination),
    open: (backup) => catalog.open(backup),
    lockDestination: (directory, options) => catalog.lockDestination(directory, options),
  };
}
