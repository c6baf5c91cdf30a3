import type { ReactNode } from 'react';
import { ListChecks } from 'lucide-react';
import type { Store } from '../../../shared/contract/index.ts';
import { ActionButton } from '../../app/actions/index.ts';
import { useChosenStore } from '../../app/chosen-store.tsx';
import { Page, PageHeader } from '../../app/frame/index.ts';
import { errorData, useStores } from '../../data/index.ts';
import { EmptyState, ErrorState, Panel, Skeleton } from '../../design/index.ts';
import { AllHealth, RunEverything } from './all-health.tsx';
import { StoreHealth } from './store-health.tsx';

const noStores: readonly Store[] = [];

/** Whether the data of the chosen store is in order, or of all stores at a glance. */
export function HealthPage({ check }: { check: string | undefined }): ReactNode {
  const { store: chosen } = useChosenStore();
  const list = useStores();
  const stores = list.data?.stores ?? noStores;
  const store = chosen ?? (stores.length === 1 ? stores[0] : undefined);
  if (store !== undefined) return <StoreHealth key={store.id} store={store} wanted={check} />;
  return (
    <Page label="Health">
      <PageHeader title="Health">{stores.length === 0 ? null : <RunEverything stores={stores} />}</PageHeader>
      {list.isError ? (
        <ErrorState error={errorData(list.error)} onRetry={() => void list.refetch()} />
      ) : list.data === undefined ? (
        <Panel padding="flush">
          <Skeleton what="Asking for the stores" shape="rows" lines={4} />
        </Panel>
      ) : stores.length === 0 ? (
        <Panel>
          <EmptyState
            icon={ListChecks}
            title="Nothing to check yet"
            action={<ActionButton action="stores.add" variant="primary" />}
          >
            Add a store first: a folder that Larder counts, watches and backs up.
          </EmptyState>
        </Panel>
      ) : (
        <AllHealth stores={stores} />
      )}
    </Page>
  );
}
