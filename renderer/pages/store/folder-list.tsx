import {
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
} from 'react';
import { Folder, SearchX } from 'lucide-react';
import type { Store, UsageEntry, UsageSummary } from '../../../shared/contract/index.ts';
import { formatCount } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { href, pagePaths } from '../../app/paths.ts';
import { errorData, useClient } from '../../data/index.ts';
import {
  ButtonLink,
  cx,
  EmptyState,
  ErrorState,
  MenuAt,
  Skeleton,
  useDebounced,
  useToast,
  useVars,
  VirtualList,
  type MenuPlace,
} from '../../design/index.ts';
import { CommandDialog } from './command-dialog.tsx';
import { ListHead, ListTools } from './folder-list-head.tsx';
import { FolderRow } from './folder-row.tsx';
import { joinPath, parentOf, roleOf } from './folder-view.ts';
import { markRange, mostMarked, noMarks, toggleMark } from './marks.ts';
import { useEntryMenu } from './use-entry-menu.ts';
import { readWholeFolder, useFolder, useWholeFolder, type SortKey } from './use-folder.ts';
import { useGrowth } from './use-growth.ts';
import css from './folder-list.module.css';

export interface ListOrder {
  sort: SortKey;
  /** Smallest first. */
  reversed: boolean;
}

export interface FolderListProps {
  store: Store;
  summary: UsageSummary;
  folder: string;
  order: ListOrder;
  onOrder: (order: ListOrder) => void;
  /** True once: the list takes the keyboard when it has something to show. */
  takesFocusRef: RefObject<boolean>;
  onOpen: (path: string, keyboard?: boolean) => void;
}

const rowHeight = 30;
const mostRowsHigh = 18;
/** Rows beyond those in sight that are read with them, and the steps in which that moves. */
const ahead = 250;
const rangeStep = 100;
const settleMs = 60;

/** A folder's entries as a grid of any length. */
export function FolderList(props: FolderListProps): ReactNode {
  const { store, summary, folder, order, takesFocusRef, onOpen } = props;
  const place = useMemo(() => ({ store: store.id, path: folder }), [store.id, folder]);
  const client = useClient();
  const toast = useToast();
  const [inSight, setInSight] = useState({ first: 0, last: 0 });
  const [filter, setFilter] = useState('');
  const [marks, setMarks] = useState(noMarks);
  const [active, setActive] = useState(0);
  const [menu, setMenu] = useState<{ at: MenuPlace; entry: UsageEntry; names: readonly string[] }>();
  const [command, setCommand] = useState<string>();
  const boxRef = useRef<HTMLDivElement>(null);
  const grid = (): HTMLElement | null => boxRef.current?.querySelector<HTMLElement>('[role="grid"]') ?? null;

  const rows = useFolder(place, order, inSight);
  const settled = useDebounced(filter.trim().toLowerCase(), 150);
  const wanted = filter.trim() === '' ? '' : settled;
  const whole = useWholeFolder(place, order.sort, { enabled: wanted !== '', stamp: rows.stamp });
  const found = useMemo(() => {
    if (wanted === '' || whole.entries === undefined) return undefined;
    const fitting = whole.entries.filter((entry) => displayName(entry.name).toLowerCase().includes(wanted));
    return order.reversed ? fitting.toReversed() : fitting;
  }, [wanted, whole.entries, order.reversed]);
  const searching = wanted !== '';
  const count = searching ? found?.length : rows.count;
  const entryAt = (row: number): UsageEntry | undefined => (searching ? found?.[row] : rows.entryAt(row));
  const nameAt = (row: number): string | undefined => entryAt(row)?.name;
  const growth = useGrowth(store.id);
  const items = useEntryMenu(store, folder, {
    onOpen: (path) => onOpen(path, true),
    onCommand: setCommand,
  });
  // What only flies by is not asked for; what comes next is asked for before it is in sight.
  const settling = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(settling.current), []);
  const onRange = useCallback((from: number, to: number) => {
    clearTimeout(settling.current);
    settling.current = setTimeout(() => {
      const first = Math.max(0, Math.floor((from - ahead) / rangeStep) * rangeStep);
      const last = Math.ceil((to + ahead) / rangeStep) * rangeStep - 1;
      setInSight((before) => (before.first === first && before.last === last ? before : { first, last }));
    }, settleMs);
  }, []);
  const at = Math.min(active, Math.max(0, (count ?? 0) - 1));

  const ready = count !== undefined && count > 0;
  useEffect(() => {
    if (!ready || !takesFocusRef.current) return;
    takesFocusRef.current = false;
    boxRef.current?.querySelector<HTMLElement>('[role="grid"]')?.focus({ preventScroll: true });
  }, [ready, takesFocusRef]);

  const markAll = (): void => {
    const reading =
      found === undefined
        ? readWholeFolder(client, { ...place, sort: order.sort }, new AbortController().signal)
        : Promise.resolve(found);
    reading.then(
      (all) => {
        if (all.length > mostMarked) {
          toast({ tone: 'warn', title: `At most ${formatCount(mostMarked)} entries can be selected at once` });
        } else setMarks({ names: new Set(all.map((entry) => entry.name)), anchor: 0 });
      },
      (error: unknown) => toast({ tone: 'bad', title: 'Not selected', text: errorData(error).message }),
    );
  };
  const openMenu = (row: number, where: MenuPlace): void => {
    const entry = entryAt(row);
    if (entry === undefined) return;
    setActive(row);
    const several = marks.names.has(entry.name) && marks.names.size > 1;
    setMenu({ at: where, entry, names: several ? [...marks.names] : [entry.name] });
  };
  const latestRef = useRef({ openMenu, entryAt });
  useEffect(() => {
    latestRef.current = { openMenu, entryAt };
  });
  const onMark = useCallback((row: number): void => {
    const entry = latestRef.current.entryAt(row);
    setActive(row);
    if (entry !== undefined) setMarks((before) => toggleMark(before, entry.name, row));
  }, []);
  const onMenu = useCallback((row: number, at: MenuPlace): void => latestRef.current.openMenu(row, at), []);
  const rowElement = (row: number): HTMLElement | null =>
    grid()?.querySelector<HTMLElement>(`[aria-rowindex="${row + 1}"]`) ?? null;
  const onKey = (event: KeyboardEvent<HTMLDivElement>, row: number): void => {
    const entry = entryAt(row);
    const command = event.ctrlKey || event.metaKey;
    if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      const element = rowElement(row);
      if (element !== null) openMenu(row, element);
    } else if (command && event.key.toLowerCase() === 'a') markAll();
    else if (command || event.altKey) return;
    else if (event.key === ' ') {
      if (entry !== undefined) setMarks(toggleMark(marks, entry.name, row));
    } else if (event.key === 'Enter' || event.key === 'ArrowRight') {
      if (entry?.kind !== 'dir') return;
      onOpen(joinPath(folder, entry.name), true);
    } else if (event.key === 'Backspace' || event.key === 'ArrowLeft') {
      if (folder === '') return;
      onOpen(parentOf(folder), true);
    } else if (event.key === 'Escape' && marks.names.size > 0) setMarks(noMarks);
    else return;
    event.preventDefault();
  };
  const sizeRef = useVars<HTMLDivElement>({
    '--rows': `${Math.min(count ?? mostRowsHigh, mostRowsHigh) * rowHeight + 1}px`,
  });

  const error = rows.error ?? whole.error;
  if (error !== undefined && rows.count === undefined) {
    return (
      <div className={css.error}>
        <ErrorState
          error={error}
          onRetry={rows.retry}
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
  if (rows.count === undefined) return <Skeleton what="Reading the folder" lines={6} shape="rows" />;
  if (rows.count === 0) return <EmptyState icon={Folder} title="This folder is empty" />;
  return (
    <div ref={boxRef} className={css.box}>
      <ListTools
        store={store.id}
        folder={folder}
        total={rows.count}
        shown={searching ? found?.length : undefined}
        filter={filter}
        onFilter={setFilter}
        marks={marks}
        onClear={() => {
          setMarks(noMarks);
          grid()?.focus();
        }}
      />
      <ListHead
        order={order}
        onOrder={props.onOrder}
        marked={marks.names.size === 0 ? false : marks.names.size >= (count ?? 0) ? true : 'mixed'}
        onMarkAll={(all) => (all ? markAll() : setMarks(noMarks))}
      />
      {error === undefined ? null : (
        <div className={css.error}>
          <ErrorState error={error} onRetry={rows.retry} compact />
        </div>
      )}
      <div ref={sizeRef} className={css.size}>
        {count === 0 ? (
          <EmptyState icon={SearchX} title="No name in this folder fits" />
        ) : count === undefined ? (
          <Skeleton what="Looking through the folder" lines={4} shape="rows" />
        ) : (
          <VirtualList
            label={`In ${folder === '' ? store.name : displayName(folder)}`}
            role="grid"
            rowRole="row"
            aria-rowcount={count}
            aria-multiselectable="true"
            className={css.grid}
            count={count}
            rowHeight={rowHeight}
            active={at}
            onActiveChange={setActive}
            onRowKeyDown={onKey}
            onRange={onRange}
            onKeyDownCapture={(event) => {
              // With Shift the choice grows along; the list itself then moves on.
              const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
              if (!event.shiftKey || step === 0) return;
              const next = Math.max(0, Math.min(count - 1, at + step));
              setMarks(markRange(marks.names.size === 0 ? { ...marks, anchor: at } : marks, next, nameAt));
            }}
            rowProps={(row) => {
              const entry = entryAt(row);
              const marked = entry !== undefined && marks.names.has(entry.name);
              return {
                'aria-rowindex': row + 1,
                // Those are for trees; a grid counts its rows.
                'aria-setsize': undefined,
                'aria-posinset': undefined,
                'aria-selected': marked,
                className: cx(marked && css.marked, entry !== undefined && rows.pulsing.has(entry.name) && css.pulse),
                onClick: (event) => {
                  setActive(row);
                  if (entry === undefined) return;
                  if (event.shiftKey) setMarks(markRange(marks, row, nameAt));
                  else if (event.ctrlKey || event.metaKey) setMarks(toggleMark(marks, entry.name, row));
                },
                onDoubleClick: () => {
                  if (entry?.kind === 'dir') onOpen(joinPath(folder, entry.name));
                },
                onContextMenu: (event) => {
                  event.preventDefault();
                  openMenu(row, { x: event.clientX, y: event.clientY });
                },
              };
            }}
            renderRow={(row) => {
              const entry = entryAt(row);
              if (entry === undefined) return <div role="gridcell" aria-label="Reading" className={css.waiting} />;
              const path = joinPath(folder, entry.name);
              return (
                <FolderRow
                  entry={entry}
                  path={path}
                  storeId={store.id}
                  role={roleOf(summary.areas, path)}
                  share={rows.allocated === 0 ? 0 : entry.allocated / rows.allocated}
                  growth={growth?.of(path)}
                  marked={marks.names.has(entry.name)}
                  row={row}
                  onMark={onMark}
                  onMenu={onMenu}
                />
              );
            }}
          />
        )}
      </div>
      <MenuAt
        at={menu?.at}
        items={menu === undefined ? [] : items(menu.entry, menu.names)}
        label="What to do with it"
        onClose={() => setMenu(undefined)}
        returnFocus={grid}
      />
      {command === undefined ? null : (
        <CommandDialog store={store} path={command} onClose={() => setCommand(undefined)} />
      )}
    </div>
  );
}
