import { useState, type ReactNode } from 'react';
import { Ellipsis, Lock, Pin } from 'lucide-react';
import type { Backup } from '../../../shared/contract/index.ts';
import { formatDate, formatDateTime, formatTimeOfDay } from '../../../shared/format.ts';
import {
  Bytes,
  CheckMark,
  Count,
  cx,
  Icon,
  IconButton,
  MenuAt,
  RelativeTime,
  Tag,
  VirtualTable,
  VisuallyHidden,
  type Column,
  type MenuItem,
  type MenuPlace,
} from '../../design/index.ts';
import { backupTags, tookWords, verifiedHow, verifyModes } from '../../features/backups/index.ts';
import { trust } from './backup-figures.ts';
import { rowMenu } from './backup-menu.ts';
import css from './backups-table.module.css';

export interface BackupsTableProps {
  /** Newest first. */
  backups: readonly Backup[];
  opened: string | undefined;
  onOpen: (backup: Backup) => void;
  /** Ids of those that something is to be done with together. */
  selected: ReadonlySet<string>;
  onSelect: (selected: ReadonlySet<string>) => void;
  onRemove: (backup: Backup) => void;
  menu: (backup: Backup) => MenuItem[];
  /** Names the store of each backup. */
  withStore: boolean;
}

/** The backups, newest first unless asked otherwise. */
export function BackupsTable(props: BackupsTableProps): ReactNode {
  const { backups, opened, onOpen, selected, onSelect, onRemove, menu, withStore } = props;
  const [menuAt, setMenuAt] = useState<{ backup: Backup; place: MenuPlace }>();
  const [returnTo, setReturnTo] = useState<HTMLElement | null>(null);
  const toggle = (backup: Backup, how: 'toggle' | 'add'): void => {
    const next = new Set(selected);
    if (how === 'toggle' && next.has(backup.id)) next.delete(backup.id);
    else next.add(backup.id);
    onSelect(next);
  };
  const openMenu = (backup: Backup, place: MenuPlace): void => {
    setReturnTo(place instanceof HTMLElement ? place : null);
    setMenuAt({ backup, place });
  };
  return (
    <div className={css.frame}>
      <VirtualTable
        label="Backups"
        columns={columns({ withStore, selected, toggle, openMenu })}
        rows={backups}
        rowKey={(backup) => backup.manifest}
        rowHeight={48}
        initialSort={{ column: 'when', direction: 'down' }}
        onActivate={onOpen}
        onMenu={openMenu}
        onToggle={toggle}
        isSelected={(backup) => selected.has(backup.id)}
        onRowKeyDown={(event, backup) => {
          if (event.key === 'Delete') onRemove(backup);
        }}
        rowClass={(backup) => (backup.id === opened ? css.opened : undefined)}
        revealed={backups.find(({ id }) => id === opened)?.manifest}
        className={css.scroll}
      />
      <MenuAt
        at={menuAt?.place}
        label={
          menuAt === undefined ? 'Actions' : `Actions for the backup of ${formatDateTime(menuAt.backup.startedAtMs)}`
        }
        items={menuAt === undefined ? [] : rowMenu(menu(menuAt.backup), () => onOpen(menuAt.backup))}
        onClose={() => setMenuAt(undefined)}
        returnFocus={() => returnTo}
      />
    </div>
  );
}

interface ColumnParts {
  withStore: boolean;
  selected: ReadonlySet<string>;
  toggle: (backup: Backup, how: 'toggle' | 'add') => void;
  openMenu: (backup: Backup, place: MenuPlace) => void;
}

function columns({ withStore, selected, toggle, openMenu }: ColumnParts): Column<Backup>[] {
  const all: Column<Backup>[] = [
    {
      id: 'select',
      header: 'Chosen',
      headerHidden: true,
      className: css.select,
      cell: (backup) => (
        <CheckMark
          label={`Choose the backup of ${formatDateTime(backup.startedAtMs)}`}
          checked={selected.has(backup.id)}
          onToggle={() => toggle(backup, 'toggle')}
        />
      ),
    },
    {
      id: 'when',
      header: 'When',
      firstDirection: 'down',
      compare: (a, b) => a.startedAtMs - b.startedAtMs,
      cell: (backup) => <When backup={backup} />,
    },
    {
      id: 'store',
      header: 'Store',
      className: css.store,
      compare: (a, b) => a.storeName.localeCompare(b.storeName),
      cell: (backup) => <span title={backup.storeName}>{backup.storeName}</span>,
    },
    {
      id: 'kind',
      header: 'Kind',
      className: css.kind,
      compare: (a, b) => a.kind.localeCompare(b.kind),
      cell: (backup) => <span className={css.quiet}>{backup.kind}</span>,
    },
    {
      id: 'files',
      header: 'Files',
      align: 'end',
      className: css.files,
      firstDirection: 'down',
      compare: (a, b) => a.files - b.files,
      cell: (backup) => <Count value={backup.files} />,
    },
    {
      id: 'bytes',
      header: 'Size',
      align: 'end',
      className: css.figure,
      firstDirection: 'down',
      compare: (a, b) => a.bytes - b.bytes,
      cell: (backup) => <Bytes value={backup.bytes} />,
    },
    {
      id: 'stored',
      header: 'Added',
      align: 'end',
      className: css.stored,
      firstDirection: 'down',
      compare: (a, b) => a.storedBytes - b.storedBytes,
      cell: (backup) => <Bytes value={backup.storedBytes} />,
    },
    {
      id: 'reused',
      header: 'Reused',
      align: 'end',
      className: css.reused,
      firstDirection: 'down',
      compare: (a, b) => a.reusedBytes - b.reusedBytes,
      cell: (backup) => (backup.reusedBytes === 0 ? <Nothing /> : <Bytes value={backup.reusedBytes} />),
    },
    {
      id: 'took',
      header: 'Took',
      align: 'end',
      className: css.took,
      firstDirection: 'down',
      compare: (a, b) => a.finishedAtMs - a.startedAtMs - (b.finishedAtMs - b.startedAtMs),
      cell: (backup) => <span className={css.quiet}>{tookWords(backup)}</span>,
    },
    {
      id: 'verified',
      header: 'Verified',
      className: css.verified,
      firstDirection: 'down',
      compare: (a, b) => (a.verified?.atMs ?? 0) - (b.verified?.atMs ?? 0),
      cell: ({ verified }) =>
        verified === undefined ? (
          <span className={css.quiet}>not yet</span>
        ) : (
          <span className={css.lines}>
            <span className={cx(!verified.ok && css.bad)} title={verified.ok ? verifyModes[verified.mode] : undefined}>
              {verified.ok ? verifiedHow(verified) : 'damage found'}
            </span>
            <span className={css.note}>
              <RelativeTime atMs={verified.atMs} />
            </span>
          </span>
        ),
    },
    {
      id: 'needed',
      header: 'Needed by',
      align: 'end',
      className: css.needed,
      firstDirection: 'down',
      compare: (a, b) => a.neededBy - b.neededBy,
      cell: ({ neededBy }) =>
        neededBy === 0 ? (
          <Nothing />
        ) : (
          <span title="Later backups that draw on its archive">
            <Count value={neededBy} /> <span className={css.quiet}>later</span>
          </span>
        ),
    },
    {
      id: 'status',
      header: 'Status',
      className: css.status,
      compare: (a, b) => trust(a) - trust(b),
      cell: (backup) => <Status backup={backup} />,
    },
    {
      id: 'actions',
      header: 'Actions',
      headerHidden: true,
      align: 'end',
      className: css.actions,
      cell: (backup) => (
        <IconButton
          icon={Ellipsis}
          size="small"
          tabIndex={-1}
          label={`Actions for the backup of ${formatDateTime(backup.startedAtMs)}`}
          onClick={(event) => openMenu(backup, event.currentTarget)}
        />
      ),
    },
  ];
  return withStore ? all : all.filter(({ id }) => id !== 'store');
}

function When({ backup }: { backup: Backup }): ReactNode {
  const exact = formatDateTime(backup.startedAtMs);
  return (
    <span className={css.lines}>
      <span className={css.first}>
        <b>
          <RelativeTime atMs={backup.startedAtMs} />
        </b>
        <VisuallyHidden>, backup of {backup.storeName}</VisuallyHidden>
        {backup.pinned ? <Mark icon={Pin} words="pinned" /> : null}
        {backup.encrypted ? <Mark icon={Lock} words="encrypted" /> : null}
      </span>
      <span className={css.note} title={backup.note}>
        {backup.note === undefined || backup.note === '' ? null : `${backup.note} · `}
        <span title={exact}>{shortDateTime(backup.startedAtMs)}</span>
      </span>
    </span>
  );
}

/** To the minute; the exact time is its title. */
function shortDateTime(atMs: number): string {
  return `${formatDate(atMs)}, ${formatTimeOfDay(atMs)}`;
}

function Mark({ icon, words }: { icon: typeof Pin; words: string }): ReactNode {
  return (
    <span className={css.mark} title={words}>
      <Icon icon={icon} size={12} />
      <VisuallyHidden>, {words}</VisuallyHidden>
    </span>
  );
}

function Nothing(): ReactNode {
  return (
    <span className={css.nothing} aria-label="none" role="img">
      –
    </span>
  );
}

/** Whether all of it can be had back. That it was verified stands in a column of its own. */
function Status({ backup }: { backup: Backup }): ReactNode {
  const bad = backupTags(backup).filter(({ id }) => id !== 'verified' && id !== 'unverified');
  if (bad.length === 0) return <Tag tone="ok">done</Tag>;
  return (
    <span className={css.tags}>
      {bad.map((tag) => (
        <Tag key={tag.id} tone={tag.tone} title={tag.detail}>
          {tag.word}
        </Tag>
      ))}
    </span>
  );
}
