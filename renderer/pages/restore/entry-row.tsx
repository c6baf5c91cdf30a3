import type { ReactNode } from 'react';
import { ChevronDown, ChevronRight, CornerUpRight, File, Folder, type LucideIcon } from 'lucide-react';
import type { BackupEntry } from '../../../shared/contract/index.ts';
import { formatDateTime, formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { Bytes, CheckMark, cx, Icon, Tag, useNow, useVars } from '../../design/index.ts';
import { changedWords, liveWords } from './entry-words.ts';
import type { Choice } from './selection.ts';
import type { TreeRow } from './tree-rows.ts';
import css from './entry-grid.module.css';

const icons: Readonly<Record<BackupEntry['type'], LucideIcon>> = { dir: Folder, file: File, symlink: CornerUpRight };

/** One file, folder or link of a backup. */
export function EntryRow({
  row,
  choice,
  wholePath,
  onToggle,
  onExpand,
}: {
  row: Extract<TreeRow, { kind: 'entry' }>;
  choice: Choice;
  wholePath: boolean;
  onToggle: () => void;
  onExpand: (expanded: boolean) => void;
}): ReactNode {
  const { entry, expanded, level } = row;
  const now = useNow();
  const ref = useVars<HTMLDivElement>({ '--level': String(level - 1) });
  const name = displayName(entry.path.slice(entry.path.lastIndexOf('/') + 1));
  const folder = wholePath && entry.path.includes('/') ? entry.path.slice(0, entry.path.lastIndexOf('/')) : '';
  const live = liveWords(entry.live, entry.type);
  return (
    <div ref={ref} role="presentation" className={css.cells}>
      <div role="gridcell" className={css.name}>
        {expanded === undefined ? (
          <span className={css.twist} />
        ) : (
          <span
            className={css.twist}
            aria-hidden="true"
            onClick={(event) => {
              event.stopPropagation();
              onExpand(!expanded);
            }}
          >
            <Icon icon={expanded ? ChevronDown : ChevronRight} size={14} />
          </span>
        )}
        <CheckMark
          label={`Restore ${name}`}
          checked={choice === 'all' ? true : choice === 'some' ? 'mixed' : false}
          onToggle={onToggle}
        />
        <Icon icon={icons[entry.type]} className={css.icon} />
        <span className={cx(css.text, entry.type === 'dir' && css.dir)} title={displayName(entry.path)}>
          {name}
        </span>
        {folder === '' ? null : <span className={css.count}>{displayName(folder)}</span>}
        {entry.type === 'dir' && !wholePath ? (
          <span className={css.count}>{formatQuantity(entry.files, 'file')}</span>
        ) : null}
        {entry.target === undefined ? null : <span className={css.count}>→ {displayName(entry.target)}</span>}
      </div>
      <div role="gridcell" className={css.size}>
        {entry.type === 'symlink' ? null : <Bytes value={entry.bytes} />}
      </div>
      <div role="gridcell" className={css.changed}>
        <time dateTime={new Date(entry.mtimeMs).toISOString()} title={formatDateTime(entry.mtimeMs)}>
          {changedWords(entry.mtimeMs, now)}
        </time>
      </div>
      <div role="gridcell" className={css.live}>
        {live.tone === undefined ? live.word : <Tag tone={live.tone}>{live.word}</Tag>}
      </div>
    </div>
  );
}
