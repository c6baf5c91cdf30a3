import type { ReactNode } from 'react';
import { Ellipsis, PencilLine, Trash2, Undo2 } from 'lucide-react';
import type { Store, StoreArea, StoreLayout } from '../../../shared/contract/index.ts';
import { displayName } from '../../../shared/path-text.ts';
import { href, pagePaths } from '../../app/paths.ts';
import {
  cx,
  IconButton,
  Menu,
  roleColor,
  roleNames,
  rowFocus,
  Swatch,
  Table,
  Tag,
  type Column,
  type Tone,
} from '../../design/index.ts';
import { backupWords, cleanupWords } from '../../features/layouts/index.ts';
import type { AreaRow, RowState } from './draft.ts';
import css from './areas-table.module.css';

const stateTags: Readonly<Record<Exclude<RowState, 'same'>, { tone: Tone; word: string }>> = {
  changed: { tone: 'info', word: 'changed' },
  new: { tone: 'info', word: 'new' },
  removed: { tone: 'warn', word: 'removed' },
};

const sourceWords: Readonly<Record<StoreArea['source'], string>> = {
  'larder.yaml': 'larder.yaml',
  layout: 'Layout',
  guess: 'Guess',
};

export interface AreasTableProps {
  store: Store;
  /** What holds where an area says nothing of permission and owner. */
  whole: Pick<StoreLayout, 'directoryMode' | 'fileMode' | 'owner'>;
  rows: readonly AreaRow[];
  /** What cannot be changed now, and why. */
  locked: string | undefined;
  onEdit: (row: AreaRow) => void;
  onRemove: (row: AreaRow) => void;
  /** As it was before it was changed here. */
  onRevert: (row: AreaRow) => void;
}

/** Every area with what it is for and what holds for it. */
export function AreasTable({ store, whole, rows, locked, onEdit, onRemove, onRevert }: AreasTableProps): ReactNode {
  const columns: readonly Column<AreaRow>[] = [
    {
      id: 'path',
      header: 'Area',
      compare: (a, b) => (a.path < b.path ? -1 : 1),
      cell: (row) => <Name row={row} locked={locked !== undefined} onEdit={onEdit} />,
    },
    {
      id: 'role',
      header: 'Role',
      className: css.role,
      compare: (a, b) => roleNames[a.values.role].localeCompare(roleNames[b.values.role]),
      cell: ({ values: { role } }) => (
        <span className={css.swatched}>
          <Swatch color={roleColor(role)} />
          {roleNames[role]}
        </span>
      ),
    },
    {
      id: 'source',
      header: 'Comes from',
      className: css.source,
      compare: (a, b) => (a.area?.source ?? '').localeCompare(b.area?.source ?? ''),
      cell: ({ area }) =>
        area === undefined ? null : area.guess === true ? (
          <Tag tone="warn" title={displayName(area.why ?? '')}>
            Guess
          </Tag>
        ) : (
          <span className={css.quiet}>{sourceWords[area.source]}</span>
        ),
    },
    {
      id: 'backup',
      header: 'In backups',
      className: css.backup,
      cell: ({ values, area }) => <BackupCell store={store} rule={values.backup} area={area} />,
    },
    {
      id: 'cleanup',
      header: 'Cleaned up',
      className: css.cleanup,
      cell: ({ values: { cleanup } }) => <span title={cleanupWords(cleanup)}>{cleanupWords(cleanup)}</span>,
    },
    {
      id: 'required',
      header: 'Required',
      className: css.required,
      compare: (a, b) => Number(b.values.required) - Number(a.values.required),
      cell: ({ values: { required }, area }) =>
        required ? (
          area?.exists === false && !area.path.includes('*') ? (
            <Tag tone="warn" title="It should be there. “Set up what is missing” makes it.">
              missing
            </Tag>
          ) : (
            'Yes'
          )
        ) : (
          <span className={css.quiet}>No</span>
        ),
    },
    {
      id: 'mode',
      header: 'Permission',
      className: css.mode,
      cell: ({ values }) => <Permission values={values} whole={whole} />,
    },
    {
      id: 'actions',
      header: 'Actions',
      headerHidden: true,
      align: 'end',
      className: css.actions,
      cell: (row) => <RowMenu row={row} locked={locked} onEdit={onEdit} onRemove={onRemove} onRevert={onRevert} />,
    },
  ];
  return (
    <Table
      label="Areas"
      columns={columns}
      rows={rows}
      rowKey={({ path }) => path}
      rowClass={({ state }) => (state === 'removed' ? css.removed : undefined)}
      onActivate={(row) => {
        if (locked === undefined && row.state !== 'removed') onEdit(row);
      }}
      fixed
    />
  );
}

function Name({
  row: { path, values, area, state },
  row,
  locked,
  onEdit,
}: {
  row: AreaRow;
  locked: boolean;
  onEdit: (row: AreaRow) => void;
}): ReactNode {
  const shown = path === '' ? 'The folder itself' : displayName(path);
  const words = values.title ?? (area?.guess === true ? area.why : undefined);
  const detail =
    path === '' ? 'what lies in no other area' : words?.toLowerCase() === shown.toLowerCase() ? undefined : words;
  return (
    <div className={css.name}>
      <span className={css.line}>
        {locked || state === 'removed' ? (
          <span className={css.path}>{shown}</span>
        ) : (
          <button
            {...rowFocus}
            type="button"
            className={cx(css.path, css.button)}
            title={shown}
            onClick={() => onEdit(row)}
          >
            {shown}
          </button>
        )}
        {state === 'same' ? null : <Tag tone={stateTags[state].tone}>{stateTags[state].word}</Tag>}
      </span>
      {detail === undefined ? null : (
        <span className={css.detail} title={displayName(detail)}>
          {displayName(detail)}
        </span>
      )}
    </div>
  );
}

/** Of folders and of files; quieter where the store as a whole says it. */
function Permission({ values, whole }: { values: AreaRow['values']; whole: AreasTableProps['whole'] }): ReactNode {
  const said = values.directoryMode !== undefined || values.fileMode !== undefined;
  const owner = values.owner ?? whole.owner;
  const folders = values.directoryMode ?? whole.directoryMode;
  const files = values.fileMode ?? whole.fileMode;
  const words = [
    folders === undefined ? '' : `Folders ${folders}`,
    files === undefined ? '' : `files ${files}`,
    owner === undefined ? '' : `owner ${owner}`,
  ].filter((part) => part !== '');
  return (
    <span className={cx(css.modes, !said && css.quiet)} title={words.join(', ')}>
      {folders === undefined && files === undefined ? (owner ?? '–') : `${folders ?? '–'} / ${files ?? '–'}`}
    </span>
  );
}

function BackupCell({
  store,
  rule,
  area,
}: {
  store: Store;
  rule: AreaRow['values']['backup'];
  area: StoreArea | undefined;
}): ReactNode {
  if (area?.backupRule.from !== 'yours') return backupWords(rule);
  return (
    <span className={css.own}>
      {backupWords(area.backupRule.rule)}
      <a
        className={css.ownLink}
        title={`Your own rule comes before the layout’s, which says: ${backupWords(rule).toLowerCase()}`}
        href={href(pagePaths.backupRules(store.id, 'contents'))}
      >
        your rule
      </a>
    </span>
  );
}

function RowMenu({
  row,
  locked,
  onEdit,
  onRemove,
  onRevert,
}: Omit<AreasTableProps, 'store' | 'rows' | 'whole'> & { row: AreaRow }): ReactNode {
  const { path, area, state } = row;
  const name = path === '' ? 'the folder itself' : displayName(path);
  const off = locked === undefined ? {} : { disabled: true, detail: locked };
  const guess = area?.guess === true;
  return (
    <Menu
      label={`Actions for ${name}`}
      trigger={<IconButton icon={Ellipsis} size="small" label={`Actions for ${name}`} />}
      items={[
        ...(state === 'removed'
          ? []
          : [
              {
                id: 'edit',
                label: guess ? 'Say what it is…' : 'Edit…',
                icon: PencilLine,
                ...off,
                run: () => onEdit(row),
              },
            ]),
        ...(state === 'same' || state === 'new'
          ? []
          : [
              {
                id: 'revert',
                label: state === 'removed' ? 'Put it back' : 'Undo its changes',
                icon: Undo2,
                run: () => onRevert(row),
              },
            ]),
        ...(state === 'removed'
          ? []
          : [
              {
                id: 'remove',
                label: 'Remove the area',
                icon: Trash2,
                ...(guess
                  ? { disabled: true, detail: 'A guess is no area yet. Its folder stays anyway.' }
                  : { detail: 'Its folder stays.', ...off }),
                run: () => onRemove(row),
              },
            ]),
      ]}
    />
  );
}
