import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { LarderError, isLarderError } from '../../shared/contract/index.ts';
import type { Backup, Output, ParsedInput, RemovalPlan, Store } from '../../shared/contract/index.ts';
import type { CallContext } from '../context.ts';
import type { JobHandle } from '../jobs/index.ts';
import { Plans } from '../plans/index.ts';
import { removeBackups } from './apply.ts';
import type { Removal, Removed } from './apply.ts';
import { choose, removedManifests } from './choice.ts';
import type { Choice, Wish } from './choice.ts';
import type { Ground } from './ground.ts';
import { movingsOf } from './moving.ts';
import { outcomeOf } from './outcome.ts';
import type { RotationParts } from './parts.ts';
import { readReleased } from './released.ts';
import { groundTask } from './tasks.ts';

export { readReleased } from './released.ts';
export { keepSpare, withSpare } from './spare.ts';
export type { RotationParts } from './parts.ts';

export interface Rotation {
  planRemoval(input: ParsedInput<'backups.planRemoval'>, call: CallContext): Promise<RemovalPlan>;
  /** Starts the job. Throws `NOT_FOUND` when there is no plan of that id, or no longer. */
  remove(input: ParsedInput<'backups.remove'>): Output<'backups.remove'>;
  /**
   * After a backup was made in `directory`: rotation by the store's rules when it asks for that, and clearing what an
   * interrupted run left. Part of the backup's job; whatever goes wrong is a warning of it, never thrown.
   */
  rotate(store: Store, directory: string, job: JobHandle): Promise<void>;
}

interface Planned {
  readonly store: Store;
  readonly removals: readonly Removal[];
  readonly count: number;
}

/** Removing backups: by name or by the rules of rotation, planned and then applied. */
export function createRotation(parts: RotationParts): Rotation {
  const { context, catalog } = parts;
  const plans = new Plans<Planned>(context.clock);

  return {
    async planRemoval(input, { signal }) {
      const store = context.stores.get(input.store);
      const nowMs = context.clock();
      const rules = input.retention ?? store.rules.retention;
      const listed = (await catalog.list({ store: store.id, destination: input.destination })).backups;
      const named = input.backups === undefined ? undefined : await findAll(input.backups, input.destination, listed);
      const directories = [...new Set((named ?? listed).map(({ manifest }) => dirname(manifest)))].sort();
      const looks: Look[] = [];
      for (const directory of directories) {
        const wish: Wish =
          named === undefined
            ? { by: 'rules', store, rules, nowMs }
            : {
                by: 'name',
                store,
                ids: new Set(named.filter((one) => dirname(one.manifest) === directory).map(({ id }) => id)),
              };
        looks.push(await lookAt(parts, directory, wish, signal));
      }
      const plan = randomUUID();
      const removals = looks.map(({ removal }) => removal);
      const count = removals.reduce((sum, { planned }) => sum + (planned?.manifests.size ?? 0), 0);
      plans.add(plan, { store, removals, count });
      return describe(plan, looks);
    },

    remove({ plan }) {
      const { store, removals, count } = plans.take(plan);
      const title = `Remove ${count === 1 ? '1 backup' : `${count} backups`} of ${store.name}`;
      const job = context.jobs.start({ kind: 'prune', title, store: store.id }, async (handle) => {
        const done: Removed = { removed: [], freed: 0, held: [], compacted: [] };
        for (const removal of removals) {
          const one = await removeBackups(parts, handle, removal);
          done.removed.push(...one.removed);
          done.freed += one.freed;
          done.held.push(...one.held);
          done.compacted.push(...one.compacted);
          await parts.afterRemoval(store, removal.directory);
        }
        return { result: { ...done } };
      });
      return { job };
    },

    async rotate(store, directory, job) {
      try {
        const { rotate, retention: rules } = store.rules;
        if (!rotate && readReleased(context.fs, directory).size === 0) return;
        const wish: Wish | undefined = rotate ? { by: 'rules', store, rules, nowMs: context.clock() } : undefined;
        await removeBackups(parts, job, { directory, store, wish });
      } catch (error) {
        // Larder is stopping; the next backup rotates.
        if (isLarderError(error, 'CANCELLED')) return;
        if (!(error instanceof LarderError)) throw error;
        job.warn({ path: directory, reason: `Old backups were not removed: ${error.message}` });
      }
    },
  };

  /** The backups that `refs` name, which must be among `listed`. */
  async function findAll(
    refs: readonly string[],
    destination: string | undefined,
    listed: readonly Backup[],
  ): Promise<Backup[]> {
    const manifests = new Set(listed.map(({ manifest }) => manifest));
    const found: Backup[] = [];
    for (const ref of refs) {
      const exact = listed.filter(({ id }) => id === ref);
      const backup = exact.length === 1 && exact[0] !== undefined ? exact[0] : await catalog.resolve(ref, destination);
      if (!manifests.has(backup.manifest)) {
        throw new LarderError('INVALID_INPUT', `The backup ${backup.id} is one of ${backup.storeName}.`, {
          hint: 'Name backups of one store at a time.',
        });
      }
      found.push(backup);
    }
    return found;
  }
}

interface Look {
  readonly removal: Removal;
  readonly ground: Ground;
  readonly choice: Choice;
  readonly outcome: ReturnType<typeof outcomeOf>;
  readonly compacts: ReadonlyMap<string, Omit<RemovalPlan['compacts'][number], 'archive'>>;
}

async function lookAt(parts: RotationParts, directory: string, wish: Wish, signal: AbortSignal): Promise<Look> {
  const keys = await parts.catalog.keys.inFolder(directory, signal);
  const ground = await parts.context.pool.run(groundTask, directory, { signal, keys });
  const choice = await choose(parts, directory, ground, wish);
  const manifests = removedManifests(choice);
  const outcome = outcomeOf(ground, manifests);
  // What is damaged or locked stays as it is, which is what a run would come to as well.
  const { moving } = await movingsOf(parts, wish.store, directory, outcome.held, signal);
  const compacts = new Map(
    moving.map(({ held: { archive }, usage, why }) => [
      archive.name,
      { bytes: archive.bytes, needed: usage.needed, why },
    ]),
  );
  return {
    removal: { directory, store: wish.store, wish, planned: { ground, manifests } },
    ground,
    choice,
    outcome,
    compacts,
  };
}

function describe(plan: string, looks: readonly Look[]): RemovalPlan {
  let frees = 0;
  const held: RemovalPlan['held'] = [];
  const compacts: RemovalPlan['compacts'] = [];
  for (const look of looks) {
    const { directory, planned } = look.removal;
    for (const { name, bytes } of look.ground.manifests) if (planned?.manifests.has(name) === true) frees += bytes;
    for (const { bytes } of look.outcome.free) frees += bytes;
    for (const { archive, neededBy } of look.outcome.held) {
      const path = join(directory, archive.name);
      const compacted = look.compacts.get(archive.name);
      if (compacted === undefined) held.push({ archive: path, bytes: archive.bytes, neededBy: [...neededBy] });
      else {
        compacts.push({ archive: path, ...compacted });
        frees += compacted.bytes - compacted.needed;
      }
    }
  }
  const backups = looks
    .flatMap(({ choice }) => choice.backups)
    .sort((a, b) => b.backup.startedAtMs - a.backup.startedAtMs)
    .map(({ backup, keep, reasons, kinds }) => ({
      backup: backup.id,
      keep,
      reasons: [...reasons],
      kinds: [...kinds],
    }));
  return { plan, backups, frees, held, compacts };
}
