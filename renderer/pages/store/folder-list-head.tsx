import type { ReactNode } from 'react';
import { ArrowDown, ArrowUp, Search, X } from 'lucide-react';
import { formatBytes, formatCount, formatQuantity } from '../../../shared/format.ts';
import { errorData, useCall } from '../../data/index.ts';
import {
  Button,
  Checkbox,
  cx,
  Icon,
  IconButton,
  SegmentedControl,
  useDebounced,
  VisuallyHidden,
  type Choice,
} from '../../design/index.ts';
import type { ListOrder } from './folder-list.tsx';
import { freedWords } from './folder-view.ts';
import type { Marks } from './marks.ts';
import type { SortKey } from './tree-model.ts';
import css from './folder-list.module.css';

/** Where the filter looks. */
export type Scope = 'here' | 'below';
const scopes: readonly Choice<Scope>[] = [
  { value: 'here', label: 'This folder' },
  { value: 'below', label: 'Everywhere below' },
];

/** The filter, and what the chosen entries would free. */
export function ListTools(props: {
  store: string;
  /** How many entries there are, of those that pass the filter. */
  total: number | undefined;
  /** How many of them are listed, where not all are. */
  shownOf: number | undefined;
  filtered: boolean;
  filter: string;
  onFilter: (filter: string) => void;
  scope: Scope;
  onScope: (scope: Scope) => void;
  /** The keyboard goes on to the list. */
  onLeave: () => void;
  marks: Marks;
  onClear: () => void;
}): ReactNode {
  const { total, shownOf, filter, onFilter, marks } = props;
  return (
    <div className={css.tools}>
      <div className={css.filter}>
        <Icon icon={Search} size={14} className={css.filterIcon} />
        <input
          type="search"
          aria-label="Filter by name"
          placeholder="Filter by name"
          autoComplete="off"
          spellCheck={false}
          maxLength={200}
          className={css.filterInput}
          value={filter}
          onChange={(event) => onFilter(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') onFilter('');
            else if (event.key === 'ArrowDown') props.onLeave();
            else return;
            event.preventDefault();
          }}
        />
        {filter === '' ? null : (
          <IconButton icon={X} label="Clear the filter" size="small" onClick={() => onFilter('')} />
        )}
      </div>
      {filter === '' ? null : (
        <SegmentedControl
          label="Where to look"
          size="small"
          value={props.scope}
          choices={scopes}
          onChange={props.onScope}
        />
      )}
      <p className={css.count} role="status">
        {total === undefined
          ? ''
          : shownOf !== undefined && shownOf < total
            ? `The first ${formatCount(shownOf)} of ${formatCount(total)} found`
            : props.filtered
              ? `${formatCount(total)} found`
              : formatQuantity(total, 'entry', 'entries')}
      </p>
      {marks.paths.size === 0 ? null : <Chosen store={props.store} marks={marks} onClear={props.onClear} />}
    </div>
  );
}

function Chosen({ store, marks, onClear }: { store: string; marks: Marks; onClear: () => void }): ReactNode {
  const paths = useDebounced(marks.paths, 120);
  const freed = useCall(
    'usage.freed',
    { store, paths: [...paths] },
    { enabled: paths.size > 0, fresh: true, keepPrevious: true },
  );
  const current = paths === marks.paths && !freed.isPlaceholderData ? freed.data : undefined;
  const size = formatCount(marks.paths.size);
  return (
    <div className={css.chosen}>
      <p role="status">
        <b>{size} selected</b>
        {freed.isError ? (
          <span className={css.bad}> · {errorData(freed.error).message}</span>
        ) : current === undefined ? (
          ' · counting…'
        ) : (
          <>
            {' · frees '}
            <b title={`${formatQuantity(current.files, 'file')}, ${formatQuantity(current.dirs, 'folder')}`}>
              {formatBytes(current.allocated)}
            </b>
            {freedWords(current.heldByLinks)}
          </>
        )}
      </p>
      <Button size="small" variant="quiet" onClick={onClear}>
        Clear
      </Button>
    </div>
  );
}

interface SortColumn {
  sort: SortKey;
  label: string;
  className: string | undefined;
  /** What it says when its first order holds, and when the other does. */
  words: readonly [string, string];
}

const largest = ['largest first', 'smallest first'] as const;

/** Above the rows: choose all, and the orders. */
export function ListHead({
  order,
  onOrder,
  marked,
  onMarkAll,
}: {
  order: ListOrder;
  onOrder: (order: ListOrder) => void;
  marked: boolean | 'mixed';
  onMarkAll: (all: boolean) => void;
}): ReactNode {
  const columns: readonly (SortColumn | { label: string; className: string | undefined })[] = [
    { label: 'Role', className: css.role },
    { label: '', className: css.share },
    { label: 'Growth', className: css.spark },
    { sort: 'bytes', label: 'Size', className: css.figure, words: largest },
    { sort: 'allocated', label: 'On disk', className: css.figure, words: largest },
    { sort: 'files', label: 'Files', className: css.files, words: ['most first', 'fewest first'] },
    { sort: 'newest', label: 'Newest', className: css.newest, words: ['newest first', 'oldest first'] },
  ];
  return (
    <div role="group" aria-label="Order of the list" className={cx(css.cells, css.head)}>
      <span className={css.name}>
        <Checkbox
          label="Everything in this folder"
          labelHidden
          checked={marked}
          onChange={() => onMarkAll(marked !== true)}
        />
        <SortButton
          column={{ sort: 'name', label: 'Name', className: undefined, words: ['A first', 'Z first'] }}
          order={order}
          onOrder={onOrder}
        />
      </span>
      {columns.map((column) =>
        'sort' in column ? (
          <span key={column.label} className={column.className}>
            <SortButton column={column} order={order} onOrder={onOrder} />
          </span>
        ) : (
          <span key={column.label} aria-hidden="true" className={column.className}>
            {column.label}
          </span>
        ),
      )}
      <span className={css.more} />
    </div>
  );
}

function SortButton({
  column,
  order,
  onOrder,
}: {
  column: SortColumn;
  order: ListOrder;
  onOrder: (order: ListOrder) => void;
}): ReactNode {
  const on = order.sort === column.sort;
  const [first, second] = column.words;
  // A name's first order runs upwards, a figure's downwards.
  const down = (column.sort === 'name') === order.reversed;
  return (
    <button
      type="button"
      aria-pressed={on}
      className={css.sort}
      onClick={() => onOrder({ sort: column.sort, reversed: on ? !order.reversed : false })}
    >
      {column.label}
      {on ? (
        <>
          <Icon icon={down ? ArrowDown : ArrowUp} size={12} />
          <VisuallyHidden>, {order.reversed ? second : first}</VisuallyHidden>
        </>
      ) : null}
    </button>
  );
}
