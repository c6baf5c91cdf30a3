import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode, type RefObject } from 'react';
import { Folder, SearchX } from 'lucide-react';
import type { Store, UsageSummary } from '../../../shared/contract/index.ts';
import { formatCount } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { href, pagePaths } from '../../app/paths.ts';
import { errorData, useCall, useClient } from '../../data/index.ts';
import {
  Button,
  ButtonLink,
  EmptyState,
  ErrorState,
  MenuAt,
  Skeleton,
  useDebounced,
  useToast,
  useVars,
  type MenuPlace,
} from '../../design/index.ts';
import { CommandDialog } from './command-dialog.tsx';
import { exclusions } from './exclusion.ts';
import { ListHead, ListTools, type Scope } from './folder-list-head.tsx';
import { FolderRow, OtherRow, type FolderRowProps } from './folder-row.tsx';
import { joinPath, parentOf, roleOf } from './folder-view.ts';
import { InspectDialog } from './inspect-dialog.tsx';
import { mostMarked, noMarks, toggleMark } from './marks.ts';
import { readFolder } from './read-folder.ts';
import { rowHeight, TreeGrid } from './tree-grid.tsx';
import type { SortKey, TreeModel } from './tree-model.ts';
import { flatTree, type EntryTreeRow } from './tree-rows.ts';
import { useEntryMenu } from './use-entry-menu.ts';
import { useGrowth } from './use-growth.ts';
import { useTree } from './use-tree.ts';
import css from './folder-list.module.css';

export interface ListOrder {
  sort: SortKey;
  /** Smallest first. */
  reversed: boolean;
}

export interface FolderListProps {
  store: Store;
  summary: UsageSummary;
  model: TreeModel;
  /** Folder whose entries stand at the top. */
  folder: string;
  order: ListOrder;
  onOrder: (order: ListOrder) => void;
  /** True once: the list takes the keyboard when it has something to show. */
  takesFocusRef: RefObject<boolean>;
  onOpen: (path: string, keyboard?: boolean) => void;
}

const mostRowsHigh = 18;
/** Found entries that are shown. */
const mostFound = 1_000;

/** A store's folders from one on down, as a tree of any length. */
export function FolderList(props: FolderListProps): ReactNode {
  const { store, summary, model, folder, order, takesFocusRef, onOpen } = props;
  const client = useClient();
  const toast = useToast();
  const [filter, setFilter] = useState('');
  const [scope, setScope] = useState<Scope>('here');
  const [marks, setMarks] = useState(noMarks);
  const [active, setActive] = useState<string>();
  const [shownFolder, setShownFolder] = useState(folder);
  if (shownFolder !== folder) {
    // Another folder: on the way up the keyboard stands where it came from.
    setShownFolder(folder);
    setActive(shownFolder.startsWith(folder) ? childOn(folder, shownFolder) : undefined);
    setMarks(noMarks);
    setFilter('');
  }
  const [menu, setMenu] = useState<{ at: MenuPlace; entry: EntryTreeRow; paths: readonly string[] }>();
  const [command, setCommand] = useState<string>();
  const [inspected, setInspected] = useState<string>();
  const boxRef = useRef<HTMLDivElement>(null);
  const grid = (): HTMLElement | null => boxRef.current?.querySelector<HTMLElement>('[role="treegrid"]') ?? null;

  const settled = useDebounced(filter.trim(), 150);
  const text = filter.trim() === '' ? '' : settled;
  const everywhere = scope === 'below' && text !== '';
  const shown = useTree(model, {
    root: folder,
    sort: order.sort,
    reverse: order.reversed,
    filter: everywhere ? '' : text,
  });
  const find = useCall(
    'usage.find',
    { store: store.id, path: folder, text, sort: order.sort, limit: mostFound },
    { enabled: everywhere, keepPrevious: true },
  );
  const found = everywhere ? find.data : undefined;
  const foundTree = useMemo(
    () => (found === undefined ? undefined : flatTree(order.reversed ? found.entries.toReversed() : found.entries)),
    [found, order.reversed],
  );
  const tree = everywhere ? foundTree : shown.tree;
  const total = everywhere ? found?.total : shown.total;
  const growth = useGrowth(store.id);
  const excludedBy = useMemo(() => exclusions(store.rules.exclude), [store.rules.exclude]);
  const items = useEntryMenu(store, {
    excludedBy,
    onOpen: (path) => onOpen(path, true),
    onCommand: setCommand,
    onInspect: setInspected,
  });

  const ready = tree !== undefined && total !== undefined && total > 0;
  useEffect(() => {
    if (!ready || !takesFocusRef.current || shown.view.root !== folder) return;
    takesFocusRef.current = false;
    boxRef.current?.querySelector<HTMLElement>('[role="treegrid"]')?.focus({ preventScroll: true });
  }, [ready, takesFocusRef, shown.view.root, folder]);

  const markAll = (): void => {
    const reading: Promise<readonly string[]> = everywhere
      ? Promise.resolve((found?.entries ?? []).map((entry) => entry.path))
      : readFolder(client, { store: store.id, path: folder, ...(text === '' ? {} : { filter: text }) }).then((all) =>
          all.map((entry) => joinPath(folder, entry.name)),
        );
    reading.then(
      (all) => {
        if (all.length > mostMarked) {
          toast({ tone: 'warn', title: `At most ${formatCount(mostMarked)} entries can be selected at once` });
        } else setMarks({ paths: new Set(all), anchor: 0 });
      },
      (error: unknown) => toast({ tone: 'bad', title: 'Not selected', text: errorData(error).message }),
    );
  };
  const onExpand = (path: string, expanded: boolean): void => {
    if (expanded) model.expand(path);
    else model.collapse(path);
  };
  const openMenu = (entry: EntryTreeRow, at: MenuPlace): void => {
    const several = marks.paths.has(entry.path) && marks.paths.size > 1;
    setActive(entry.path);
    setMenu({ at, entry, paths: several ? [...marks.paths] : [entry.path] });
  };
  const latest = { tree, openMenu, onExpand };
  const latestRef = useRef(latest);
  useEffect(() => {
    latestRef.current = latest;
  });
  const entryAt = (row: number): EntryTreeRow | undefined => {
    const found = latestRef.current.tree?.rowAt(row);
    return found?.kind === 'entry' ? found : undefined;
  };
  const onMark = useCallback((row: number): void => {
    const entry = entryAt(row);
    if (entry === undefined) return;
    setActive(entry.path);
    setMarks((before) => toggleMark(before, entry.path, row));
  }, []);
  const onMenu = useCallback((row: number, at: HTMLElement): void => {
    const entry = entryAt(row);
    if (entry !== undefined) latestRef.current.openMenu(entry, at);
  }, []);
  const onToggle = useCallback((row: number): void => {
    const entry = entryAt(row);
    if (entry === undefined) return;
    setActive(entry.path);
    latestRef.current.onExpand(entry.path, entry.expanded === false);
  }, []);

  const rowOf = (row: EntryTreeRow, index: number): FolderRowProps => ({
    entry: row.entry,
    path: row.path,
    level: row.level,
    expanded: row.expanded,
    withFolder: everywhere,
    storeId: store.id,
    role: roleOf(summary.areas, row.path),
    share: shown.allocated === 0 ? 0 : row.entry.allocated / shown.allocated,
    growth: growth?.of(row.path),
    marked: marks.paths.has(row.path),
    mounted: summary.mounts.includes(row.path),
    excludedBy: excludedBy(row.path, row.entry.kind === 'dir'),
    row: index,
    onMark,
    onMenu,
    onToggle,
  });
  const sizeRef = useVars<HTMLDivElement>({
    '--rows': `${Math.min(total === 0 ? 0 : (tree?.length ?? mostRowsHigh), mostRowsHigh) * rowHeight + 1}px`,
  });
  if (shown.error !== undefined && !everywhere) {
    return (
      <div className={css.error}>
        <ErrorState
          error={shown.error}
          onRetry={() => model.retry(folder)}
          action={
            folder === '' ? undefined : (
              <ButtonLink size="small" href={href(pagePaths.store(store.id))}>
                Go to the top folder
              </ButtonLink>
            )
          }
        />
      </div>
    );
  }
  if (shown.total === undefined) return <Skeleton what="Reading the folder" lines={6} shape="rows" />;
  if (shown.total === 0 && filter === '') return <EmptyState icon={Folder} title="This folder is empty" />;
  return (
    <div ref={boxRef} className={css.box}>
      <ListTools
        store={store.id}
        total={total}
        shownOf={everywhere ? found?.entries.length : undefined}
        filtered={text !== ''}
        filter={filter}
        onFilter={setFilter}
        scope={scope}
        onScope={setScope}
        onLeave={() => grid()?.focus()}
        marks={marks}
        onClear={() => {
          setMarks(noMarks);
          grid()?.focus();
        }}
      />
      <ListHead
        order={order}
        onOrder={props.onOrder}
        marked={marks.paths.size === 0 ? false : marks.paths.size >= (total ?? Infinity) ? true : 'mixed'}
        onMarkAll={(all) => (all ? markAll() : setMarks(noMarks))}
      />
      {everywhere && find.isError ? (
        <div className={css.error}>
          <ErrorState error={errorData(find.error)} onRetry={() => void find.refetch()} compact />
        </div>
      ) : null}
      <div ref={sizeRef} className={css.size}>
        {tree === undefined || total === undefined ? (
          find.isError ? null : (
            <Skeleton what="Looking through all folders" lines={4} shape="rows" />
          )
        ) : total === 0 ? (
          <EmptyState
            icon={SearchX}
            title={everywhere ? 'No name in this folder or below fits' : 'No name in this folder fits'}
            action={
              everywhere ? undefined : <Button onClick={() => setScope('below')}>Look in all folders below</Button>
            }
          />
        ) : (
          <TreeGrid
            label={`In ${folder === '' ? store.name : displayName(folder)}`}
            tree={tree}
            viewKey={everywhere ? `find ${text} ${order.sort}` : Object.values(shown.view).join(' ')}
            active={active}
            onActive={setActive}
            marks={marks}
            onMarks={setMarks}
            onMarkAll={markAll}
            onExpand={onExpand}
            onEnter={(row, keyboard) => {
              if (row.entry.kind === 'dir') onOpen(row.path, keyboard);
              else setInspected(row.path);
            }}
            onInspect={(row) => setInspected(row.path)}
            onUp={() => {
              if (folder !== '') onOpen(parentOf(folder), true);
            }}
            onMenu={openMenu}
            onRange={shown.onRange}
            pulsing={shown.pulsing}
            renderRow={(row, index) =>
              row.kind === 'entry' || row.kind === 'waiting' ? (
                <FolderRow shown={row.kind === 'entry' ? rowOf(row, index) : undefined} />
              ) : (
                <OtherRow row={row} onRetry={(path) => model.retry(path)} />
              )
            }
          />
        )}
      </div>
      <MenuAt
        at={menu?.at}
        items={menu === undefined ? [] : items(menu.entry, menu.paths)}
        label="What to do with it"
        onClose={() => setMenu(undefined)}
        returnFocus={grid}
      />
      {command === undefined ? null : (
        <CommandDialog store={store} path={command} onClose={() => setCommand(undefined)} />
      )}
      {inspected === undefined ? null : (
        <InspectDialog store={store} path={inspected} onClose={() => setInspected(undefined)} />
      )}
    </div>
  );
}

/** The entry of `folder` that leads to what lies below it. */
function childOn(folder: string, below: string): string | undefined {
  const rest = folder === '' ? below : below.slice(folder.length + 1);
  return rest === '' ? undefined : joinPath(folder, rest.split('/', 1)[0] ?? '');
}
