import {
  keepPreviousData,
  useMutation,
  useQuery,
  type QueryKey,
  type UseMutationResult,
  type UseQueryResult,
} from '@tanstack/react-query';
import { LarderError, type Input, type Output, type ProcedureName } from '../../shared/contract/index.ts';
import { useClient } from './services.tsx';

/** The cache's key of one call. Keys of one procedure share the first element. */
export function callKey<N extends ProcedureName>(name: N, input: Input<N>): QueryKey {
  return [name, input];
}

export interface CallQueryOptions {
  /** False: do not ask yet. */
  enabled?: boolean;
  /** Ask anew each time it is shown: for what changes without an event, such as a plan or a folder not in a store. */
  fresh?: boolean;
  /** Ask again this often while it is shown, for what nobody tells of, such as a disk's free space. */
  everyMs?: number;
  /** Keep what was shown while a new input is being asked for. */
  keepPrevious?: boolean;
}

/**
 * Reads from the engine and keeps the answer. Answers do not age: events ({@link EventBridge}) say when to ask again.
 */
export function useCall<N extends ProcedureName>(
  name: N,
  input: Input<N>,
  options: CallQueryOptions = {},
): UseQueryResult<Output<N>> {
  const client = useClient();
  return useQuery<Output<N>>({
    queryKey: callKey(name, input),
    queryFn: ({ signal }) => client.call(name, input, { signal }),
    enabled: options.enabled ?? true,
    ...(options.fresh === true ? { staleTime: 0, gcTime: 0 } : {}),
    ...(options.everyMs === undefined ? {} : { refetchInterval: options.everyMs }),
    ...(options.keepPrevious === true ? { placeholderData: keepPreviousData } : {}),
  });
}

/** Does something in the engine. Errors are the caller's to show ({@link errorData}). */
export function useAction<N extends ProcedureName>(name: N): UseMutationResult<Output<N>, Error, Input<N>> {
  const client = useClient();
  return useMutation<Output<N>, Error, Input<N>>({ mutationFn: (input) => client.call(name, input) });
}

/** Whether a failed read is worth another try by itself. */
export function shouldRetry(failures: number, error: unknown): boolean {
  return failures < 2 && error instanceof LarderError && error.retryable;
}
