import type { ReactNode } from 'react';
import { Ellipsis, FolderPlus } from 'lucide-react';
import { useLocation } from 'wouter';
import type { Backup, Store, UsageSummary } from '../../../shared/contract/index.ts';
import { displayName } from '../../../shared/path-text.ts';
import { ActionButton, ActionMenu } from '../../app/actions/index.ts';
import { Page, PageHeader } from '../../app/frame/index.ts';
import { href, pagePaths } from '../../app/paths.ts';
import { shortPath } from '../../app/short-path.ts';
import { errorData, useAllUsage, useCall, useStores, useSystemInfo } from '../../data/index.ts';
import {
  Bar,
  Bytes,
  Count,
  EmptyState,
  ErrorState,
  IconButton,
  Panel,
  RelativeTime,
  rowFocus,
  Skeleton,
  Spinner,
  Table,
  Tag,
  type Column,
} from '../../design/index.ts';
import { roleParts } from '../../features/usage/index.ts';
import { LiveTag } from './live-tag.tsx';
import { storeMenu } from './store-menu.ts';
import css from './stores-page.module.css';

interface Row {
  store: Store;
  usage: UsageSummary | undefined;
  error: string | undefined;
  lastBackup: Backup | undefined;
}

/** Every registered folder with its figures. */
export function StoresPage(): ReactNode {
  const list = useStores();
  const stores = list.data?.stores ?? [];
  const usage = useAllUsage(stores);
  const backups = useCall('backups.list', {}).data?.backups ?? [];
  const home = useSystemInfo()?.userHome;
  const [, navigate] = useLocation();
  const rows = stores.map((store, index): Row => {
    const counted = usage[index];
    return {
      store,
      usage: counted?.data,
      error: counted?.isError === true ? errorData(counted.error).message : undefined,
      lastBackup: backups.find((backup) => backup.store === store.id && backup.problem === undefined),
    };
  });
  return (
    <Page label="Stores">
      <PageHeader title="Stores">
        <ActionButton action="stores.discover" withIcon />
        <ActionButton action="stores.setup" withIcon />
        <ActionButton action="stores.add" variant="primary" withIcon />
      </PageHeader>
      {list.isError ? (
        <ErrorState error={errorData(list.error)} onRetry={() => void list.refetch()} />
      ) : (
        <Panel padding="flush">
          {list.data === undefined ? (
            <Skeleton what="Asking for the stores" shape="rows" />
          ) : rows.length === 0 ? (
            <EmptyState
              icon={FolderPlus}
              title="No stores yet"
              action={
                <>
                  <ActionButton action="stores.add" />
                  <ActionButton action="stores.discover" />
                </>
              }
            >
              A store is a folder that Larder counts, watches and backs up.
            </EmptyState>
          ) : (
            <Table
              label="Stores"
              columns={columns(home)}
              rows={rows}
              rowKey={(row) => row.store.id}
              onActivate={(row) => navigate(pagePaths.store(row.store.id))}
              fixed
            />
          )}
        </Panel>
      )}
    </Page>
  );
}

function columns(home: string | undefined): Column<Row>[] {
  return [
    {
      id: 'name',
      header: 'Name',
      compare: (a, b) => a.store.name.localeCompare(b.store.name),
      cell: ({ store }) => (
        <div className={css.name}>
          <a {...rowFocus} className={css.link} href={href(pagePaths.store(store.id))}>
            {store.name}
          </a>
          <span className={css.path} title={displayName(store.path)}>
            {shortPath(displayName(store.path), home)}
          </span>
        </div>
      ),
    },
    {
      id: 'state',
      header: 'State',
      className: css.state,
      cell: ({ store, error }) =>
        error === undefined ? (
          <LiveTag store={store} />
        ) : (
          <Tag tone="bad" title={error}>
            Not counted
          </Tag>
        ),
    },
    {
      id: 'roles',
      header: 'What is in it',
      className: css.roles,
      cell: ({ store, usage }) =>
        usage === undefined ? null : (
          <Bar label={`On disk in ${store.name}, by role`} parts={roleParts(usage)} legend={false} slim />
        ),
    },
    {
      id: 'bytes',
      header: 'Size',
      align: 'end',
      className: css.figure,
      firstDirection: 'down',
      compare: (a, b) => (a.usage?.bytes ?? 0) - (b.usage?.bytes ?? 0),
      cell: ({ usage, error }) =>
        usage === undefined ? (
          <Waiting failed={error !== undefined} />
        ) : (
          <Bytes value={usage.bytes} atLeast={usage.atLeast} />
        ),
    },
    {
      id: 'allocated',
      header: 'On disk',
      align: 'end',
      className: css.figure,
      firstDirection: 'down',
      compare: (a, b) => (a.usage?.allocated ?? 0) - (b.usage?.allocated ?? 0),
      cell: ({ usage }) => (usage === undefined ? null : <Bytes value={usage.allocated} atLeast={usage.atLeast} />),
    },
    {
      id: 'files',
      header: 'Files',
      align: 'end',
      className: css.files,
      firstDirection: 'down',
      compare: (a, b) => (a.usage?.files ?? 0) - (b.usage?.files ?? 0),
      cell: ({ usage }) => (usage === undefined ? null : <Count value={usage.files} />),
    },
    {
      id: 'backup',
      header: 'Last backup',
      className: css.backup,
      firstDirection: 'down',
      compare: (a, b) => (a.lastBackup?.startedAtMs ?? 0) - (b.lastBackup?.startedAtMs ?? 0),
      cell: ({ lastBackup }) =>
        lastBackup === undefined ? (
          <span className={css.never}>never</span>
        ) : (
          <RelativeTime atMs={lastBackup.startedAtMs} />
        ),
    },
    {
      id: 'actions',
      header: 'Actions',
      headerHidden: true,
      align: 'end',
      className: css.actions,
      cell: ({ store }) => (
        <ActionMenu
          ids={storeMenu}
          store={store}
          label={`Actions for ${store.name}`}
          trigger={<IconButton icon={Ellipsis} label={`Actions for ${store.name}`} size="small" />}
        />
      ),
    },
  ];
}

function Waiting({ failed }: { failed: boolean }): ReactNode {
  return failed ? (
    <span className={css.never}>–</span>
  ) : (
    <span className={css.waiting}>
      <Spinner /> counting
    </span>
  );
}
