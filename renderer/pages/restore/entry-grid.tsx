import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useVars, VirtualList } from '../../design/index.ts';
import { EntryRow } from './entry-row.tsx';
import { choiceOf, type Selection } from './selection.ts';
import { findByName, type Tree, type TreeRow } from './tree-rows.ts';
import css from './entry-grid.module.css';

/** Letters typed within this time, in ms, are one beginning of a name. */
const typingMs = 700;

export interface EntryGridProps {
  label: string;
  tree: Tree;
  selection: Selection;
  /** Path of the row the keyboard stands on. */
  active: string | undefined;
  onActive: (row: TreeRow) => void;
  onChoose: (path: string, chosen: boolean) => void;
  onExpand: (path: string, expanded: boolean) => void;
  /** Enter or a double click on what cannot be opened. */
  onEnter?: (row: TreeRow) => void;
  onWant: (folder: string, page: number) => void;
  onRetry: (folder: string) => void;
  /** Whole paths are shown instead of names. */
  wholePaths?: boolean;
  /** Stands where an open folder has nothing to show. */
  emptyWords?: string;
}

/** Entries of a backup as a grid of any length: arrows walk and open, space ticks, letters jump. */
export function EntryGrid(props: EntryGridProps): ReactNode {
  const { label, tree, selection, active, onActive, onChoose, onExpand, onEnter, wholePaths = false } = props;
  // A row that is still on its way has no path; it is remembered by number.
  const [activeRow, setActiveRow] = useState(0);
  const typed = useRef({ text: '', at: 0 });
  const byPath = active === undefined ? -1 : tree.indexOf(active);
  const index = byPath >= 0 ? byPath : Math.min(activeRow, tree.length - 1);

  const goTo = (next: number): void => {
    const row = tree.rowAt(next);
    if (row === undefined) return;
    setActiveRow(next);
    onActive(row);
  };
  const toggle = (path: string): void => onChoose(path, choiceOf(selection, path) !== 'all');

  const onKey = (event: KeyboardEvent<HTMLDivElement>, at: number): void => {
    const row = tree.rowAt(at);
    if (row === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const entry = row.kind === 'entry' ? row.entry : undefined;
    const typing = event.timeStamp - typed.current.at < typingMs ? typed.current.text : '';
    if (event.key === ' ' && typing === '') {
      if (entry !== undefined) toggle(entry.path);
    } else if (event.key === 'ArrowRight') {
      if (row.kind === 'entry' && row.expanded === false) onExpand(row.entry.path, true);
      else if (row.kind === 'entry' && row.expanded === true) goTo(at + 1);
    } else if (event.key === 'ArrowLeft') {
      if (row.kind === 'entry' && row.expanded === true) onExpand(row.entry.path, false);
      else if (row.parent >= 0) goTo(row.parent);
    } else if (event.key === 'Enter') {
      if (row.kind === 'entry' && row.expanded !== undefined) onExpand(row.entry.path, !row.expanded);
      else onEnter?.(row);
    } else if (event.key.length === 1) {
      const text = typing + event.key;
      typed.current = { text, at: event.timeStamp };
      // The same letter again goes on to the next name; more letters keep the one that still fits.
      const same = text === event.key.repeat(text.length);
      const found = findByName(tree, same ? at + 1 : at, same ? text.slice(0, 1) : text);
      if (found >= 0) goTo(found);
    } else return;
    event.preventDefault();
  };

  return (
    <VirtualList
      label={label}
      role="treegrid"
      rowRole="row"
      aria-multiselectable="true"
      aria-rowcount={tree.length}
      className={css.grid}
      count={tree.length}
      active={index}
      onActiveChange={goTo}
      onRowKeyDown={onKey}
      rowProps={(at) => {
        const row = tree.rowAt(at);
        if (row === undefined) return {};
        const chosen = row.kind === 'entry' && choiceOf(selection, row.entry.path) === 'all';
        return {
          className: chosen ? css.chosen : undefined,
          'aria-level': row.level,
          'aria-posinset': row.position,
          'aria-setsize': row.siblings,
          'aria-rowindex': at + 1,
          ...(row.kind === 'entry' ? { 'aria-selected': chosen } : {}),
          ...(row.kind === 'entry' && row.expanded !== undefined ? { 'aria-expanded': row.expanded } : {}),
          onClick: () => goTo(at),
          onDoubleClick: () => {
            if (row.kind === 'entry' && row.expanded !== undefined) onExpand(row.entry.path, !row.expanded);
            else onEnter?.(row);
          },
        };
      }}
      renderRow={(at) => {
        const row = tree.rowAt(at);
        return row === undefined ? null : row.kind === 'entry' ? (
          <EntryRow
            row={row}
            choice={choiceOf(selection, row.entry.path)}
            wholePath={wholePaths}
            onToggle={() => {
              goTo(at);
              toggle(row.entry.path);
            }}
            onExpand={(expanded) => onExpand(row.entry.path, expanded)}
          />
        ) : (
          <OtherRow row={row} onWant={props.onWant} onRetry={props.onRetry} emptyWords={props.emptyWords ?? ''} />
        );
      }}
    />
  );
}

function OtherRow({
  row,
  onWant,
  onRetry,
  emptyWords,
}: {
  row: Exclude<TreeRow, { kind: 'entry' }>;
  onWant: (folder: string, page: number) => void;
  onRetry: (folder: string) => void;
  emptyWords: string;
}): ReactNode {
  const { folder } = row;
  const page = row.kind === 'waiting' ? row.page : undefined;
  useEffect(() => {
    if (page !== undefined) onWant(folder, page);
  }, [folder, page, onWant]);
  const ref = useVars<HTMLDivElement>({ '--level': String(row.level - 1) });
  return (
    <div ref={ref} role="gridcell" className={css.other}>
      {row.kind === 'waiting' ? <span className={css.bone} aria-label="Reading" role="img" /> : null}
      {row.kind === 'empty' ? emptyWords : null}
      {row.kind === 'failed' ? (
        <>
          <span className={css.failed} title={row.error.hint}>
            {row.error.message}
          </span>
          <button type="button" tabIndex={-1} className={css.retry} onClick={() => onRetry(folder)}>
            Try again
          </button>
        </>
      ) : null}
    </div>
  );
}
