import { useSyncExternalStore } from 'react';
import { useQueries, type UseQueryResult } from '@tanstack/react-query';
import type { Connection } from '../../shared/client/index.ts';
import type { Job, Output, Settings, Store, UsageSummary } from '../../shared/contract/index.ts';
import { callKey, useCall } from './query.ts';
import { useClient } from './services.tsx';

const noJobs: readonly Job[] = [];

export function useStores(): UseQueryResult<Output<'stores.list'>> {
  return useCall('stores.list', {});
}

/** One registered store; undefined while the list is on its way or when it is not in it. */
export function useStore(id: string | undefined): Store | undefined {
  return useStores().data?.stores.find((store) => store.id === id);
}

export function useUsage(store: string): UseQueryResult<UsageSummary> {
  return useCall('usage.get', { store });
}

/** Usage of every store, in the order of `stores`; undefined where it is still being counted or failed. */
export function useAllUsage(stores: readonly Store[]): readonly UseQueryResult<UsageSummary>[] {
  const client = useClient();
  return useQueries({
    queries: stores.map(({ id }) => ({
      queryKey: callKey('usage.get', { store: id }),
      queryFn: ({ signal }: { signal: AbortSignal }) => client.call('usage.get', { store: id }, { signal }),
    })),
  });
}

/** Running jobs and the newest of the activity log, kept up to date by events. */
export function useJobs(): UseQueryResult<Output<'jobs.list'>> {
  return useCall('jobs.list', {});
}

/** Jobs that run now, oldest first. */
export function useRunningJobs(): readonly Job[] {
  const { data } = useJobs();
  const running = data?.jobs.filter((job) => job.status === 'running') ?? noJobs;
  return running.toReversed();
}

export function useSettings(): Settings | undefined {
  return useCall('settings.get', {}).data;
}

export function useSystemInfo(): Output<'system.info'> | undefined {
  return useCall('system.info', {}).data;
}

/** Whether the engine can be reached right now. */
export function useConnection(): Connection {
  const client = useClient();
  return useSyncExternalStore(
    (listener) => client.onConnection(listener),
    () => client.connection,
  );
}
