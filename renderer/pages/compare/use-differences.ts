import { useCallback, useMemo, useState } from 'react';
import { useQueries } from '@tanstack/react-query';
import type { Difference, Output } from '../../../shared/contract/index.ts';
import { callKey, useCall, useClient } from '../../data/index.ts';

/** Differences asked for at a time. */
const pageSize = 500;

export interface DifferenceRequest {
  backup: string;
  /** The live store when absent. */
  other: string | undefined;
  path: string;
  /** All kinds when empty. */
  changes: readonly Difference['change'][];
}

export interface Differences {
  /** Counts and the first of them; undefined until they are known. */
  head: Output<'backups.diff'> | undefined;
  error: unknown;
  isFetching: boolean;
  /** Undefined while it is on its way. */
  at: (index: number) => Difference | undefined;
  /** Told which are in sight, so that they are asked for. */
  onRange: (first: number, last: number) => void;
  again: () => void;
}

/** What differs, of any length: only what is in sight is asked for. */
export function useDifferences({ backup, other, path, changes }: DifferenceRequest): Differences {
  const client = useClient();
  const [range, setRange] = useState({ first: 0, last: 0 });
  const input = useMemo(
    () => ({
      backup,
      ...(other === undefined ? {} : { other }),
      ...(path === '' ? {} : { path }),
      ...(changes.length === 0 ? {} : { changes: [...changes] }),
      limit: pageSize,
    }),
    [backup, other, path, changes],
  );
  // The live store moves without telling; what was found is asked for anew each time the page is opened.
  const head = useCall('backups.diff', { ...input, offset: 0 }, { keepPrevious: true, fresh: other === undefined });
  const total = head.data?.total ?? 0;
  const pages: number[] = [];
  for (let page = Math.floor(range.first / pageSize); page <= Math.floor(range.last / pageSize); page += 1) {
    if (page > 0 && page * pageSize < total) pages.push(page);
  }
  const more = useQueries({
    queries: pages.map((page) => {
      const asked = { ...input, offset: page * pageSize };
      return {
        queryKey: callKey('backups.diff', asked),
        queryFn: ({ signal }: { signal: AbortSignal }) => client.call('backups.diff', asked, { signal }),
      };
    }),
  });
  const loaded = new Map(pages.map((page, index) => [page, more[index]?.data?.entries]));
  const first = head.data?.entries;
  return {
    head: head.data,
    error: head.error ?? more.find(({ error }) => error !== null)?.error ?? undefined,
    isFetching: head.isFetching,
    at: (index) => {
      const page = Math.floor(index / pageSize);
      return (page === 0 ? first : loaded.get(page))?.[index % pageSize];
    },
    onRange: useCallback((from: number, to: number) => {
      setRange((now) => (now.first === from && now.last === to ? now : { first: from, last: to }));
    }, []),
    again: () => {
      void head.refetch();
      for (const page of more) void page.refetch();
    },
  };
}
