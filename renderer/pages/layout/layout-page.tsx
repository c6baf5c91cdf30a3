import type { ReactNode } from 'react';
import { Folders } from 'lucide-react';
import { Page, PageHeader } from '../../app/frame/index.ts';
import { href, pagePaths } from '../../app/paths.ts';
import { errorData, useCall, useStores } from '../../data/index.ts';
import { ButtonLink, EmptyState, ErrorState, Panel, Skeleton } from '../../design/index.ts';
import { Editor } from './editor.tsx';

/** What the folders of a store are and what holds for them; changes go into its `larder.yaml`. */
export function LayoutPage({ storeId }: { storeId: string }): ReactNode {
  const stores = useStores();
  const store = stores.data?.stores.find(({ id }) => id === storeId);
  const layout = useCall('layouts.ofStore', { store: storeId }, { enabled: store !== undefined, keepPrevious: true });
  return (
    <Page label="Areas and rules">
      {stores.isError ? (
        <ErrorState error={errorData(stores.error)} onRetry={() => void stores.refetch()} />
      ) : stores.data === undefined ? (
        <Skeleton what="Asking for the store" lines={6} />
      ) : store === undefined ? (
        <>
          <PageHeader title="Areas and rules" />
          <Panel>
            <EmptyState
              icon={Folders}
              title="This store is not in Larder any more"
              action={<ButtonLink href={href(pagePaths.stores())}>Show stores</ButtonLink>}
            />
          </Panel>
        </>
      ) : layout.data !== undefined ? (
        // What is changed here is about this store only.
        <Editor key={store.id} store={store} layout={layout.data} />
      ) : (
        <>
          <PageHeader title={`Areas of ${store.name}`} />
          {layout.isError ? (
            <ErrorState error={errorData(layout.error)} onRetry={() => void layout.refetch()} />
          ) : (
            <Panel padding="flush">
              <Skeleton what="Looking at the folders" shape="rows" lines={8} />
            </Panel>
          )}
        </>
      )}
    </Page>
  );
}
