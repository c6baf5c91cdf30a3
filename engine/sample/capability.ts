import { homedir } from 'node:os';
import { join } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import type { Store } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { Capability, EngineContext } from '../context.ts';
import { toLarderError } from '../fs/index.ts';
import type { JobHandle, JobOutcome } from '../jobs/index.ts';
import { checkOverlap } from './overlap.ts';
import { removeCreated } from './remove.ts';
import { checkTarget, locateTarget } from './target.ts';
import { writeSampleTask } from './tasks.ts';
import type { SampleProgress, WrittenSample } from './write.ts';

const storeName = 'persistent_data';
/** Every sample of the same moment is the same. */
const defaultSeed = 31;

/** The name, or the name with the lowest number from 2 that no store has. */
export function distinctName(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name;
  for (let number = 2; ; number += 1) {
    const candidate = `${name} ${number}`;
    if (!taken.includes(candidate)) return candidate;
  }
}

/** Registers a folder as a store; throws what `stores.add` throws. */
export type AddStore = (path: string, name?: string) => Promise<Store>;

/**
 * Writes the sample store as a job of kind `sample`. Its result is `{store, path, files, bytes}`, `store` being the id.
 * When the store cannot be added in the end, what was written is removed again.
 */
export function createSample(
  context: EngineContext,
  addStore: AddStore,
  options: { readonly userHome?: string; readonly seed?: number } = {},
): Capability<'sample'> {
  const { fs, pool, jobs } = context;
  const seed = options.seed ?? defaultSeed;
  /** Roots being written now. */
  const writing = new Set<string>();

  async function write(root: string, job: JobHandle): Promise<JobOutcome> {
    job.update({ phase: 'Writing files' });
    const written = await pool.run(
      writeSampleTask,
      { path: root, now: context.clock(), seed },
      { signal: job.signal, onMessage: (message) => job.update(message as SampleProgress) },
    );
    job.update({ phase: 'Adding the store', current: undefined, filesDone: written.files, bytesDone: written.bytes });
    const store = await add(written, job);
    for (const warning of written.warnings) job.warn(warning);
    return { result: { store: store.id, path: store.path, files: written.files, bytes: written.bytes } };
  }

  async function add(written: WrittenSample, job: JobHandle): Promise<Store> {
    try {
      job.throwIfCancelled();
      job.cannotCancel();
      const taken = context.stores.list().map((store) => store.name);
      return await addStore(written.root, distinctName(storeName, taken));
    } catch (error) {
      // On this thread: it is short, and the pool may be what failed.
      for (const warning of removeCreated(fs, written.created)) job.warn(warning);
      throw toLarderError(error, written.root);
    }
  }

  return {
    handlers: {
      create(input) {
        const path = input.path ?? join(options.userHome ?? homedir(), 'larder-sample', storeName);
        const { root } = locateTarget(fs, path);
        if (writing.has(root)) {
          throw new LarderError('BUSY', `The sample is being written to ${displayName(root)} already.`);
        }
        checkOverlap(root, context.stores.list());
        checkTarget(fs, root);
        writing.add(root);
        const title = `Write sample data to ${displayName(root)}`;
        try {
          const job = jobs.start({ kind: 'sample', title }, (handle) =>
            write(root, handle).finally(() => writing.delete(root)),
          );
          return { job, path: root };
        } catch (error) {
          writing.delete(root);
          throw error;
        }
      },
    },
  };
}
