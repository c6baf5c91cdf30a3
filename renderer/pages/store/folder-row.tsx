import { memo, type ReactNode } from 'react';
import {
  ChevronDown,
  ChevronRight,
  CornerUpRight,
  Ellipsis,
  File,
  FileQuestionMark,
  Folder,
  HardDrive,
  type LucideIcon,
} from 'lucide-react';
import type { Role, UsageEntry } from '../../../shared/contract/index.ts';
import { formatBytes } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { href, pagePaths } from '../../app/paths.ts';
import {
  Bytes,
  CheckMark,
  Count,
  Icon,
  RelativeTime,
  roleColor,
  roleNames,
  ShareBar,
  Sparkline,
  Swatch,
  Tag,
  useVars,
} from '../../design/index.ts';
import { parentOf } from './folder-view.ts';
import { growthWords, type Growth } from './growth-words.ts';
import type { TreeRow } from './tree-rows.ts';
import css from './folder-list.module.css';

const kindIcons: Readonly<Record<UsageEntry['kind'], LucideIcon>> = {
  dir: Folder,
  file: File,
  symlink: CornerUpRight,
  mount: HardDrive,
  other: FileQuestionMark,
};

export interface FolderRowProps {
  entry: UsageEntry;
  path: string;
  level: number;
  /** Undefined where there is nothing to open. */
  expanded: boolean | undefined;
  /** Says where it lies, too: in a list of what was found anywhere. */
  withFolder: boolean;
  storeId: string;
  role: Role | undefined;
  /** Of the folder shown, 0 to 1. */
  share: number;
  growth: Growth | undefined;
  marked: boolean;
  /** Another file system is mounted here, and counted. */
  mounted: boolean;
  /** The exclusion that leaves it out of backups. */
  excludedBy: string | undefined;
  row: number;
  /** These must stay the same functions, so that rows are drawn again only when they change. */
  onMark: (row: number) => void;
  onMenu: (row: number, button: HTMLElement) => void;
  onToggle: (row: number) => void;
}

/**
 * One file or folder; `undefined` while it is on its way. The elements then stay those of the entry shown before, out of
 * sight by the style of the row: to take them away and to make them again is most of the work where a list flies by.
 */
export const FolderRow = memo(
  function FolderRow({ shown }: { shown: FolderRowProps | undefined }): ReactNode {
    return shown === undefined ? null : <Cells {...shown} />;
  },
  (_, { shown }) => shown === undefined,
);

const Cells = memo(function Cells(props: FolderRowProps): ReactNode {
  const { entry, path, level, expanded, role, share, growth, marked, row } = props;
  const name = displayName(entry.name);
  const title = props.withFolder ? displayName(path) : name;
  const ref = useVars<HTMLDivElement>({ '--level': String(level - 1) });
  return (
    <div ref={ref} role="presentation" className={css.cells}>
      <div role="gridcell" className={css.name}>
        <span
          aria-hidden="true"
          className={css.twist}
          {...(expanded === undefined
            ? {}
            : {
                onClick: (event) => {
                  event.stopPropagation();
                  props.onToggle(row);
                },
              })}
        >
          {expanded === undefined ? null : <Icon icon={expanded ? ChevronDown : ChevronRight} size={14} />}
        </span>
        <CheckMark label={`Select ${name}`} checked={marked} onToggle={() => props.onMark(row)} />
        <Icon icon={kindIcons[entry.kind]} className={css.kind} />
        {entry.kind === 'dir' ? (
          <a tabIndex={-1} className={css.dir} href={href(pagePaths.store(props.storeId, path))} title={title}>
            {name}
          </a>
        ) : (
          <span className={css.file} title={title}>
            {name}
          </span>
        )}
        {props.withFolder && path.includes('/') ? (
          <span className={css.where}>{displayName(parentOf(path))}</span>
        ) : null}
        <Tags entry={entry} mounted={props.mounted} excludedBy={props.excludedBy} />
      </div>
      <div role="gridcell" className={css.role} title={role === undefined ? undefined : roleNames[role]}>
        {role === undefined || role === 'other' ? null : (
          <>
            <Swatch color={roleColor(role)} />
            <span className={css.roleName}>{roleNames[role]}</span>
          </>
        )}
      </div>
      <div role="gridcell" className={css.share}>
        <ShareBar share={share} color={role === undefined ? '--text-3' : roleColor(role)} />
      </div>
      <div role="gridcell" className={css.spark}>
        {growth === undefined ? null : (
          <Sparkline points={growth.points} from={growth.from} to={growth.to} label={growthWords(growth)} />
        )}
      </div>
      <div role="gridcell" className={css.figure} aria-label={`Size ${formatBytes(entry.bytes)}`}>
        <Bytes value={entry.bytes} />
      </div>
      <div role="gridcell" className={css.figure} aria-label={`On disk ${formatBytes(entry.allocated)}`}>
        <Bytes value={entry.allocated} />
      </div>
      <div role="gridcell" className={css.files}>
        {entry.kind === 'dir' ? <Count value={entry.files} /> : null}
      </div>
      <div role="gridcell" className={css.newest}>
        {entry.newest === 0 ? null : <RelativeTime atMs={entry.newest} />}
      </div>
      <div role="gridcell" className={css.more}>
        {/* Not an IconButton: a tooltip for each of many rows costs more than it tells. */}
        <button
          type="button"
          aria-label={`Actions for ${name}`}
          aria-haspopup="menu"
          tabIndex={-1}
          className={css.moreButton}
          onClick={(event) => {
            event.stopPropagation();
            props.onMenu(row, event.currentTarget);
          }}
        >
          <Icon icon={Ellipsis} />
        </button>
      </div>
    </div>
  );
});

function Tags({
  entry,
  mounted,
  excludedBy,
}: {
  entry: UsageEntry;
  mounted: boolean;
  excludedBy: string | undefined;
}): ReactNode {
  return (
    <>
      {entry.kind === 'symlink' ? <Tag>link, not followed</Tag> : null}
      {entry.kind === 'mount' ? <Tag title="Another file system is mounted here">other disk, not counted</Tag> : null}
      {mounted && entry.kind !== 'mount' ? <Tag title="Another file system is mounted here">other disk</Tag> : null}
      {entry.hardLinked === true ? (
        <Tag title="It is counted once, at the path that sorts first">other names</Tag>
      ) : null}
      {entry.sparse === true ? <Tag title="It takes less on disk than its size">sparse</Tag> : null}
      {excludedBy === undefined ? null : (
        <Tag title={`Left out of backups by ${displayName(excludedBy)}`}>not backed up</Tag>
      )}
      {entry.unreadable === undefined ? null : (
        <Tag tone="warn" title={entry.unreadable}>
          cannot be read
        </Tag>
      )}
    </>
  );
}

/** What an open folder shows that has no entries, or cannot be read. */
export function OtherRow({
  row,
  onRetry,
}: {
  row: Extract<TreeRow, { kind: 'empty' | 'failed' }>;
  onRetry: (folder: string) => void;
}): ReactNode {
  const ref = useVars<HTMLDivElement>({ '--level': String(row.level - 1) });
  return (
    <div ref={ref} role="gridcell" className={css.otherRow}>
      {row.kind === 'empty' ? (
        'This folder is empty'
      ) : (
        <>
          <span className={css.failed} title={row.error.hint}>
            {row.error.message}
          </span>
          <button type="button" tabIndex={-1} className={css.retry} onClick={() => onRetry(row.folder)}>
            Try again
          </button>
        </>
      )}
    </div>
  );
}
