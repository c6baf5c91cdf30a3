import { randomUUID } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import type { ComposeCheck, ComposeSubject, StoreLayout } from '../../shared/contract/index.ts';
import type { Capability, EngineContext } from '../context.ts';
import { Plans } from '../plans/index.ts';
import type { Fixed } from './fix.ts';
import type { CheckedStore } from './rules/context.ts';
import type { CheckRequest } from './run.ts';
import { applyTask, checkTask, fixTask, sourceTask, undoTask } from './tasks.ts';

export interface Compose extends Capability<'compose'> {
  /** The findings in the compose files beside a store, for its health. */
  checkStore(store: string, signal?: AbortSignal): Promise<ComposeCheck>;
}

/** The `compose` domain: mistakes in compose files that lose data. */
export function createCompose(context: EngineContext): Compose {
  const { pool, stores, layouts, home } = context;
  const plans = new Plans<Fixed>(context.clock);

  const request = ({ files, store, profiles, envFile }: ComposeSubject): CheckRequest => {
    const roots = stores.list().map(({ path }) => path);
    const chosen = store === undefined ? undefined : stores.get(store);
    if (chosen !== undefined && chosen.state === 'missing') {
      throw new LarderError(
        'NOT_FOUND',
        `The store ${chosen.name} is not there: ${chosen.stateReason ?? chosen.path}.`,
      );
    }
    return {
      files,
      profiles,
      envFile,
      ...(chosen === undefined ? {} : { store: expectations(chosen.path, layouts.of(chosen)) }),
      roots,
      home: homedir(),
      platform: process.platform,
    };
  };
  const check = async (subject: ComposeSubject, signal?: AbortSignal): Promise<ComposeCheck> =>
    pool.run(checkTask, request(subject), { signal });

  return {
    checkStore: (store, signal) => check({ store }, signal),
    handlers: {
      check: (subject, { signal }) => check(subject, signal),
      async source({ file, store }, { signal }) {
        const subject = store === undefined ? { files: [file] } : { store };
        return pool.run(sourceTask, { check: request(subject), file }, { signal });
      },
      async planFix({ check: subject, findings }, { signal }) {
        const fixed = await pool.run(fixTask, { check: request(subject), findings }, { signal });
        const id = randomUUID();
        plans.add(id, fixed);
        return {
          id,
          files: fixed.files.map(({ file, patch }) => ({ file, patch })),
          mended: [...fixed.mended],
          left: [...fixed.left],
        };
      },
      async applyFix({ plan }) {
        const { files } = plans.take(plan);
        const undo = randomUUID();
        const changes = files.map(({ file, digest, text }) => ({ file, digest, text }));
        return { undo, files: await pool.run(applyTask, { changes, folder: undoFolder(home, undo) }) };
      },
      async undoFix({ undo }) {
        return { files: await pool.run(undoTask, { folder: undoFolder(home, undo) }) };
      },
    },
  };
}

/** What a layout expects of compose files, as plain data for a pool worker. */
function expectations(
  path: string,
  { mounts, environment }: Pick<StoreLayout, 'mounts' | 'environment'>,
): CheckedStore {
  return { path, mounts, environment };
}

function undoFolder(home: string, undo: string): string {
  return join(home, 'compose-undo', undo);
}
