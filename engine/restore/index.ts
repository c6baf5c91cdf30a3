import { randomUUID } from 'node:crypto';
import type { Output, ParsedInput } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { BackupCatalog } from '../backup/index.ts';
import type { CallContext, Capability, EngineContext } from '../context.ts';
import { currentProcess } from '../process/index.ts';
import { applyRestore, enoughSpace } from './apply.ts';
import type { PlannedRestore } from './apply.ts';
import { flushFileSystem } from './flush.ts';
import type { FlushFileSystem } from './flush.ts';
import { findRestore, listRestores, removeExpired, settleAll } from './history.ts';
import { Selection } from './paths.ts';
import { Plans } from '../plans/index.ts';
import { RestoreRecords } from './records.ts';
import type { RestoreParts } from './settle.ts';
import { fingerprintOf, survey } from './survey.ts';
import { findTarget, protectedIn, refuseTarget, storeOf } from './target.ts';
import { UndoFolders } from './undo-folder.ts';
import { applyUndo, planUndo } from './undo.ts';
import type { PlannedUndo } from './undo.ts';

export { restoreMigrations } from './records.ts';
export type { RestoreResult } from './apply.ts';
export { withRealPath } from './real-path.ts';

export interface RestoreOptions {
  /** Replaced in tests. */
  readonly flushAll?: FlushFileSystem;
}

const listedWarnings = 1_000;

function partialWarning(skipped: number): { message: string }[] {
  if (skipped === 0) return [];
  const paths = skipped === 1 ? '1 path was' : `${skipped} paths were`;
  return [{ message: `The backup is partial: ${paths} skipped when it was made.` }];
}

/** Restore and undo: plan, apply, and settling what a crash left. The order of writes is in journal.ts. */
export function createRestore(
  context: EngineContext,
  catalog: BackupCatalog,
  options: RestoreOptions = {},
): Capability<'restore'> {
  const flushAll = options.flushAll ?? flushFileSystem;
  const parts: RestoreParts = {
    context,
    records: new RestoreRecords(context.db),
    folders: new UndoFolders(context.fs, context.pool, context.home),
    owner: { ...currentProcess(), instance: randomUUID() },
    active: new Set(),
  };
  const plans = new Plans<PlannedRestore>(context.clock);
  const undoPlans = new Plans<PlannedUndo>(context.clock);

  const changed = (store: string | undefined): void => {
    context.emit('restore.changed', store === undefined ? {} : { store });
  };

  async function plan(input: ParsedInput<'restore.plan'>, call: CallContext): Promise<Output<'restore.plan'>> {
    const backup = await catalog.resolve(input.backup, input.destination);
    const reader = await catalog.open(backup);
    const target = findTarget(context, backup, input.target);
    refuseTarget(context, target, backup, input);
    const leftOut = [...reader.header.excluded, ...reader.header.skipped];
    const about = {
      backup,
      reader,
      target,
      selection: new Selection(input.paths),
      overwrite: input.overwrite,
      rule: {
        overwrite: input.overwrite,
        owners: process.geteuid?.() === 0,
        modes: process.platform !== 'win32',
      },
      deleteExtra: input.deleteExtra,
      protectedPaths: protectedIn(context, target.path, backup, leftOut),
      store: target.inPlace ? storeOf(context, backup)?.id : undefined,
    };
    const found = await survey({ ...about, pool: context.pool, signal: call.signal });
    const id = randomUUID();
    plans.add(id, { ...about, survey: found });
    const { created, overwritten, metadata, unchanged, kept, deleted, bytesToWrite } = found.totals;
    const problem = backup.problem === undefined ? [] : [{ message: `The backup has a problem: ${backup.problem}` }];
    const warnings = [...problem, ...partialWarning(reader.header.skipped.length), ...found.warnings];
    const more = warnings.length - listedWarnings;
    return {
      id,
      fingerprint: fingerprintOf(found, JSON.stringify([backup.id, target.path, input.paths, input.overwrite])),
      backup: backup.id,
      ...(about.store === undefined ? {} : { store: about.store }),
      target: target.path,
      inPlace: target.inPlace,
      created,
      overwritten,
      metadata,
      unchanged,
      kept,
      deleted,
      bytesToWrite,
      free: target.free,
      enoughSpace: enoughSpace(target, found),
      items: [...found.items],
      moreItems: found.touched - found.items.length,
      warnings: [
        ...warnings.slice(0, listedWarnings),
        ...(more > 0 ? [{ message: `${more} more paths have warnings.` }] : []),
      ],
    };
  }

  function titleOf(planned: PlannedRestore): string {
    return planned.target.inPlace
      ? `Restore ${planned.backup.storeName}`
      : `Restore ${planned.backup.storeName} into ${displayName(planned.target.path)}`;
  }

  return {
    handlers: {
      plan,
      apply({ plan: id }) {
        const planned = plans.take(id);
        const { store } = planned;
        const job = context.jobs.start({ kind: 'restore', title: titleOf(planned), store }, async (handle) => {
          try {
            return await applyRestore(parts, planned, flushAll, handle);
          } finally {
            await removeExpired(parts);
            changed(store);
          }
        });
        return { job };
      },
      list: ({ store }) => ({
        restores: listRestores(parts, store === undefined ? undefined : context.stores.get(store).id),
      }),
      async planUndo({ restore }) {
        const { id: of, target, store } = findRestore(parts, restore);
        const { planned, shown } = await planUndo(parts, of, target, store);
        const id = randomUUID();
        undoPlans.add(id, planned);
        return { id, ...shown };
      },
      applyUndo({ plan: id }) {
        const planned = undoPlans.take(id);
        const { store } = planned;
        const title = `Undo a restore in ${displayName(planned.target)}`;
        const job = context.jobs.start({ kind: 'undo', title, store }, async (handle) => {
          try {
            return await applyUndo(parts, planned, handle);
          } finally {
            changed(store);
          }
        });
        return { job };
      },
    },
    async start() {
      await settleAll(parts);
      await removeExpired(parts);
    },
  };
}
