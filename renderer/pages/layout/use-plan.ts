import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { LayoutChange, LayoutPlan, Store } from '../../../shared/contract/index.ts';
import { useClient } from '../../data/index.ts';

/** What some changes would make of `larder.yaml`; not asked for without any. `stamp` changes when the file may have. */
export function usePlan(store: Store, changes: readonly LayoutChange[], stamp: unknown): UseQueryResult<LayoutPlan> {
  const client = useClient();
  return useQuery<LayoutPlan>({
    queryKey: ['layouts.plan', { store: store.id, changes }, stamp],
    queryFn: ({ signal }) => client.call('layouts.plan', { store: store.id, changes: [...changes] }, { signal }),
    enabled: changes.length > 0,
    placeholderData: keepPreviousData,
    retry: false,
    // A plan says how things are when it is made, and is used once.
    staleTime: 0,
    gcTime: 0,
  });
}
