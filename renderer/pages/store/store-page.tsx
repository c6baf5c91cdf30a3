import type { ReactNode } from 'react';
import { Ellipsis, FolderX } from 'lucide-react';
import type { Store, UsageSummary } from '../../../shared/contract/index.ts';
import { formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { ActionButton, ActionMenu } from '../../app/actions/index.ts';
import { useChosenStore } from '../../app/chosen-store.tsx';
import { Page, PageHeader } from '../../app/frame/index.ts';
import { href, pagePaths } from '../../app/paths.ts';
import { errorData, useStores, useUsage } from '../../data/index.ts';
import {
  Bar,
  ButtonLink,
  Bytes,
  Count,
  EmptyState,
  ErrorState,
  Figure,
  Figures,
  IconButton,
  Note,
  Panel,
  RelativeTime,
  Skeleton,
} from '../../design/index.ts';
import { PathList } from '../../features/jobs/index.ts';
import { roleParts } from '../../features/usage/index.ts';
import { LiveTag, storeMenu } from '../stores/index.ts';
import { DetailsPanels } from './details-panels.tsx';
import { FolderPanel } from './folder-panel.tsx';
import { asideWords } from './summary-words.ts';
import css from './store-page.module.css';

export interface StorePageProps {
  storeId: string;
  /** Folder shown, relative to the store's root. */
  folder: string;
}

/** One store: its figures, and its folders to walk through. */
export function StorePage({ storeId, folder }: StorePageProps): ReactNode {
  const list = useStores();
  const store = list.data?.stores.find((each) => each.id === storeId);
  if (list.isError) {
    return (
      <Page label="Store">
        <ErrorState error={errorData(list.error)} onRetry={() => void list.refetch()} />
      </Page>
    );
  }
  if (store === undefined) {
    return (
      <Page label="Store">
        <Panel>
          {list.data === undefined ? (
            <Skeleton what="Asking for the store" />
          ) : (
            <EmptyState
              icon={FolderX}
              title="This store is not registered here"
              action={<ButtonLink href={href(pagePaths.stores())}>Show stores</ButtonLink>}
            >
              It may have been removed from Larder. Its files are where they were.
            </EmptyState>
          )}
        </Panel>
      </Page>
    );
  }
  return <StoreView store={store} folder={folder} />;
}

function StoreView({ store, folder }: { store: Store; folder: string }): ReactNode {
  const usage = useUsage(store.id);
  const { choose } = useChosenStore();
  const summary = usage.data;
  return (
    <Page label={store.name}>
      <PageHeader
        title={store.name}
        detail={
          <>
            <code className={css.path}>{displayName(store.path)}</code>
            <LiveTag store={store} />
          </>
        }
      >
        <ButtonLink href={href(pagePaths.restore())} onClick={() => choose(store.id)}>
          Restore…
        </ButtonLink>
        <ActionButton action="backup.now" store={store} variant="primary">
          Back up now
        </ActionButton>
        <ActionMenu
          ids={storeMenu}
          store={store}
          label={`Actions for ${store.name}`}
          trigger={<IconButton icon={Ellipsis} label={`Actions for ${store.name}`} />}
        />
      </PageHeader>
      <StoreTrouble store={store} />
      {usage.isError ? (
        <ErrorState error={errorData(usage.error)} onRetry={() => void usage.refetch()} />
      ) : summary === undefined ? (
        <Panel>
          <Skeleton what="Counting the store for the first time" lines={4} />
        </Panel>
      ) : (
        <>
          <SummaryPanel store={store} summary={summary} />
          <FolderPanel key={store.id} store={store} summary={summary} folder={folder} />
          <DetailsPanels store={store} summary={summary} folder={folder} />
          <Unreadable summary={summary} />
        </>
      )}
    </Page>
  );
}

function StoreTrouble({ store }: { store: Store }): ReactNode {
  if (store.state !== 'ok') {
    return (
      <Note tone="bad" title={store.state === 'missing' ? 'The folder is not there' : 'The folder cannot be read'}>
        {store.stateReason ?? 'Figures are from when it could be read last.'}
      </Note>
    );
  }
  if (store.live.state === 'partial' || (store.live.state === 'off' && store.live.reason !== undefined)) {
    return (
      <Note
        tone="warn"
        title={store.live.state === 'partial' ? 'Some of it is only counted now and then' : 'Not followed live'}
      >
        {store.live.reason}
      </Note>
    );
  }
  return null;
}

function SummaryPanel({ store, summary }: { store: Store; summary: UsageSummary }): ReactNode {
  const asides = asideWords(summary, store.rules);
  return (
    <Panel>
      <Figures>
        <Figure label="Size">
          <Bytes value={summary.bytes} atLeast={summary.atLeast} />
        </Figure>
        <Figure label="On disk">
          <Bytes value={summary.allocated} atLeast={summary.atLeast} />
        </Figure>
        <Figure label={summary.files === 1 ? 'File' : 'Files'}>
          <Count value={summary.files} />
        </Figure>
        <Figure label={summary.dirs === 1 ? 'Folder' : 'Folders'}>
          <Count value={summary.dirs} />
        </Figure>
        <Figure label="Newest change">{summary.newest === 0 ? 'none' : <RelativeTime atMs={summary.newest} />}</Figure>
        <Figure label={summary.countedAtMs === undefined ? 'First count runs' : 'Counted'}>
          {summary.countedAtMs === undefined ? '…' : <RelativeTime atMs={summary.countedAtMs} />}
        </Figure>
      </Figures>
      <div className={css.bar}>
        <Bar label={`On disk in ${store.name}, by role`} parts={roleParts(summary)} />
      </div>
      {asides.length === 0 ? null : <p className={css.destination}>{asides.join(' · ')}</p>}
      <p className={css.destination}>
        Backups go to <code>{displayName(store.destination)}</code>
      </p>
    </Panel>
  );
}

function Unreadable({ summary }: { summary: UsageSummary }): ReactNode {
  const count = summary.unreadable.length;
  if (count === 0) return null;
  return (
    <Panel title={`${formatQuantity(count, 'place')} could not be read`}>
      <p className={css.why}>The figures above are therefore “at least”. A backup would skip these and say so.</p>
      <PathList label="Places that could not be read" lines={summary.unreadable} />
    </Panel>
  );
}
