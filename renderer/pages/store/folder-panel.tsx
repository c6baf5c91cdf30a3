import { useEffect, useRef, useState, type ReactNode } from 'react';
import { ChevronRight, CornerUpRight, File, FileQuestionMark, Folder, HardDrive, type LucideIcon } from 'lucide-react';
import { useLocation } from 'wouter';
import type { Role, Store, UsageEntry, UsageSummary } from '../../../shared/contract/index.ts';
import { formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { href, pagePaths } from '../../app/paths.ts';
import { errorData, useCall } from '../../data/index.ts';
import {
  ButtonLink,
  Bytes,
  Count,
  EmptyState,
  ErrorState,
  Icon,
  Panel,
  RelativeTime,
  roleColor,
  roleNames,
  rowFocus,
  ShareBar,
  Skeleton,
  Swatch,
  Table,
  Tag,
  type Column,
} from '../../design/index.ts';
import { changedNames, crumbs, joinPath, roleOf } from './folder-view.ts';
import css from './folder-panel.module.css';

const pulseMs = 1_000;
const kindIcons: Readonly<Record<UsageEntry['kind'], LucideIcon>> = {
  dir: Folder,
  file: File,
  symlink: CornerUpRight,
  mount: HardDrive,
  other: FileQuestionMark,
};

interface Row {
  entry: UsageEntry;
  path: string;
  role: Role | undefined;
  /** Of the folder shown, 0 to 1. */
  share: number;
}

/** What is in one folder of a store, with the way back up. */
export function FolderPanel({
  store,
  summary,
  folder,
}: {
  store: Store;
  summary: UsageSummary;
  folder: string;
}): ReactNode {
  const [, navigate] = useLocation();
  const listing = useCall('usage.children', { store: store.id, path: folder });
  const data = listing.isError ? undefined : listing.data;
  const pulsing = usePulse(`${store.id} ${folder}`, data?.entries);
  const rows = (data?.entries ?? []).map((entry): Row => {
    const path = joinPath(folder, entry.name);
    return {
      entry,
      path,
      role: roleOf(summary.areas, path),
      share: data === undefined || data.allocated === 0 ? 0 : entry.allocated / data.allocated,
    };
  });
  const others = data?.others;
  return (
    <Panel padding="flush" title={<Breadcrumb store={store} folder={folder} />}>
      {listing.isError ? (
        <div className={css.error}>
          <ErrorState
            error={errorData(listing.error)}
            onRetry={() => void listing.refetch()}
            action={
              folder === '' ? undefined : (
                <ButtonLink size="small" href={href(pagePaths.store(store.id))}>
                  Go to the top folder
                </ButtonLink>
              )
            }
          />
        </div>
      ) : data === undefined ? (
        <Skeleton what="Reading the folder" lines={6} shape="rows" />
      ) : rows.length === 0 ? (
        <EmptyState icon={Folder} title="This folder is empty" />
      ) : (
        <Table
          label={`In ${folder === '' ? store.name : displayName(folder)}`}
          columns={columns(store.id)}
          rows={rows}
          rowKey={(row) => row.entry.name}
          rowClass={(row) => (pulsing.has(row.entry.name) ? css.pulse : undefined)}
          initialSort={{ column: 'allocated', direction: 'down' }}
          onActivate={(row) => {
            if (row.entry.kind === 'dir') navigate(pagePaths.store(store.id, row.path));
          }}
          fixed
          foot={
            others === undefined || others.entries === 0 ? null : (
              <tr>
                <td className={css.others}>{formatQuantity(others.entries, 'more entry', 'more entries')}</td>
                <td className={css.role} />
                <td className={css.share} />
                <td className={css.end}>
                  <Bytes value={others.bytes} />
                </td>
                <td className={css.end}>
                  <Bytes value={others.allocated} />
                </td>
                <td />
                <td />
              </tr>
            )
          }
        />
      )}
    </Panel>
  );
}

function Breadcrumb({ store, folder }: { store: Store; folder: string }): ReactNode {
  const way = crumbs(store.name, folder);
  return (
    <span className={css.crumbs}>
      {way.map((crumb, index) => (
        <span key={crumb.path} className={css.crumb}>
          {index === 0 ? null : <Icon icon={ChevronRight} size={13} />}
          {index === way.length - 1 ? (
            <span className={css.here}>{displayName(crumb.name)}</span>
          ) : (
            <a className={css.crumbLink} href={href(pagePaths.store(store.id, crumb.path))}>
              {displayName(crumb.name)}
            </a>
          )}
        </span>
      ))}
    </span>
  );
}

function columns(storeId: string): Column<Row>[] {
  return [
    {
      id: 'name',
      header: 'Name',
      compare: (a, b) => (a.entry.name < b.entry.name ? -1 : a.entry.name > b.entry.name ? 1 : 0),
      cell: (row) => <Name row={row} storeId={storeId} />,
    },
    {
      id: 'role',
      header: 'Role',
      className: css.role,
      compare: (a, b) => (a.role ?? '').localeCompare(b.role ?? ''),
      cell: ({ role }) =>
        role === undefined || role === 'other' ? null : (
          <span className={css.roleName}>
            <Swatch color={roleColor(role)} />
            {roleNames[role]}
          </span>
        ),
    },
    {
      id: 'share',
      header: 'Share of the folder',
      headerHidden: true,
      className: css.share,
      cell: ({ share, role }) => <ShareBar share={share} color={role === undefined ? '--text-3' : roleColor(role)} />,
    },
    {
      id: 'bytes',
      header: 'Size',
      align: 'end',
      className: css.figure,
      firstDirection: 'down',
      compare: (a, b) => a.entry.bytes - b.entry.bytes,
      cell: ({ entry }) => <Bytes value={entry.bytes} />,
    },
    {
      id: 'allocated',
      header: 'On disk',
      align: 'end',
      className: css.figure,
      firstDirection: 'down',
      compare: (a, b) => a.entry.allocated - b.entry.allocated,
      cell: ({ entry }) => <Bytes value={entry.allocated} />,
    },
    {
      id: 'files',
      header: 'Files',
      align: 'end',
      className: css.files,
      firstDirection: 'down',
      compare: (a, b) => a.entry.files - b.entry.files,
      cell: ({ entry }) => (entry.kind === 'dir' ? <Count value={entry.files} /> : null),
    },
    {
      id: 'newest',
      header: 'Newest',
      className: css.newest,
      firstDirection: 'down',
      compare: (a, b) => a.entry.newest - b.entry.newest,
      cell: ({ entry }) =>
        entry.newest === 0 ? null : (
          <span className={css.quiet}>
            <RelativeTime atMs={entry.newest} />
          </span>
        ),
    },
  ];
}

function Name({ row: { entry, path }, storeId }: { row: Row; storeId: string }): ReactNode {
  const name = displayName(entry.name);
  return (
    <span className={css.name}>
      <Icon icon={kindIcons[entry.kind]} className={css.kind} />
      {entry.kind === 'dir' ? (
        <a {...rowFocus} className={css.dir} href={href(pagePaths.store(storeId, path))} title={name}>
          {name}
        </a>
      ) : (
        <span className={css.file} title={name}>
          {name}
        </span>
      )}
      {entry.kind === 'symlink' ? <Tag>link, not followed</Tag> : null}
      {entry.kind === 'mount' ? <Tag>other disk, not counted</Tag> : null}
      {entry.unreadable === undefined ? null : (
        <Tag tone="warn" title={entry.unreadable}>
          cannot be read
        </Tag>
      )}
    </span>
  );
}

const nothing: ReadonlySet<string> = new Set();

/** Names that moved since the reading before, for a moment. `place` tells which folder a reading is of. */
function usePulse(place: string, entries: readonly UsageEntry[] | undefined): ReadonlySet<string> {
  const before = useRef<{ place: string; entries: readonly UsageEntry[] } | undefined>(undefined);
  const [pulsing, setPulsing] = useState(nothing);
  useEffect(() => {
    if (entries === undefined) return undefined;
    const last = before.current;
    before.current = { place, entries };
    const changed = last?.place === place && last.entries !== entries ? changedNames(last.entries, entries) : nothing;
    if (changed.size === 0) return undefined;
    setPulsing(changed);
    const timer = setTimeout(() => setPulsing(nothing), pulseMs);
    return () => clearTimeout(timer);
  }, [place, entries]);
  return pulsing;
}
