import type { ReactNode } from 'react';
import { useChosenStore } from '../../app/chosen-store.tsx';
import { Page, PageHeader } from '../../app/frame/index.ts';
import { href, pagePaths } from '../../app/paths.ts';
import { errorData, useAllUsage, useCall, useJobs, useStores } from '../../data/index.ts';
import { ButtonLink, ErrorState, Panel, Skeleton } from '../../design/index.ts';
import { BackUpButton } from '../../features/backups/index.ts';
import { FirstRunPage } from '../first-run/index.ts';
import type { Store } from '../../../shared/contract/index.ts';
import { ChangesPanel } from './changes-panel.tsx';
import { GrowthPanel } from './growth-panel.tsx';
import { HealthCard } from './health-card.tsx';
import { protection } from './protection.ts';
import { ProtectionCard } from './protection-card.tsx';
import { RecentActivity } from './recent-activity.tsx';
import { SpacePanel } from './space-panel.tsx';
import css from './overview-page.module.css';

/** Where the space is, whether the data is protected, what happened last. */
export function OverviewPage(): ReactNode {
  const stores = useStores();
  if (stores.isError) {
    return (
      <Page label="Overview">
        <PageHeader title="Overview" />
        <ErrorState error={errorData(stores.error)} onRetry={() => void stores.refetch()} />
      </Page>
    );
  }
  if (stores.data === undefined) {
    return (
      <Page label="Overview">
        <PageHeader title="Overview" />
        <Panel>
          <Skeleton what="Asking for the stores" lines={4} />
        </Panel>
      </Page>
    );
  }
  if (stores.data.stores.length === 0) return <FirstRunPage />;
  return <Overview stores={stores.data.stores} />;
}

function Overview({ stores: all }: { stores: readonly Store[] }): ReactNode {
  const { store: chosen } = useChosenStore();
  const stores = chosen === undefined ? all : [chosen];
  const usage = useAllUsage(stores);
  const backups = useCall('backups.list', {});
  const jobs = useJobs().data?.jobs ?? [];
  return (
    <Page label="Overview">
      <PageHeader title="Overview">
        <ButtonLink href={href(pagePaths.restore())}>Restore…</ButtonLink>
        <BackUpButton stores={stores} />
      </PageHeader>
      <SpacePanel stores={stores} usage={usage} />
      <div className={css.grid}>
        <div className={css.wide}>
          <GrowthPanel store={chosen} />
        </div>
        <div className={css.narrow}>
          <HealthCard stores={stores} />
        </div>
      </div>
      <section aria-label="Protection">
        {backups.isError ? (
          <ErrorState error={errorData(backups.error)} onRetry={() => void backups.refetch()} />
        ) : (
          <ul className={css.cards}>
            {stores.map((store, index) => (
              <li key={store.id}>
                <ProtectionCard
                  store={store}
                  loading={backups.isPending}
                  onLookAgain={() => void backups.refetch()}
                  state={protection(store, backups.data ?? { backups: [], problems: [] }, usage[index]?.data, jobs)}
                />
              </li>
            ))}
          </ul>
        )}
      </section>
      <div className={css.grid}>
        <div className={css.half}>
          <RecentActivity jobs={jobs} storeId={chosen?.id} />
        </div>
        <div className={css.half}>
          <ChangesPanel stores={stores} chosen={chosen} />
        </div>
      </div>
    </Page>
  );
}
