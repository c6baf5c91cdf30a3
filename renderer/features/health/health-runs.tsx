import { createContext, use, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import type { ErrorData, EventData, Output } from '../../../shared/contract/index.ts';
import { callKey, errorData, useClient } from '../../data/index.ts';

type Progress = EventData<'health.progress'>;

/** What is known of the run of one store. */
export interface HealthRun {
  /** This window started it, and can end it. */
  readonly own: boolean;
  readonly progress: Progress | undefined;
  /** How the last one that was started here failed. */
  readonly error: ErrorData | undefined;
  /** The last one that was started here was ended by the person. */
  readonly cancelled: boolean;
}

export interface HealthRuns {
  of: (store: string) => HealthRun;
  /** Runs all checks of a store. A run of it that this window has started goes on. */
  run: (store: string) => void;
  cancel: (store: string) => void;
  /** Puts away how the last run ended. */
  dismiss: (store: string) => void;
}

const idle: HealthRun = { own: false, progress: undefined, error: undefined, cancelled: false };
const RunsContext = createContext<HealthRuns | undefined>(undefined);

/** Keeps runs of the checks beyond the page that started them, and hears how far any run is. */
export function HealthRunsProvider({ children }: { children: ReactNode }): ReactNode {
  const client = useClient();
  const queries = useQueryClient();
  const [states, setStates] = useState<ReadonlyMap<string, HealthRun>>(new Map());
  const controllers = useRef(new Map<string, AbortController>());

  useEffect(() => {
    const put = (store: string, change: (before: HealthRun) => HealthRun): void =>
      setStates((before) => new Map(before).set(store, change(before.get(store) ?? idle)));
    const stops = [
      client.on('health.progress', (progress) => {
        put(progress.store, (before) => ({ ...before, progress }));
        // Somebody else may have started it.
        queries.setQueryData<Output<'health.get'>>(callKey('health.get', { store: progress.store }), (known) =>
          known === undefined || known.running ? known : { ...known, running: true },
        );
      }),
      client.on('health.changed', ({ store }) => put(store, (before) => ({ ...before, progress: undefined }))),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [client, queries]);

  const runs = useMemo((): HealthRuns => {
    const put = (store: string, state: HealthRun): void => setStates((before) => new Map(before).set(store, state));
    const run = async (store: string): Promise<void> => {
      if (controllers.current.has(store)) return;
      const controller = new AbortController();
      controllers.current.set(store, controller);
      put(store, { ...idle, own: true });
      let ended = idle;
      try {
        await client.call('health.run', { store }, { signal: controller.signal });
      } catch (error) {
        ended = controller.signal.aborted ? { ...idle, cancelled: true } : { ...idle, error: errorData(error) };
      }
      controllers.current.delete(store);
      // Asked for here too: a run that failed has no event.
      await queries.invalidateQueries({ queryKey: callKey('health.get', { store }) });
      put(store, ended);
    };
    return {
      of: (store) => states.get(store) ?? idle,
      run: (store) => void run(store),
      cancel: (store) => controllers.current.get(store)?.abort(),
      dismiss: (store) => put(store, idle),
    };
  }, [client, queries, states]);

  return <RunsContext value={runs}>{children}</RunsContext>;
}

export function useHealthRuns(): HealthRuns {
  const runs = use(RunsContext);
  if (runs === undefined) throw new Error('HealthRunsProvider is missing above this component.');
  return runs;
}
