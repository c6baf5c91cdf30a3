import { useState, type ReactNode } from 'react';
import { Archive } from 'lucide-react';
import { useLocation } from 'wouter';
import type { Backup, Store } from '../../../shared/contract/index.ts';
import { ActionButton } from '../../app/actions/index.ts';
import { useChosenStore } from '../../app/chosen-store.tsx';
import { Page, PageHeader } from '../../app/frame/index.ts';
import { href, pagePaths } from '../../app/paths.ts';
import { errorData, useCall, useStores } from '../../data/index.ts';
import { Button, ButtonLink, EmptyState, ErrorState, Menu, Panel, Skeleton } from '../../design/index.ts';
import { BackUpButton } from '../../features/backups/index.ts';
import type { BackupWindow } from './backup-menu.ts';
import { BackupWindows } from './backup-windows.tsx';
import { BackupsList } from './backups-list.tsx';
import { Held, Problems } from './places.tsx';
import { Runs } from './runs.tsx';

const noStores: readonly Store[] = [];
const noBackups: readonly Backup[] = [];

/** The backups of the chosen store or of all, and what each of them holds. */
export function BackupsPage({ backup: wanted }: { backup: string | undefined }): ReactNode {
  const { store } = useChosenStore();
  const stores = useStores().data?.stores ?? noStores;
  const shownStores = store === undefined ? stores : [store];
  const list = useCall('backups.list', store === undefined ? {} : { store: store.id }, { keepPrevious: true });
  const backups = list.data?.backups ?? noBackups;
  // Here, as the window that removed the last backup still has something to tell.
  const [request, setRequest] = useState<BackupWindow>();
  return (
    <Page label="Backups">
      <PageHeader title="Backups">
        <RulesLink stores={shownStores} />
        {backups.length === 0 ? null : (
          <>
            <ButtonLink href={href(pagePaths.restore())}>Restore…</ButtonLink>
            <BackUpButton stores={shownStores} />
          </>
        )}
      </PageHeader>
      <Runs store={store} stores={stores} />
      {list.isError ? (
        <ErrorState error={errorData(list.error)} onRetry={() => void list.refetch()} />
      ) : list.data === undefined ? (
        <Panel padding="flush">
          <Skeleton what="Looking for backups" shape="rows" lines={5} />
        </Panel>
      ) : (
        <>
          <Problems problems={list.data.problems} onLookAgain={() => void list.refetch()} />
          {backups.length === 0 ? (
            <Panel>
              {list.data.problems.some(({ fix }) => fix !== undefined) ? (
                <NoneToRead stores={shownStores} />
              ) : (
                <NoBackups stores={shownStores} />
              )}
            </Panel>
          ) : (
            <BackupsList
              backups={backups}
              stores={stores}
              wanted={wanted}
              chosenStore={store}
              openWindow={setRequest}
            />
          )}
          <Held held={list.data.held} />
        </>
      )}
      {request === undefined ? null : (
        <BackupWindows request={request} backups={backups} stores={stores} onClose={() => setRequest(undefined)} />
      )}
    </Page>
  );
}

function RulesLink({ stores }: { stores: readonly Store[] }): ReactNode {
  const [, navigate] = useLocation();
  const [only] = stores;
  if (only === undefined) return null;
  if (stores.length === 1)
    return <ButtonLink href={href(pagePaths.backupRules(only.id))}>Rules and rotation</ButtonLink>;
  return (
    <Menu
      label="Rules of which store"
      trigger={<Button>Rules and rotation</Button>}
      items={stores.map((store) => ({
        id: store.id,
        label: store.name,
        run: () => navigate(pagePaths.backupRules(store.id)),
      }))}
    />
  );
}

/** There are backups, or were, and none can be read now: whatever is said of them stands above. */
function NoneToRead({ stores }: { stores: readonly Store[] }): ReactNode {
  return (
    <EmptyState icon={Archive} title="No backup can be read right now" action={<BackUpButton stores={stores} />}>
      What stands in the way is told above. A backup made now shows first where it goes.
    </EmptyState>
  );
}

function NoBackups({ stores }: { stores: readonly Store[] }): ReactNode {
  const [only] = stores;
  if (stores.length === 0) {
    return (
      <EmptyState icon={Archive} title="No backups yet" action={<ActionButton action="stores.add" variant="primary" />}>
        Add a store first: a folder that Larder counts, watches and backs up.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={Archive} title="No backups yet" action={<BackUpButton stores={stores} />}>
      {stores.length === 1 && only !== undefined
        ? `What is lost in ${only.name} cannot be got back. The first backup shows what it holds before it starts.`
        : 'What is lost cannot be got back. A backup shows what it holds before it starts.'}
    </EmptyState>
  );
}
