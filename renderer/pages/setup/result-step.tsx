import type { ReactNode } from 'react';
import { FolderTree } from 'lucide-react';
import { setupResultSchema, type SetupPlan, type Store } from '../../../shared/contract/index.ts';
import { formatQuantity } from '../../../shared/format.ts';
import { ActionButton } from '../../app/actions/index.ts';
import { href, pagePaths } from '../../app/paths.ts';
import { useQuietJobs } from '../../app/quiet-jobs.tsx';
import { errorData, useAction, useCall, useStores } from '../../data/index.ts';
import { Button, ButtonLink, ErrorState, Note, Panel } from '../../design/index.ts';
import { useJob } from '../../features/jobs/index.ts';
import { StorageTestView } from '../../features/storage-test/index.ts';
import { pathOf, type Choices } from './choices.ts';
import { JobOutcome } from './job-outcome.tsx';
import { Migration } from './migration.tsx';
import { PastSetups } from './past-setups.tsx';
import { AdministratorCommands } from './plan-step.tsx';
import css from './result-step.module.css';

/** What the setup did, and what comes next: data from old places, the storage test, the store, its first backup. */
export function ResultStep({
  job: id,
  choices,
  plan,
  store: asked,
  onAgain,
}: {
  /** Undefined: there was nothing to do. */
  job: string | undefined;
  choices: Choices;
  plan: SetupPlan | undefined;
  store: Store | undefined;
  onAgain: () => void;
}): ReactNode {
  const job = useJob(id);
  useQuietJobs((each) => each.id === id);
  const stores = useStores().data?.stores ?? [];
  const result = setupResultSchema.safeParse(job?.result).data;
  const path = result?.path ?? plan?.path ?? pathOf(choices);
  const known = result?.store ?? plan?.store ?? asked?.id;
  const store = stores.find((each) => each.id === known || each.path === path);
  const running = id !== undefined && (job === undefined || job.status === 'running');
  const went = id === undefined || job?.status === 'done' || job?.status === 'partial';
  return (
    <>
      {id === undefined ? (
        <Note tone="ok" title="Everything is as it should be">
          There was nothing to do.
        </Note>
      ) : (
        <JobOutcome job={job} what="Setting up" />
      )}
      {result === undefined ? null : (
        <Note
          tone="ok"
          title={`${formatQuantity(result.done, 'step')} done${result.store === undefined || asked !== undefined ? '' : ', and added as a store'}`}
        />
      )}
      {went && plan !== undefined ? <AdministratorCommands plan={plan} /> : null}
      {running ? null : went ? null : (
        <div>
          <Button variant="primary" onClick={onAgain}>
            Plan again
          </Button>
        </div>
      )}
      {went ? (
        <>
          <Next store={store} path={path} layout={plan?.layout.id} />
          <Migration choices={{ ...choices, folder: path, newFolder: '' }} />
          <Panel title="Storage test">
            <StorageTestView
              subject={store === undefined ? { path } : { store: store.id }}
              name={store?.name ?? path}
              startAtOnce={false}
            />
          </Panel>
        </>
      ) : null}
      {running ? null : <PastSetups path={path} />}
    </>
  );
}

function Next({
  store,
  path,
  layout,
}: {
  store: Store | undefined;
  path: string;
  layout: string | undefined;
}): ReactNode {
  const add = useAction('stores.add');
  const layouts = useCall('layouts.list', {}).data?.layouts;
  const known = layouts?.find(({ id }) => id === layout)?.id;
  return (
    <Panel title="What comes next">
      {store === undefined ? (
        <>
          <p className={css.quiet}>The folder is no store yet: Larder does not count, watch or back it up.</p>
          <div className={css.buttons}>
            <Button
              variant="primary"
              busy={add.isPending}
              onClick={() => add.mutate({ path, ...(known === undefined ? {} : { layout: known }) })}
            >
              Add as a store
            </Button>
          </div>
          {add.isError ? <ErrorState error={errorData(add.error)} compact /> : null}
        </>
      ) : (
        <div className={css.buttons}>
          <ActionButton action="backup.now" store={store} variant="primary" withIcon>
            Back up now…
          </ActionButton>
          <ButtonLink href={href(pagePaths.store(store.id))}>Show {store.name}</ButtonLink>
          <ButtonLink icon={FolderTree} href={href(pagePaths.layout(store.id))}>
            Areas and rules
          </ButtonLink>
        </div>
      )}
    </Panel>
  );
}
