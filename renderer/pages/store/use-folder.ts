import { useEffect, useRef, useState } from 'react';
import { useQueries, useQuery, type UseQueryOptions } from '@tanstack/react-query';
import type { Client } from '../../../shared/client/index.ts';
import type { ErrorData, Input, Output, UsageEntry } from '../../../shared/contract/index.ts';
import { errorData, useClient } from '../../data/index.ts';
import { changedNames } from './folder-view.ts';

type Page = Output<'usage.children'>;
export type SortKey = NonNullable<Input<'usage.children'>['sort']>;

/** Entries asked for at once while they are scrolled through. */
const pageSize = 500;
/** Entries asked for at once when all are needed. */
const wholePageSize = 5_000;
const pulseMs = 1_000;

export interface FolderRows {
  /** How many rows there are; undefined until the first answer. */
  count: number | undefined;
  /** The entry of a row; undefined while it is on its way. */
  entryAt: (row: number) => UsageEntry | undefined;
  /** What the folder takes on disk. */
  allocated: number;
  error: ErrorData | undefined;
  retry: () => void;
  /** Names that moved just now. */
  pulsing: ReadonlySet<string>;
  /** Grows with each answer about the beginning of the folder. */
  stamp: number;
}

/** A folder's entries, of which only the pages in sight are asked for. `first` and `last` are the rows in sight. */
export function useFolder(
  place: { store: string; path: string },
  order: { sort: SortKey; reversed: boolean },
  inSight: { first: number; last: number },
): FolderRows {
  const { store, path } = place;
  const { sort, reversed } = order;
  const client = useClient();
  // The engine gives the largest first; the other way round the rows are counted from the end.
  const [known, setKnown] = useState<number>();
  const total = known ?? 0;
  const entryIndex = (row: number): number => (reversed ? total - 1 - row : row);
  const ends = [entryIndex(inSight.first), entryIndex(Math.min(inSight.last, Math.max(0, total - 1)))].map((index) =>
    Math.max(0, Math.floor(index / pageSize)),
  );
  const pages = new Set([0]);
  for (let page = Math.min(...ends); page <= Math.max(...ends); page += 1) pages.add(page);
  const numbers = [...pages];
  const answers = useQueries({
    queries: numbers.map((page): UseQueryOptions<Page> => {
      const input = { store, path, sort, offset: page * pageSize, limit: pageSize };
      return {
        queryKey: ['usage.children', input],
        queryFn: ({ signal }) => client.call('usage.children', input, { signal }),
      };
    }),
  });
  const first = answers[0];
  const count = first?.data?.total;
  if (count !== undefined && count !== known) setKnown(count);
  const byPage = new Map(numbers.map((page, index) => [page, answers[index]?.data?.entries]));
  const failed = answers.find((answer) => answer.isError);
  const shownEntries = numbers.flatMap((page) => byPage.get(page) ?? []);
  const pulsing = usePulse(`${store} ${path} ${sort} ${numbers.join()}`, shownEntries, first?.dataUpdatedAt ?? 0);
  return {
    count: first?.isError === true ? undefined : (count ?? known),
    entryAt: (row) => {
      const index = entryIndex(row);
      return byPage.get(Math.floor(index / pageSize))?.[index % pageSize];
    },
    allocated: first?.data?.allocated ?? 0,
    error: failed === undefined ? undefined : errorData(failed.error),
    retry: () => {
      for (const answer of answers) if (answer.isError) void answer.refetch();
    },
    pulsing,
    stamp: first?.dataUpdatedAt ?? 0,
  };
}

export interface WholeFolder {
  entries: readonly UsageEntry[] | undefined;
  error: ErrorData | undefined;
}

/**
 * All entries of a folder, in the engine's order: to look through their names. They are read again when `stamp` moves,
 * but a reading under way is let finish: in a folder that keeps changing none would ever end.
 */
export function useWholeFolder(
  place: { store: string; path: string },
  sort: SortKey,
  { enabled, stamp }: { enabled: boolean; stamp: number },
): WholeFolder {
  const client = useClient();
  const query = useQuery(wholeFolder(client, { ...place, sort }, enabled));
  const read = useRef(stamp);
  const { isFetching, refetch } = query;
  useEffect(() => {
    if (!enabled || isFetching || read.current === stamp) return;
    read.current = stamp;
    void refetch();
  }, [enabled, isFetching, refetch, stamp]);
  return { entries: query.data, error: query.isError ? errorData(query.error) : undefined };
}

function wholeFolder(
  client: Client,
  input: { store: string; path: string; sort: SortKey },
  enabled: boolean,
): UseQueryOptions<readonly UsageEntry[]> {
  return {
    queryKey: ['usage.children, all', input],
    queryFn: ({ signal }) => readWholeFolder(client, input, signal),
    enabled,
    staleTime: 0,
    gcTime: 0,
  };
}

/** Reads all entries of a folder, page by page. */
export async function readWholeFolder(
  client: Client,
  input: { store: string; path: string; sort: SortKey },
  signal: AbortSignal,
): Promise<readonly UsageEntry[]> {
  const entries: UsageEntry[] = [];
  const names = new Set<string>();
  for (let offset = 0, total = 1; offset < total; offset += wholePageSize) {
    const page = await client.call('usage.children', { ...input, offset, limit: wholePageSize }, { signal });
    total = page.total;
    // What moved between two pages may be in both.
    for (const entry of page.entries) {
      if (names.has(entry.name)) continue;
      names.add(entry.name);
      entries.push(entry);
    }
  }
  return entries;
}

const nothing: ReadonlySet<string> = new Set();

/** Names that moved since the reading before, for a moment. `place` tells what a reading is of. */
function usePulse(place: string, entries: readonly UsageEntry[], stamp: number): ReadonlySet<string> {
  const before = useRef<{ place: string; entries: readonly UsageEntry[] } | undefined>(undefined);
  const [pulsing, setPulsing] = useState(nothing);
  useEffect(() => {
    if (stamp === 0) return undefined;
    const last = before.current;
    before.current = { place, entries };
    const changed = last?.place === place ? changedNames(last.entries, entries) : nothing;
    if (changed.size === 0) return undefined;
    setPulsing(changed);
    const timer = setTimeout(() => setPulsing(nothing), pulseMs);
    return () => clearTimeout(timer);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `stamp` says when the entries are new
  }, [place, stamp]);
  return pulsing;
}
