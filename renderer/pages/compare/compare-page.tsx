import { useState, type ReactNode } from 'react';
import { ArrowLeft, ArrowLeftRight, File, Folder, FolderSearch, Link, RefreshCw, type LucideIcon } from 'lucide-react';
import { useLocation } from 'wouter';
import type { Backup, Difference } from '../../../shared/contract/index.ts';
import { formatCount, formatDateTime, formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { Page, PageHeader } from '../../app/frame/index.ts';
import { href, pagePaths } from '../../app/paths.ts';
import { errorData, useCall } from '../../data/index.ts';
import {
  Button,
  ButtonLink,
  Bytes,
  CommandLine,
  cx,
  EmptyState,
  ErrorState,
  Icon,
  IconButton,
  larderCommand,
  Panel,
  Select,
  Skeleton,
  Tag,
  useDebounced,
  VirtualList,
} from '../../design/index.ts';
import { changeKinds, changeWords, folderOfEntry, growthWords, typedPath } from './difference-words.ts';
import { useDifferences } from './use-differences.ts';
import css from './compare-page.module.css';

const noChanges: readonly Difference['change'][] = [];
const live = '';

/** What differs between a backup and a later one, or the live store. */
export function ComparePage({ backup, other }: { backup: string; other: string | undefined }): ReactNode {
  const list = useCall('backups.list', {});
  const backups = list.data?.backups ?? [];
  const older = backups.find(({ id }) => id === backup);
  const newer = other === undefined ? undefined : backups.find(({ id }) => id === other);
  return (
    <Page label="Compare">
      <PageHeader
        title="Compare"
        detail={older === undefined ? undefined : <Sides older={older} newer={newer} backups={backups} />}
      >
        <ButtonLink icon={ArrowLeft} href={href(pagePaths.backups(backup))}>
          Backups
        </ButtonLink>
      </PageHeader>
      {/* What was typed and chosen stands for these two only. */}
      <Differing key={`${backup} ${other ?? ''}`} backup={backup} other={other} />
    </Page>
  );
}

/** The two that are compared; either can be another one of the same store. */
function Sides({
  older,
  newer,
  backups,
}: {
  older: Backup;
  newer: Backup | undefined;
  backups: readonly Backup[];
}): ReactNode {
  const [, navigate] = useLocation();
  const choices = backups
    .filter((each) => each.storeName === older.storeName && each.problem === undefined)
    .map((each) => ({ value: each.id, label: formatDateTime(each.startedAtMs) }));
  const go = (from: string, to: string): void => {
    if (to === live) navigate(pagePaths.compare(from));
    else {
      const at = (id: string): number => backups.find((each) => each.id === id)?.startedAtMs ?? 0;
      // The older stands first, whichever was chosen.
      navigate(at(from) <= at(to) ? pagePaths.compare(from, to) : pagePaths.compare(to, from));
    }
  };
  return (
    <>
      <span>{older.storeName}</span>
      <Select
        label="Older backup"
        labelHidden
        value={older.id}
        choices={choices}
        onChange={(id) => go(id, newer?.id ?? live)}
      />
      <Icon icon={ArrowLeftRight} size={14} />
      <Select
        label="Compared with"
        labelHidden
        value={newer?.id ?? live}
        choices={[{ value: live, label: 'The live store' }, ...choices]}
        onChange={(id) => go(older.id, id)}
      />
    </>
  );
}

function Differing({ backup, other }: { backup: string; other: string | undefined }): ReactNode {
  const [changes, setChanges] = useState(noChanges);
  const [typed, setTyped] = useState('');
  const [active, setActive] = useState(-1);
  const path = useDebounced(typedPath(typed));
  const { head, error, isFetching, at, onRange, again } = useDifferences({ backup, other, path, changes });
  const counted = head === undefined ? 0 : head.added + head.removed + head.modified + head.metadata;
  const toggle = (change: Difference['change']): void => {
    setActive(-1);
    setChanges(changes.includes(change) ? changes.filter((each) => each !== change) : [...changes, change]);
  };
  return (
    <>
      <Panel padding="flush">
        <div className={css.bar}>
          <div role="group" aria-label="Kinds of change" className={css.kinds}>
            {changeKinds.map((change) => (
              <button
                key={change}
                type="button"
                aria-pressed={changes.includes(change)}
                title={changeWords[change].means}
                className={cx(css.kind, changes.includes(change) && css.on)}
                onClick={() => toggle(change)}
              >
                <Tag tone={changeWords[change].tone}>{changeWords[change].word}</Tag>
                <b>{head === undefined ? '…' : formatCount(head[change])}</b>
              </button>
            ))}
          </div>
          <input
            type="search"
            className={css.path}
            aria-label="Only at and below a path"
            placeholder="Only below, for example models/nvda"
            value={typed}
            onChange={(event) => {
              setActive(-1);
              setTyped(event.currentTarget.value);
            }}
          />
          <Button size="small" icon={RefreshCw} busy={isFetching} onClick={again}>
            Compare again
          </Button>
        </div>
        {error !== undefined ? (
          <div className={css.state}>
            <ErrorState error={errorData(error)} onRetry={again} />
          </div>
        ) : head === undefined ? (
          <Skeleton what="Comparing" shape="rows" lines={8} />
        ) : head.total === 0 ? (
          <EmptyState
            icon={FolderSearch}
            title={counted === 0 && path === '' ? 'They are the same' : 'Nothing of that kind differs there'}
            action={
              changes.length === 0 && path === '' ? undefined : (
                <Button
                  onClick={() => {
                    setChanges(noChanges);
                    setTyped('');
                  }}
                >
                  Show all differences
                </Button>
              )
            }
          >
            {counted === 0 && path === ''
              ? 'Every file, folder and link has the same content, mode, owner and time.'
              : undefined}
          </EmptyState>
        ) : (
          <>
            <div className={css.headRow} aria-hidden="true">
              <span>Change</span>
              <span>Path</span>
              <span className={css.end}>Before</span>
              <span className={css.end}>After</span>
              <span className={css.end}>By</span>
              <span />
            </div>
            <VirtualList
              label="Differences"
              className={css.list}
              count={head.total}
              rowHeight={32}
              active={active}
              onActiveChange={setActive}
              onRange={onRange}
              onRowKeyDown={(event, index) => {
                const entry = at(index);
                if (event.key === 'Enter' && entry !== undefined) setTyped(folderOfEntry(entry.path));
              }}
              renderRow={(index) => {
                const entry = at(index);
                return entry === undefined ? (
                  <div className={css.coming}>…</div>
                ) : (
                  <Row entry={entry} onNarrow={() => setTyped(folderOfEntry(entry.path))} />
                );
              }}
            />
            <p className={css.foot} role="status">
              {formatQuantity(head.total, 'difference')}
              {head.total === counted ? '' : ` of ${formatCount(counted)}`}
            </p>
          </>
        )}
      </Panel>
      <CommandLine command={larderCommand('diff', backup, other)} />
    </>
  );
}

const typeIcons: Readonly<Record<Difference['type'], LucideIcon>> = { file: File, dir: Folder, symlink: Link };

function Row({ entry, onNarrow }: { entry: Difference; onNarrow: () => void }): ReactNode {
  const { word, tone, means } = changeWords[entry.change];
  const shown = entry.path === '' ? 'The folder itself' : displayName(entry.path);
  const folder = folderOfEntry(entry.path);
  return (
    <div className={css.row}>
      <span title={means}>
        <Tag tone={tone}>{word}</Tag>
      </span>
      <span className={css.name} title={shown}>
        <Icon icon={typeIcons[entry.type]} size={14} className={css.icon} />
        <span className={css.text}>{shown}</span>
      </span>
      <span className={css.end}>{entry.before === undefined ? '' : <Bytes value={entry.before} />}</span>
      <span className={css.end}>{entry.after === undefined ? '' : <Bytes value={entry.after} />}</span>
      <span className={cx(css.end, css.quiet)}>{growthWords(entry)}</span>
      <span className={css.end}>
        {folder === '' ? null : (
          <IconButton
            icon={FolderSearch}
            size="small"
            tabIndex={-1}
            label={`Only below ${displayName(folder)}`}
            onClick={onNarrow}
          />
        )}
      </span>
    </div>
  );
}
