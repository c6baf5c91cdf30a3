import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { LarderError } from '../../shared/contract/index.ts';
import type { Discovered, Store } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { Capability, EngineContext } from '../context.ts';
import { toLarderError } from '../fs/index.ts';
import type { JobHandle, JobOutcome } from '../jobs/index.ts';
import { detectIn } from '../layouts/index.ts';
import { overlap } from '../stores/index.ts';
import { placesOf } from './places.ts';
import type { Surroundings } from './places.ts';
import { countTask, locateTask } from './tasks.ts';
import type { Counted, Located } from './tasks.ts';

/** A folder that fits worse is hardly a store of the layout whose place it is. */
const leastScore = 0.3;
const countBounds = { mostMs: 20_000, mostEntries: 500_000 };

export interface DiscoverOptions {
  addStore(input: { path: string; layout: string }): Promise<Store>;
  /** The world that is looked at; this process's where it is left out. */
  readonly around?: () => Surroundings;
}

function ownSurroundings(): Surroundings {
  return { env: process.env, home: homedir(), platform: process.platform };
}

/** The `discover` domain: well-known stores of this machine. */
export function createDiscover(context: EngineContext, options: DiscoverOptions): Capability<'discover'> {
  const { pool, layouts, stores, jobs, clock, emit } = context;
  const around = options.around ?? ownSurroundings;
  let found = new Map<string, Discovered>();
  let job: string | undefined;
  let atMs: number | undefined;

  function withStore(one: Discovered): Discovered {
    const { store: _store, refusal, ...rest } = one;
    for (const store of stores.list()) {
      const relation = overlap(one.path, store.path);
      if (relation === undefined) continue;
      if (relation === 'same') return { ...rest, store: store.id };
      if (relation === 'inside') {
        return { ...rest, store: store.id, refusal: `It lies in the store ${displayName(store.name)}.` };
      }
      return { ...rest, refusal: `It contains the store ${displayName(store.name)}.` };
    }
    return { ...rest, ...(refusal === undefined ? {} : { refusal }) };
  }

  function put(map: Map<string, Discovered>, one: Discovered): void {
    map.set(one.id, one);
    emit('discover.found', { found: withStore(one) });
  }

  async function look(handle: JobHandle): Promise<JobOutcome> {
    const here = around();
    handle.update({ phase: 'Looking' });
    const places = layouts.list().flatMap((layout) => placesOf(layout, here));
    const located = await pool.run(locateTask, { places, around: here }, { signal: handle.signal });
    const next = new Map<string, Discovered>();
    found = next;
    for (const one of await judge(located, handle)) put(next, one);
    handle.update({ phase: 'Counting', filesDone: 0, filesTotal: next.size });
    let done = 0;
    await Promise.all(
      [...next.values()].map(async (one) => {
        if (one.refusal === unreadable) return;
        try {
          const size = await pool.run(
            countTask,
            { path: one.path, ...countBounds },
            {
              signal: handle.signal,
              onMessage: (message) => put(next, { ...one, size: { ...(message as Counted), atLeast: true } }),
            },
          );
          put(next, { ...one, size });
        } catch (error) {
          if (handle.signal.aborted) throw error;
          handle.warn({ path: one.path, reason: `It could not be counted: ${toLarderError(error).message}` });
        }
        done += 1;
        handle.update({ current: one.path, filesDone: done });
      }),
    );
    atMs = clock();
    return { result: { found: [...next.values()].map(withStore) } };
  }

  /** What of the places is a store, with ids. Of two layouts for one folder the better fit counts. */
  async function judge(located: readonly Located[], handle: JobHandle): Promise<Discovered[]> {
    const best = new Map<string, Omit<Discovered, 'id'>>();
    for (const { layout: id, path, why, named, unreadable: closed } of located) {
      handle.throwIfCancelled();
      const { title } = layouts.get(id);
      const layout = { id, title };
      if (closed) {
        if (!best.has(path)) best.set(path, { layout, path, score: 0, why, speaksFor: [], refusal: unreadable });
        continue;
      }
      const { candidates } = await detectIn(context, path, handle.signal);
      const fit = candidates.find((candidate) => candidate.id === id);
      const score = fit?.score ?? 0;
      const known = best.get(path);
      if ((score < leastScore && !(named && score > 0)) || (known !== undefined && known.score >= score)) continue;
      best.set(path, { layout, path, score, why, speaksFor: [...(fit?.speaksFor ?? [])] });
    }
    const ids = new Set<string>();
    return [...best.values()].map((one) => {
      const digits = createHash('sha256').update(one.path).digest('hex').slice(0, 4);
      const id = ids.has(one.layout.id) ? `${one.layout.id}-${digits}` : one.layout.id;
      ids.add(id);
      return { id, ...one };
    });
  }

  async function add(id: string): Promise<Store> {
    const known = found.get(id);
    if (known === undefined) {
      throw new LarderError('NOT_FOUND', `Nothing found is called ${displayName(id)}.`, {
        hint: 'larder discover lists what there is.',
      });
    }
    const one = withStore(known);
    if (one.refusal !== undefined) throw new LarderError('INVALID_INPUT', `${displayName(one.path)}: ${one.refusal}`);
    if (one.store !== undefined) return stores.get(one.store);
    return options.addStore({ path: one.path, layout: one.layout.id });
  }

  return {
    handlers: {
      start() {
        job ??= jobs.start({ kind: 'discover', title: 'Look for well-known stores' }, (handle) =>
          look(handle).finally(() => (job = undefined)),
        );
        return { job };
      },
      list: () => ({
        found: [...found.values()].map(withStore),
        ...(job === undefined ? {} : { job }),
        ...(atMs === undefined ? {} : { atMs }),
      }),
      async add({ ids }) {
        const added: Store[] = [];
        const refused: { id: string; message: string; hint?: string }[] = [];
        for (const id of new Set(ids)) {
          try {
            added.push(await add(id));
          } catch (error) {
            const { message, hint } = toLarderError(error);
            refused.push({ id, message, ...(hint === undefined ? {} : { hint }) });
          }
        }
        return { added, refused };
      },
    },
  };
}

const unreadable = 'This user may not read it.';
