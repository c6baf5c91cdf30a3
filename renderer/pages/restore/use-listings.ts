import { useCallback, useEffect, useMemo, useState } from 'react';
import { useQueries, useQueryClient, type QueryKey, type UseQueryOptions } from '@tanstack/react-query';
import type { ErrorData, Input, Output } from '../../../shared/contract/index.ts';
import { errorData, useClient } from '../../data/index.ts';
import { buildTree, changedOnly, mostNarrowed, openFolders, pageSize, type Listing, type Tree } from './tree-rows.ts';

type Page = Output<'backups.ls'>;
type PageInput = Input<'backups.ls'>;

/** Comparisons with a store that keeps changing are made again at most this often, in ms. */
const compareAgainMs = 3_000;

function pageInput(backup: string, path: string, page: number): PageInput {
  return { backup, path, offset: page * pageSize, limit: pageSize };
}

function pageKey(input: PageInput): QueryKey {
  return ['backups.ls', input];
}

export interface BackupTree {
  readonly tree: Tree;
  readonly listings: ReadonlyMap<string, Listing>;
  /** Asks for the page of a row that came into sight. */
  readonly want: (folder: string, page: number) => void;
  readonly retry: (folder: string) => void;
  /** Why the entries cannot be compared with the store. */
  readonly compareError: ErrorData | undefined;
}

/** The tree of a backup, of which only what is open and in sight is asked for: first the entries, then how they stand against the store. */
export function useBackupTree(backup: string, expanded: ReadonlySet<string>, onlyChanged: boolean): BackupTree {
  const client = useClient();
  const queries = useQueryClient();
  const [wanted, setWanted] = useState<ReadonlyMap<string, ReadonlySet<number>>>(new Map());

  // What has arrived decides what can be open, and what is open decides what is asked for.
  const cached = (folder: string): Listing | undefined => {
    const pages = new Map<number, Page['entries']>();
    let total: number | undefined;
    for (const page of pagesOf(wanted, folder)) {
      const data = queries.getQueryData<Page>(pageKey(pageInput(backup, folder, page)));
      if (data === undefined) continue;
      pages.set(page, data.entries);
      total = data.total;
    }
    return total === undefined ? undefined : { total, pages };
  };
  const open = openFolders(expanded, cached);
  const places = open.flatMap((folder) => {
    const total = onlyChanged ? (cached(folder)?.total ?? 0) : 0;
    // To narrow a folder down, all of it must be known.
    const whole = total <= mostNarrowed ? Array.from({ length: Math.ceil(total / pageSize) }, (_, page) => page) : [];
    return [...new Set([...pagesOf(wanted, folder), ...whole])].map((page) => ({ folder, page }));
  });
  const query = (input: PageInput): UseQueryOptions<Page> => ({
    queryKey: pageKey(input),
    queryFn: ({ signal }) => client.call('backups.ls', input, { signal }),
  });
  const plain = useQueries({
    queries: places.map(({ folder, page }) => query(pageInput(backup, folder, page))),
  });
  const compared = useQueries({
    queries: places.map(({ folder, page }) => query({ ...pageInput(backup, folder, page), live: true })),
  });

  const listings = new Map<
    string,
    { total: number | undefined; pages: Map<number, Page['entries']>; error?: ErrorData }
  >();
  places.forEach(({ folder, page }, index) => {
    const own = plain[index];
    const data = compared[index]?.data ?? own?.data;
    const listing = listings.get(folder) ?? { total: undefined, pages: new Map<number, Page['entries']>() };
    listings.set(folder, listing);
    if (own?.isError === true) listing.error = errorData(own.error);
    if (data === undefined) return;
    listing.total = data.total;
    listing.pages.set(page, data.entries);
  });
  const failed = compared.find((each) => each.isError);
  return {
    tree: buildTree(
      onlyChanged ? new Map([...listings].map(([folder, each]) => [folder, changedOnly(each)])) : listings,
      open,
    ),
    listings,
    want: useCallback(
      (folder, page) =>
        setWanted((before) => {
          const pages = before.get(folder);
          if (page === 0 || pages?.has(page) === true) return before;
          return new Map([...before, [folder, new Set([...(pages ?? []), page])]]);
        }),
      [],
    ),
    retry: useCallback(
      (folder) =>
        void queries.invalidateQueries({
          predicate: ({ queryKey: [name, input] }) =>
            name === 'backups.ls' && (input as PageInput).backup === backup && (input as PageInput).path === folder,
        }),
      [queries, backup],
    ),
    compareError: failed === undefined ? undefined : errorData(failed.error),
  };
}

function pagesOf(wanted: ReadonlyMap<string, ReadonlySet<number>>, folder: string): number[] {
  return [0, ...(wanted.get(folder) ?? [])];
}

/**
 * A number that grows when the store may have changed: something in it was written, or a restore or its undo ended. The
 * comparisons shown are asked for again. Without a store nothing is compared.
 */
export function useStoreRevision(store: string | undefined): number {
  const client = useClient();
  const queries = useQueryClient();
  const [revision, setRevision] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const changed = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        // A comparison under way is let finish: in a store that keeps changing none would ever end.
        void queries.invalidateQueries(
          { predicate: ({ queryKey: [name, input] }) => name === 'backups.ls' && (input as PageInput).live === true },
          { cancelRefetch: false },
        );
        setRevision((before) => before + 1);
      }, compareAgainMs);
    };
    const stops = [
      client.on('usage.changed', (event) => {
        if (event.store === store) changed();
      }),
      client.on('stores.changed', changed),
      client.on('jobs.changed', ({ job }) => {
        if (job.status !== 'running' && (job.kind === 'restore' || job.kind === 'undo')) changed();
      }),
    ];
    return () => {
      clearTimeout(timer);
      for (const stop of stops) stop();
    };
  }, [client, queries, store]);
  return revision;
}

/** How many found entries are shown. */
export const mostFound = 1_000;

/** What a search finds: first the entries, then how they stand against the store. */
export function useFound(backup: string, search: string): FoundEntries {
  const client = useClient();
  const input = useMemo<PageInput>(() => ({ backup, search, limit: mostFound }), [backup, search]);
  const [plain, compared] = useQueries({
    queries: [input, { ...input, live: true }].map((each): UseQueryOptions<Page> => ({
      queryKey: pageKey(each),
      queryFn: ({ signal }) => client.call('backups.ls', each, { signal }),
      enabled: search !== '',
    })),
  });
  return {
    page: compared?.data ?? plain?.data,
    error: plain?.isError === true ? errorData(plain.error) : undefined,
    retry: () => void plain?.refetch(),
  };
}

export interface FoundEntries {
  page: Page | undefined;
  error: ErrorData | undefined;
  retry: () => void;
}

/** Names of a folder's entries in a backup, all of them. */
export function useFolderLister(backup: string): (folder: string, signal: AbortSignal) => Promise<string[]> {
  const client = useClient();
  return useCallback(
    async (folder, signal) => {
      const paths: string[] = [];
      let total = 1;
      while (paths.length < total) {
        const page = await client.call(
          'backups.ls',
          { backup, path: folder, offset: paths.length, limit: 10_000 },
          { signal },
        );
        if (page.entries.length === 0) break;
        for (const entry of page.entries) paths.push(entry.path);
        total = page.total;
      }
      return paths;
    },
    [client, backup],
  );
}
