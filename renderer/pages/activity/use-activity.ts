import { useInfiniteQuery } from '@tanstack/react-query';
import type { ErrorData, Input, Job, JobKind, Output } from '../../../shared/contract/index.ts';
import { errorData, useClient, useJobs } from '../../data/index.ts';
import { mergeJobs } from './merge-jobs.ts';

const pageSize = 50;

export interface ActivityLog {
  /** Finished jobs, newest first; undefined while the first are on their way. */
  readonly finished: readonly Job[] | undefined;
  readonly error: ErrorData | undefined;
  readonly retry: () => void;
  readonly hasOlder: boolean;
  readonly loadingOlder: boolean;
  readonly showOlder: () => void;
}

/** The log of jobs of one store or all, of one kind or all, page by page, with what ended meanwhile. */
export function useActivityLog(store: string | undefined, kind: JobKind | undefined): ActivityLog {
  const client = useClient();
  const input: Input<'jobs.list'> = {
    ...(store === undefined ? {} : { store }),
    ...(kind === undefined ? {} : { kind }),
    limit: pageSize,
  };
  const log = useInfiniteQuery({
    // The event bridge makes filtered lists ask again when a job ends.
    queryKey: ['jobs.list', input, 'pages'],
    queryFn: ({ signal, pageParam }) =>
      client.call('jobs.list', { ...input, ...(pageParam === undefined ? {} : { beforeMs: pageParam }) }, { signal }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (last: Output<'jobs.list'>) => (last.more ? last.jobs.at(-1)?.startedAtMs : undefined),
  });
  const live = useJobs().data?.jobs ?? [];
  const pages = log.data?.pages.flatMap((page) => page.jobs);
  return {
    finished:
      pages === undefined
        ? undefined
        : mergeJobs(
            pages,
            live.filter(
              (job) => (store === undefined || job.store === store) && (kind === undefined || job.kind === kind),
            ),
            log.hasNextPage,
          ).filter((job) => job.status !== 'running'),
    error: log.isError ? errorData(log.error) : undefined,
    retry: () => void log.refetch(),
    hasOlder: log.hasNextPage,
    loadingOlder: log.isFetchingNextPage,
    showOlder: () => void log.fetchNextPage(),
  };
}
