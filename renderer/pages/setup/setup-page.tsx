import type { ReactNode } from 'react';
import { Folders } from 'lucide-react';
import { Page, PageHeader } from '../../app/frame/index.ts';
import { href, pagePaths } from '../../app/paths.ts';
import { errorData, useCall, useStores } from '../../data/index.ts';
import { ButtonLink, EmptyState, ErrorState, Panel, Skeleton } from '../../design/index.ts';
import { Wizard } from './wizard.tsx';

/** Lays out a new data folder step by step, or makes what a store lacks of its layout. */
export function SetupPage({ storeId }: { storeId: string | undefined }): ReactNode {
  const stores = useStores();
  const store = stores.data?.stores.find(({ id }) => id === storeId);
  const layout = useCall('layouts.ofStore', { store: storeId ?? '' }, { enabled: store !== undefined });
  if (storeId === undefined) {
    return (
      <Page label="Set up a data folder">
        <Wizard key="new" store={undefined} layout={undefined} />
      </Page>
    );
  }
  const failed = stores.isError ? stores : layout.isError ? layout : undefined;
  return (
    <Page label="Set up what is missing">
      {failed !== undefined ? (
        <ErrorState error={errorData(failed.error)} onRetry={() => void failed.refetch()} />
      ) : stores.data !== undefined && store === undefined ? (
        <>
          <PageHeader title="Set up what is missing" />
          <Panel>
            <EmptyState
              icon={Folders}
              title="This store is not in Larder any more"
              action={<ButtonLink href={href(pagePaths.setup())}>Set up a data folder</ButtonLink>}
            />
          </Panel>
        </>
      ) : store === undefined || layout.data === undefined ? (
        <Panel>
          <Skeleton what="Asking for the store" lines={6} />
        </Panel>
      ) : (
        <Wizard key={store.id} store={store} layout={layout.data} />
      )}
    </Page>
  );
}
