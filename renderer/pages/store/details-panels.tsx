import { useState, type ReactNode } from 'react';
import type { Output, Store, UsageSummary } from '../../../shared/contract/index.ts';
import { formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { href, pagePaths } from '../../app/paths.ts';
import { errorData, useCall } from '../../data/index.ts';
import {
  Button,
  Bytes,
  Count,
  EmptyState,
  ErrorState,
  Panel,
  RelativeTime,
  roleColor,
  rowFocus,
  ShareBar,
  Skeleton,
  Swatch,
  Table,
  Tag,
  type Column,
} from '../../design/index.ts';
import { ageNames, ageOrder, typeName } from './details-words.ts';
import { parentOf, roleOf } from './folder-view.ts';
import css from './details-panels.module.css';

type Details = Output<'usage.details'>;
const firstShown = 8;
const mostShown = 100;

/** Below the folder shown: its largest files, and what is there by type and by age. */
export function DetailsPanels({
  store,
  summary,
  folder,
}: {
  store: Store;
  summary: UsageSummary;
  folder: string;
}): ReactNode {
  const details = useCall('usage.details', { store: store.id, path: folder, limit: mostShown }, { keepPrevious: true });
  const where = folder === '' ? store.name : displayName(folder.slice(folder.lastIndexOf('/') + 1));
  if (details.isError) {
    return (
      <Panel title={`Files in ${where}`}>
        <ErrorState error={errorData(details.error)} onRetry={() => void details.refetch()} />
      </Panel>
    );
  }
  const data = details.data;
  return (
    <div className={css.grid}>
      <div className={css.wide}>
        <Largest store={store} summary={summary} where={where} folder={data?.path ?? folder} files={data?.largest} />
      </div>
      <Types types={data?.types} />
      <Ages ages={data?.ages} />
    </div>
  );
}

type LargeFile = Details['largest'][number];

function Largest({
  store,
  summary,
  where,
  folder,
  files,
}: {
  store: Store;
  summary: UsageSummary;
  where: string;
  folder: string;
  files: readonly LargeFile[] | undefined;
}): ReactNode {
  const [all, setAll] = useState(false);
  const columns: Column<LargeFile>[] = [
    {
      id: 'path',
      header: 'File',
      compare: (a, b) => (a.path < b.path ? -1 : 1),
      cell: (file) => {
        const role = roleOf(summary.areas, file.path);
        const shown = displayName(file.path.slice(folder === '' ? 0 : folder.length + 1));
        const inFolder = parentOf(file.path);
        return (
          <span className={css.file} title={displayName(file.path)}>
            {role === undefined ? null : <Swatch color={roleColor(role)} />}
            {inFolder === folder ? (
              <span className={css.path}>{shown}</span>
            ) : (
              <a {...rowFocus} className={css.path} href={href(pagePaths.store(store.id, inFolder))}>
                {shown}
              </a>
            )}
            {file.hardLinked ? <Tag title="It has other names and is counted once">other names</Tag> : null}
            {file.sparse ? <Tag title="It takes less on disk than its size">sparse</Tag> : null}
          </span>
        );
      },
    },
    {
      id: 'bytes',
      header: 'Size',
      align: 'end',
      className: css.figure,
      firstDirection: 'down',
      compare: (a, b) => a.bytes - b.bytes,
      cell: (file) => <Bytes value={file.bytes} />,
    },
    {
      id: 'allocated',
      header: 'On disk',
      align: 'end',
      className: css.figure,
      firstDirection: 'down',
      compare: (a, b) => a.allocated - b.allocated,
      cell: (file) => <Bytes value={file.allocated} />,
    },
    {
      id: 'changed',
      header: 'Changed',
      className: css.when,
      firstDirection: 'down',
      compare: (a, b) => a.mtimeMs - b.mtimeMs,
      cell: (file) => <RelativeTime atMs={file.mtimeMs} />,
    },
  ];
  const more = (files?.length ?? 0) - firstShown;
  return (
    <Panel
      padding="flush"
      title={`Largest files in ${where}`}
      actions={
        more > 0 ? (
          <Button size="small" variant="quiet" onClick={() => setAll(!all)}>
            {all ? 'Show fewer' : `Show ${formatQuantity(more, 'more', 'more')}`}
          </Button>
        ) : undefined
      }
    >
      {files === undefined ? (
        <Skeleton what="Looking for the largest files" shape="rows" lines={5} />
      ) : files.length === 0 ? (
        <EmptyState title="No files here" />
      ) : (
        <Table
          label={`Largest files in ${where}`}
          columns={columns}
          rows={all ? files : files.slice(0, firstShown)}
          rowKey={(file) => file.path}
          fixed
        />
      )}
    </Panel>
  );
}

interface ShareRow {
  id: string;
  label: string;
  bytes: number;
  allocated: number;
  files: number;
}

function Types({ types }: { types: Details['types'] | undefined }): ReactNode {
  const rows = types
    ?.map((each): ShareRow => ({ ...each, id: each.type, label: typeName(each.type) }))
    // The engine orders by size; here the bars show what they take. The rest stays last.
    .toSorted((a, b) => Number(a.id === '*') - Number(b.id === '*') || b.allocated - a.allocated);
  return <Shares title="By type" column="Type" rows={rows} foldAbove={firstShown + 1} />;
}

function Ages({ ages }: { ages: Details['ages'] | undefined }): ReactNode {
  const rows =
    ages === undefined
      ? undefined
      : ageOrder.flatMap((age): ShareRow[] => {
          const found = ages.find((each) => each.age === age);
          return found === undefined || found.files === 0 ? [] : [{ ...found, id: age, label: ageNames[age] }];
        });
  return <Shares title="By last change" column="Changed" rows={rows} foldAbove={Infinity} />;
}

/** Bars and figures at once, so that it is read as well as looked at. */
function Shares({
  title,
  column,
  rows,
  foldAbove,
}: {
  title: string;
  column: string;
  rows: readonly ShareRow[] | undefined;
  foldAbove: number;
}): ReactNode {
  const [all, setAll] = useState(false);
  const largest = Math.max(1, ...(rows ?? []).map((row) => row.allocated));
  const columns: Column<ShareRow>[] = [
    {
      id: 'label',
      header: column,
      cell: (row) => (
        <span className={css.label} title={row.label}>
          {row.label}
        </span>
      ),
    },
    {
      id: 'share',
      header: 'Share',
      headerHidden: true,
      className: css.share,
      cell: (row) => <ShareBar share={row.allocated / largest} color="--text-3" />,
    },
    {
      id: 'allocated',
      header: 'On disk',
      align: 'end',
      className: css.figure,
      cell: (row) => <Bytes value={row.allocated} />,
    },
    { id: 'files', header: 'Files', align: 'end', className: css.files, cell: (row) => <Count value={row.files} /> },
  ];
  const folded = rows !== undefined && rows.length > foldAbove;
  return (
    <Panel
      padding="flush"
      title={title}
      actions={
        folded ? (
          <Button size="small" variant="quiet" onClick={() => setAll(!all)}>
            {all ? 'Show fewer' : `Show ${rows.length - firstShown} more`}
          </Button>
        ) : undefined
      }
    >
      {rows === undefined ? (
        <Skeleton what="Adding up the files" shape="rows" lines={4} />
      ) : rows.length === 0 ? (
        <EmptyState title="No files here" />
      ) : (
        <Table
          label={title}
          columns={columns}
          rows={folded && !all ? rows.slice(0, firstShown) : rows}
          rowKey={(row) => row.id}
          fixed
        />
      )}
    </Panel>
  );
}
