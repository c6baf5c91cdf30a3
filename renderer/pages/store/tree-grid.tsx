import { useMemo, useRef, useState, type KeyboardEvent, type MouseEvent, type ReactNode } from 'react';
import { cx, VirtualList } from '../../design/index.ts';
import { findByName, type EntryTreeRow, type Tree, type TreeRow } from './tree-rows.ts';
import { markRange, toggleMark, type Marks } from './marks.ts';
import css from './folder-list.module.css';

/** Letters typed within this time, in ms, are one beginning of a name. */
const typingMs = 700;
export const rowHeight = 30;

export interface TreeGridProps {
  label: string;
  tree: Tree;
  /** Tells one list from another: a new one begins at its top, or at `active`. */
  viewKey: string;
  active: string | undefined;
  onActive: (path: string | undefined) => void;
  marks: Marks;
  onMarks: (marks: Marks) => void;
  onMarkAll: () => void;
  onExpand: (path: string, expanded: boolean) => void;
  /** Enter or a double click. */
  onEnter: (row: EntryTreeRow, keyboard: boolean) => void;
  onInspect: (row: EntryTreeRow) => void;
  /** To the folder above the one shown. */
  onUp: () => void;
  onMenu: (row: EntryTreeRow, at: HTMLElement | { x: number; y: number }) => void;
  onRange: (first: number, last: number) => void;
  pulsing: ReadonlySet<string>;
  renderRow: (row: TreeRow, index: number) => ReactNode;
}

/** Entries of a store as a grid of any length: arrows walk and open, space chooses, letters jump. */
export function TreeGrid(props: TreeGridProps): ReactNode {
  const { label, tree, viewKey, active, onActive, marks, onMarks, onExpand } = props;
  // A row that is still on its way has no path; it is remembered by number.
  const [place, setPlace] = useState({ viewKey, row: 0, moves: 0 });
  if (place.viewKey !== viewKey) setPlace({ viewKey, row: 0, moves: 0 });
  const typed = useRef({ text: '', at: 0 });
  const byPath = useMemo(() => (active === undefined ? -1 : tree.indexOf(active)), [tree, active]);
  const index = byPath >= 0 ? byPath : Math.min(place.row, tree.length - 1);
  const anchor = useMemo(
    () => ({
      keyAt: (row: number) => {
        const found = tree.rowAt(row);
        return found?.kind === 'entry' ? found.path : undefined;
      },
      indexOf: (path: string) => tree.indexOf(path),
    }),
    [tree],
  );
  const entryAt = (at: number): EntryTreeRow | undefined => {
    const row = tree.rowAt(at);
    return row?.kind === 'entry' ? row : undefined;
  };
  const pathAt = (at: number): string | undefined => entryAt(at)?.path;

  const goTo = (next: number): void => {
    if (tree.rowAt(next) === undefined) return;
    setPlace(({ moves }) => ({ viewKey, row: next, moves: moves + 1 }));
    onActive(pathAt(next));
  };
  const elementOf = (event: KeyboardEvent<HTMLDivElement>, at: number): HTMLElement | null =>
    event.currentTarget.querySelector<HTMLElement>(`[aria-rowindex="${at + 1}"]`);

  const onKey = (event: KeyboardEvent<HTMLDivElement>, at: number): void => {
    const row = tree.rowAt(at);
    const entry = row?.kind === 'entry' ? row : undefined;
    const command = event.ctrlKey || event.metaKey;
    const typing = event.timeStamp - typed.current.at < typingMs ? typed.current.text : '';
    if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      const element = elementOf(event, at);
      if (element !== null && entry !== undefined) props.onMenu(entry, element);
    } else if (command && event.key.toLowerCase() === 'a') props.onMarkAll();
    else if (event.altKey && event.key === 'Enter') {
      if (entry !== undefined) props.onInspect(entry);
    } else if (command || event.altKey || row === undefined) return;
    else if (event.key === ' ' && typing === '') {
      if (entry !== undefined) onMarks(toggleMark(marks, entry.path, at));
    } else if (event.key === 'ArrowRight') {
      if (entry?.expanded === false) onExpand(entry.path, true);
      else if (entry?.expanded === true) goTo(at + 1);
    } else if (event.key === 'ArrowLeft') {
      if (entry?.expanded === true) onExpand(entry.path, false);
      else if (row.parent >= 0) goTo(row.parent);
    } else if (event.key === 'Enter') {
      if (entry !== undefined) props.onEnter(entry, true);
    } else if (event.key === 'Backspace') props.onUp();
    else if (event.key === 'Escape' && marks.paths.size > 0) onMarks({ paths: new Set(), anchor: at });
    else if (event.key.length === 1) {
      const text = typing + event.key;
      typed.current = { text, at: event.timeStamp };
      // The same letter again goes on to the next name; more letters keep the one that still fits.
      const same = text === event.key.repeat(text.length);
      const found = findByName(tree, same ? at + 1 : at, same ? event.key : text);
      if (found >= 0) goTo(found);
    } else return;
    event.preventDefault();
  };
  const onClick = (event: MouseEvent, at: number): void => {
    const path = pathAt(at);
    goTo(at);
    if (path === undefined) return;
    if (event.shiftKey) onMarks(markRange(marks, at, pathAt));
    else if (event.ctrlKey || event.metaKey) onMarks(toggleMark(marks, path, at));
  };

  return (
    <VirtualList
      label={label}
      role="treegrid"
      rowRole="row"
      aria-rowcount={tree.length}
      aria-multiselectable="true"
      className={css.grid}
      count={tree.length}
      rowHeight={rowHeight}
      active={index}
      activeKey={`${viewKey} ${place.moves} ${active ?? place.row}`}
      onActiveChange={goTo}
      anchor={anchor}
      onRowKeyDown={onKey}
      onRange={props.onRange}
      onKeyDownCapture={(event) => {
        // Any other key ends a name that is being typed.
        if (event.key.length > 1 && event.key !== 'Shift') typed.current.text = '';
        // With Shift the choice grows along; the list itself then moves on.
        const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
        if (!event.shiftKey || step === 0) return;
        const next = Math.max(0, Math.min(tree.length - 1, index + step));
        onMarks(markRange(marks.paths.size === 0 ? { ...marks, anchor: index } : marks, next, pathAt));
      }}
      rowProps={(at) => {
        const row = tree.rowAt(at);
        if (row === undefined) return {};
        const entry = row.kind === 'entry' ? row : undefined;
        const marked = entry !== undefined && marks.paths.has(entry.path);
        return {
          'aria-level': row.level,
          'aria-posinset': row.position,
          'aria-setsize': row.siblings,
          'aria-rowindex': at + 1,
          ...(entry === undefined ? {} : { 'aria-selected': marked }),
          ...(entry?.expanded === undefined ? {} : { 'aria-expanded': entry.expanded }),
          ...(row.kind === 'waiting' ? { 'aria-label': 'Reading', 'aria-busy': true } : {}),
          className: cx(
            marked && css.marked,
            row.kind === 'waiting' && css.waiting,
            entry !== undefined && props.pulsing.has(entry.path) && css.pulse,
          ),
          onClick: (event) => onClick(event, at),
          onDoubleClick: () => {
            if (entry !== undefined) props.onEnter(entry, false);
          },
          onContextMenu: (event) => {
            if (entry === undefined) return;
            event.preventDefault();
            goTo(at);
            props.onMenu(entry, { x: event.clientX, y: event.clientY });
          },
        };
      }}
      renderRow={(at) => {
        const row = tree.rowAt(at);
        return row === undefined ? null : props.renderRow(row, at);
      }}
    />
  );
}
