import { memo, type ReactNode } from 'react';
import { CornerUpRight, Ellipsis, File, FileQuestionMark, Folder, HardDrive, type LucideIcon } from 'lucide-react';
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
} from '../../design/index.ts';
import { growthWords, type Growth } from './growth-words.ts';
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
  storeId: string;
  role: Role | undefined;
  /** Of the folder shown, 0 to 1. */
  share: number;
  growth: Growth | undefined;
  marked: boolean;
  row: number;
  /** Both must stay the same functions, so that rows are drawn again only when they change. */
  onMark: (row: number) => void;
  onMenu: (row: number, button: HTMLElement) => void;
}

/** One entry of a folder. */
export const FolderRow = memo(function FolderRow({
  entry,
  path,
  storeId,
  role,
  share,
  growth,
  marked,
  row,
  onMark,
  onMenu,
}: FolderRowProps): ReactNode {
  const name = displayName(entry.name);
  return (
    <div role="presentation" className={css.cells}>
      <div role="gridcell" className={css.name}>
        <CheckMark label={`Select ${name}`} checked={marked} onToggle={() => onMark(row)} />
        <Icon icon={kindIcons[entry.kind]} className={css.kind} />
        {entry.kind === 'dir' ? (
          <a tabIndex={-1} className={css.dir} href={href(pagePaths.store(storeId, path))} title={name}>
            {name}
          </a>
        ) : (
          <span className={css.file} title={name}>
            {name}
          </span>
        )}
        <Tags entry={entry} />
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
            onMenu(row, event.currentTarget);
          }}
        >
          <Icon icon={Ellipsis} />
        </button>
      </div>
    </div>
  );
});

function Tags({ entry }: { entry: UsageEntry }): ReactNode {
  return (
    <>
      {entry.kind === 'symlink' ? <Tag>link, not followed</Tag> : null}
      {entry.kind === 'mount' ? <Tag>other disk, not counted</Tag> : null}
      {entry.hardLinked === true ? (
        <Tag title="It is counted once, at the path that sorts first">other names</Tag>
      ) : null}
      {entry.sparse === true ? <Tag title="It takes less on disk than its size">sparse</Tag> : null}
      {entry.unreadable === undefined ? null : (
        <Tag tone="warn" title={entry.unreadable}>
          cannot be read
        </Tag>
      )}
    </>
  );
}
