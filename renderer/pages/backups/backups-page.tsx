import { useState, type ReactNode } from 'react';
import { Archive } from 'lucide-react';
import type { Backup, Output, Store } from '../../../shared/contract/index.ts';
import { formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { ActionButton } from '../../app/actions/index.ts';
import { useChosenStore } from '../../app/chosen-store.tsx';
import { Page, PageHeader, RunningJob } from '../../app/frame/index.ts';
import { href, pagePaths } from '../../app/paths.ts';
import { errorData, useCall, useRunningJobs, useStores } from '../../data/index.ts';
import {
  ButtonLink,
  Bytes,
  EmptyState,
  ErrorState,
  Figure,
  Figures,
  Note,
  Panel,
  RelativeTime,
  Skeleton,
} from '../../design/index.ts';
import { BackUpButton } from '../../features/backups/index.ts';
import { BackupDetail } from './backup-detail.tsx';
import { totalsOf } from './backup-figures.ts';
import { BackupsTable } from './backups-table.tsx';
import css from './backups-page.module.css';

const noStores: readonly Store[] = [];

/** The backups of the chosen store or of all, and what each of them holds. */
export function BackupsPage({ backup: wanted }: { backup: string | undefined }): ReactNode {
  const { store } = useChosenStore();
  const stores = useStores().data?.stores ?? noStores;
  const list = useCall('backups.list', store === undefined ? {} : { store: store.id }, { keepPrevious: true });
  const [choice, setChoice] = useState({ wanted, id: wanted });
  // An address that names another backup wins over what was opened before.
  if (choice.wanted !== wanted) setChoice({ wanted, id: wanted });
  const open = (id: string | undefined): void => setChoice({ wanted, id });

  const backups = list.data?.backups ?? [];
  const opened = backups.find((backup) => backup.id === choice.id);
  return (
    <Page label="Backups">
      <PageHeader title="Backups">
        {backups.length === 0 ? null : (
          <>
            <ButtonLink href={href(pagePaths.restore())}>Restore…</ButtonLink>
            <BackUpButton stores={store === undefined ? stores : [store]} />
          </>
        )}
      </PageHeader>
      <Running store={store} />
      {list.isError ? (
        <ErrorState error={errorData(list.error)} onRetry={() => void list.refetch()} />
      ) : list.data === undefined ? (
        <Panel padding="flush">
          <Skeleton what="Looking for backups" shape="rows" lines={5} />
        </Panel>
      ) : (
        <>
          <Problems problems={list.data.problems} />
          {backups.length === 0 ? (
            <Panel>
              <NoBackups stores={store === undefined ? stores : [store]} />
            </Panel>
          ) : (
            <>
              <Totals backups={backups} />
              <div className={opened === undefined ? css.alone : css.beside}>
                <Panel padding="flush" className={css.table}>
                  <BackupsTable
                    backups={backups}
                    opened={opened?.id}
                    onOpen={(backup) => open(backup.id === opened?.id ? undefined : backup.id)}
                    withStore={store === undefined && backups.some((each) => each.storeName !== backups[0]?.storeName)}
                  />
                </Panel>
                {opened === undefined ? null : (
                  <BackupDetail key={opened.id} backup={opened} onClose={() => open(undefined)} />
                )}
              </div>
            </>
          )}
        </>
      )}
    </Page>
  );
}

/** Backups and verifications under way, to their very end. */
function Running({ store }: { store: Store | undefined }): ReactNode {
  const running = useRunningJobs().filter(
    (job) => (job.kind === 'backup' || job.kind === 'verify') && (store === undefined || job.store === store.id),
  );
  if (running.length === 0) return null;
  return (
    <Panel title="Running now">
      <ul className={css.running}>
        {running.map((job) => (
          <li key={job.id}>
            <RunningJob job={job} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Problems({ problems }: { problems: Output<'backups.list'>['problems'] }): ReactNode {
  if (problems.length === 0) return null;
  return (
    <Note tone="warn" title={`${formatQuantity(problems.length, 'thing')} in the backup folders is not a whole backup`}>
      <ul className={css.problems}>
        {problems.map(({ path, message }) => (
          <li key={path}>
            <code>{displayName(path)}</code> {message}
          </li>
        ))}
      </ul>
    </Note>
  );
}

function Totals({ backups }: { backups: readonly Backup[] }): ReactNode {
  const { count, storedBytes, newest, bad } = totalsOf(backups);
  return (
    <Panel>
      <Figures>
        <Figure label={count === 1 ? 'Backup' : 'Backups'}>{count}</Figure>
        <Figure label="Stored">
          <Bytes value={storedBytes} />
        </Figure>
        {newest === undefined ? null : (
          <Figure label="Newest">
            <RelativeTime atMs={newest.startedAtMs} />
          </Figure>
        )}
        {bad === 0 ? null : <Figure label="Damaged or unusable">{bad}</Figure>}
      </Figures>
    </Panel>
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
