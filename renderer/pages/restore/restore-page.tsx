import { useMemo, useState, type ReactNode } from 'react';
import { Archive } from 'lucide-react';
import type { Backup, Store } from '../../../shared/contract/index.ts';
import { ActionButton } from '../../app/actions/index.ts';
import { useChosenStore } from '../../app/chosen-store.tsx';
import { Page, PageHeader } from '../../app/frame/index.ts';
import { useQuietJobs } from '../../app/quiet-jobs.tsx';
import { errorData, useCall, useRunningJobs, useStores } from '../../data/index.ts';
import { EmptyState, ErrorState, Panel, Skeleton, VisuallyHidden } from '../../design/index.ts';
import { BackUpButton } from '../../features/backups/index.ts';
import { useJob } from '../../features/jobs/index.ts';
import { UndoDialog } from '../../features/undo/index.ts';
import { PastRestores } from './past-restores.tsx';
import { firstOptions } from './plan-options.tsx';
import { PlanPane } from './plan-pane.tsx';
import { choose, isNothingChosen, nothingChosen, type Selection } from './selection.ts';
import { useStoreRevision } from './use-listings.ts';
import { usePlan, type PlanRequest } from './use-plan.ts';
import { WhatPane } from './what-pane.tsx';
import { WhenPane } from './when-pane.tsx';
import css from './restore-page.module.css';

const noStores: readonly Store[] = [];

/** The way back: choose a moment, choose files, see what would happen, restore. */
export function RestorePage({
  backup: wanted,
  path,
}: {
  backup: string | undefined;
  /** Chosen and shown to begin with. */
  path: string | undefined;
}): ReactNode {
  const list = useCall('backups.list', {});
  const stores = useStores().data?.stores ?? noStores;
  const { store } = useChosenStore();
  const [choice, setChoice] = useState({ wanted, id: wanted });
  // An address that names another backup wins over what was chosen before.
  if (choice.wanted !== wanted) setChoice({ wanted, id: wanted });

  const all = (list.data?.backups ?? []).toSorted((a, b) => b.startedAtMs - a.startedAtMs);
  const ofStore = store === undefined ? all : all.filter((backup) => backup.store === store.id);
  const named = all.find((backup) => backup.id === choice.id);
  // A link to a backup of another store than the chosen one is followed all the same.
  const shown = named === undefined || ofStore.includes(named) ? ofStore : all;
  const backup = named ?? shown.find((each) => each.problem === undefined) ?? shown[0];

  if (list.isError || list.data === undefined || backup === undefined) {
    return (
      <Page label="Restore">
        <PageHeader title="Restore" />
        {list.isError ? (
          <ErrorState error={errorData(list.error)} onRetry={() => void list.refetch()} />
        ) : (
          <Panel>
            {list.data === undefined ? (
              <Skeleton what="Looking for backups" lines={5} />
            ) : (
              <NoBackups stores={store === undefined ? stores : [store]} />
            )}
          </Panel>
        )}
      </Page>
    );
  }
  return (
    <Picker
      key={path ?? ''}
      backups={shown}
      backup={backup}
      stores={stores}
      path={path}
      onBackup={(id) => setChoice({ wanted, id })}
    />
  );
}

function NoBackups({ stores }: { stores: readonly Store[] }): ReactNode {
  return (
    <EmptyState
      icon={Archive}
      title="No backups yet"
      action={stores.length === 0 ? <ActionButton action="stores.add" /> : <BackUpButton stores={stores} />}
    >
      Once there is one, files come back from here: choose the moment, then the files.
    </EmptyState>
  );
}

interface PickerProps {
  backups: readonly Backup[];
  backup: Backup;
  stores: readonly Store[];
  path: string | undefined;
  onBackup: (id: string) => void;
}

function Picker({ backups, backup, stores, path, onBackup }: PickerProps): ReactNode {
  const store = stores.find((each) => each.id === backup.store);
  const [selection, setSelection] = useState<Selection>(() =>
    path === undefined ? nothingChosen : choose(nothingChosen, path, true),
  );
  const [options, setOptions] = useState(firstOptions);
  const [round, setRound] = useState(0);
  const [undoing, setUndoing] = useState<string>();
  const [pastOpen, setPastOpen] = useState(false);
  const [followed, setFollowed] = useState<string>();
  const underWay = useRunningJobs().find(
    (job) => (job.kind === 'restore' || job.kind === 'undo') && job.store === backup.store,
  );
  const job = useJob(followed ?? underWay?.id);
  const running = job?.status === 'running';
  const revision = useStoreRevision(backup.store);
  // How these end is told beside the tree.
  useQuietJobs(
    ({ kind, store: of }) => (kind === 'restore' || kind === 'undo') && (of === undefined || of === backup.store),
  );

  const where = store === undefined ? 'folder' : options.where;
  const folder = options.folder.trim();
  const { overwrite, deleteExtra } = options;
  const empty = isNothingChosen(selection);
  const request = useMemo<PlanRequest | undefined>(
    () =>
      empty || running || (where === 'folder' && folder === '')
        ? undefined
        : {
            backup: backup.id,
            selection,
            target: where === 'inPlace' ? { kind: 'inPlace' } : { kind: 'folder', path: folder },
            overwrite,
            deleteExtra,
            round,
          },
    [backup.id, selection, where, folder, overwrite, deleteExtra, round, empty, running],
  );
  const state = usePlan(request, revision);
  const replan = (): void => setRound((before) => before + 1);
  // The plan is used up, whether or not anyone sees the job run.
  const follow = (id: string): void => {
    setFollowed(id);
    replan();
  };
  const withStore = backups.some((each) => each.storeName !== backup.storeName);

  return (
    <Page label="Restore" wide>
      <VisuallyHidden>
        <h1>Restore</h1>
      </VisuallyHidden>
      <div className={css.panes}>
        <section className={css.when} aria-labelledby="restore-when">
          <h2 id="restore-when" className={css.heading}>
            When
          </h2>
          <WhenPane
            backups={backups}
            chosen={backup.id}
            withStore={withStore}
            onChoose={(id) => {
              const next = backups.find((each) => each.id === id);
              // Paths of one store mean nothing in another.
              if (next?.storeName !== backup.storeName) setSelection(nothingChosen);
              setFollowed(undefined);
              onBackup(id);
            }}
          />
        </section>
        <WhatPane backup={backup} selection={selection} onSelect={setSelection} locked={running} shown={path} />
        <PlanPane
          backup={backup}
          state={state}
          request={request}
          options={options}
          onOptions={setOptions}
          canInPlace={store !== undefined}
          nothingChosen={empty}
          job={job}
          onStarted={follow}
          onDone={() => {
            setFollowed(undefined);
            replan();
          }}
          onUndo={setUndoing}
          onReplan={replan}
          onLeaveOut={(paths) => setSelection(paths.reduce((before, path) => choose(before, path, false), selection))}
          onShowPast={() => setPastOpen(true)}
        />
      </div>
      {pastOpen ? (
        <PastRestores
          onClose={() => setPastOpen(false)}
          onUndo={(id) => {
            setPastOpen(false);
            setUndoing(id);
          }}
        />
      ) : null}
      {undoing === undefined ? null : (
        <UndoDialog restore={undoing} onClose={() => setUndoing(undefined)} onStarted={follow} />
      )}
    </Page>
  );
}
