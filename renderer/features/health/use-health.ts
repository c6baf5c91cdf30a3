import { useQueries, type UseQueryResult } from '@tanstack/react-query';
import type { Output, Store } from '../../../shared/contract/index.ts';
import { callKey, useCall, useClient } from '../../data/index.ts';
import { useHealthRuns, type HealthRun } from './health-runs.tsx';

/** A run that was started elsewhere may end without a word, so it is asked after. */
const askMs = 2_000;

export interface Health {
  readonly query: UseQueryResult<Output<'health.get'>>;
  readonly run: HealthRun;
  readonly running: boolean;
}

/** The last report of a store, and whether it is being made anew. */
export function useHealth(store: string): Health {
  const run = useHealthRuns().of(store);
  const query = useCall('health.get', { store });
  const running = run.own || query.data?.running === true;
  useCall('health.get', { store }, running && !run.own ? { everyMs: askMs } : {});
  return { query, run, running };
}

/** The last report of every store, in their order; undefined where it is on its way, failed, or was never made. */
export function useAllHealth(stores: readonly Store[]): readonly UseQueryResult<Output<'health.get'>>[] {
  const client = useClient();
  return useQueries({
    queries: stores.map(({ id }) => ({
      queryKey: callKey('health.get', { store: id }),
      queryFn: ({ signal }: { signal: AbortSignal }) => client.call('health.get', { store: id }, { signal }),
    })),
  });
}
