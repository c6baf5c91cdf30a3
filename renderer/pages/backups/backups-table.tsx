import { useState, type ReactNode } from 'react';
import { Copy, Ellipsis, FileSearch, History, ShieldCheck } from 'lucide-react';
import { useLocation } from 'wouter';
import type { Backup } from '../../../shared/contract/index.ts';
import { formatDateTime, formatQuantity } from '../../../shared/format.ts';
import { pagePaths } from '../../app/paths.ts';
import {
  Button,
  Bytes,
  copyText,
  Count,
  cx,
  IconButton,
  Menu,
  RelativeTime,
  rowFocus,
  Table,
  Tag,
  useToast,
  VisuallyHidden,
  type Column,
  type MenuItem,
} from '../../design/index.ts';
import { backupTags, tookWords, useVerify } from '../../features/backups/index.ts';
import { trust } from './backup-figures.ts';
import css from './backups-table.module.css';

/** Rows before the person asks for older ones. */
const shownAtFirst = 200;

export interface BackupsTableProps {
  /** Newest first. */
  backups: readonly Backup[];
  opened: string | undefined;
  onOpen: (backup: Backup) => void;
  /** Names the store of each backup. */
  withStore: boolean;
}

/** The backups, newest first unless asked otherwise. */
export function BackupsTable({ backups, opened, onOpen, withStore }: BackupsTableProps): ReactNode {
  const [more, setMore] = useState(0);
  const shown = backups.slice(0, shownAtFirst + more);
  return (
    <div className={css.frame}>
      <Table
        label="Backups"
        columns={columns(withStore, opened, onOpen)}
        rows={shown}
        rowKey={(backup) => backup.manifest}
        initialSort={{ column: 'when', direction: 'down' }}
        onActivate={onOpen}
        rowClass={(backup) => (backup.id === opened ? css.opened : undefined)}
        fixed
      />
      {shown.length === backups.length ? null : (
        <div className={css.older}>
          <Button size="small" onClick={() => setMore(more + shownAtFirst)}>
            Show older
          </Button>
          <span className={css.quiet}>{formatQuantity(backups.length - shown.length, 'older backup')}</span>
        </div>
      )}
    </div>
  );
}

function columns(withStore: boolean, opened: string | undefined, onOpen: (backup: Backup) => void): Column<Backup>[] {
  const all: Column<Backup>[] = [
    {
      id: 'when',
      header: 'When',
      firstDirection: 'down',
      compare: (a, b) => a.startedAtMs - b.startedAtMs,
      cell: (backup) => (
        <div className={css.when}>
          <button
            {...rowFocus}
            type="button"
            className={css.open}
            aria-expanded={backup.id === opened}
            onClick={() => onOpen(backup)}
          >
            <RelativeTime atMs={backup.startedAtMs} />
            <VisuallyHidden>
              , backup of {backup.storeName}, {formatDateTime(backup.startedAtMs)}
            </VisuallyHidden>
          </button>
          <span className={css.note} title={backup.note}>
            {backup.note === undefined ? null : `${backup.note} · `}
            {formatDateTime(backup.startedAtMs)}
          </span>
        </div>
      ),
    },
    {
      id: 'store',
      header: 'Store',
      className: css.store,
      compare: (a, b) => a.storeName.localeCompare(b.storeName),
      cell: (backup) => backup.storeName,
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
      header: 'Stored',
      align: 'end',
      className: css.stored,
      firstDirection: 'down',
      compare: (a, b) => a.storedBytes - b.storedBytes,
      cell: (backup) => <Bytes value={backup.storedBytes} />,
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
          <span className={cx(css.quiet, !verified.ok && css.bad)}>
            {verified.mode} · <RelativeTime atMs={verified.atMs} />
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
      cell: (backup) => <RowMenu backup={backup} onOpen={onOpen} />,
    },
  ];
  return withStore ? all : all.filter(({ id }) => id !== 'store');
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

function RowMenu({ backup, onOpen }: { backup: Backup; onOpen: (backup: Backup) => void }): ReactNode {
  const [, navigate] = useLocation();
  const verify = useVerify();
  const toast = useToast();
  const items: MenuItem[] = [
    { id: 'details', label: 'Show details', icon: FileSearch, run: () => onOpen(backup) },
    {
      id: 'restore',
      label: 'Restore from this…',
      icon: History,
      disabled: backup.problem !== undefined,
      run: () => navigate(pagePaths.restore(backup.id)),
    },
    { separator: 'verify' },
    {
      id: 'quick',
      label: 'Verify',
      detail: 'every stored byte',
      icon: ShieldCheck,
      run: () => verify(backup, false),
    },
    {
      id: 'deep',
      label: 'Verify deeply',
      detail: 'unpack every file',
      icon: ShieldCheck,
      run: () => verify(backup, true),
    },
    { separator: 'copy' },
    {
      id: 'copy',
      label: 'Copy the archive’s path',
      icon: Copy,
      run: () =>
        void copyText(backup.archive).then((copied) =>
          toast(
            copied
              ? { tone: 'info', title: 'The path was copied' }
              : { tone: 'warn', title: 'The path could not be copied', text: backup.archive },
          ),
        ),
    },
  ];
  const label = `Actions for the backup of ${formatDateTime(backup.startedAtMs)}`;
  return <Menu label={label} items={items} trigger={<IconButton icon={Ellipsis} label={label} size="small" />} />;
}
