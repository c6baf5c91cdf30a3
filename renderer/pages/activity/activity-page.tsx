import { useState, type ReactNode } from 'react';
import { Activity } from 'lucide-react';
import { jobKinds, type Job, type JobKind } from '../../../shared/contract/index.ts';
import { useChosenStore } from '../../app/chosen-store.tsx';
import { Page, PageHeader, RunningJob } from '../../app/frame/index.ts';
import { useRunningJobs } from '../../data/index.ts';
import { Button, EmptyState, ErrorState, Panel, Select, Skeleton, type Choice } from '../../design/index.ts';
import { useJob } from '../../features/jobs/index.ts';
import { JobLog } from './job-log.tsx';
import { useActivityLog } from './use-activity.ts';
import css from './activity-page.module.css';

type Filter = JobKind | 'all';

const kindNames: Readonly<Record<JobKind, string>> = {
  backup: 'Backups',
  verify: 'Verifications',
  export: 'Exports',
  prune: 'Removals',
  rebuild: 'Rebuilds',
  restore: 'Restores',
  undo: 'Undos',
  count: 'Counts',
  sample: 'Samples',
  setup: 'Setups',
  test: 'Storage tests',
  discover: 'Looks for stores',
};
const filters: readonly Choice<Filter>[] = [
  { value: 'all', label: 'Everything' },
  ...[...jobKinds]
    .sort((a, b) => Object.keys(kindNames).indexOf(a) - Object.keys(kindNames).indexOf(b))
    .map((value) => ({ value, label: kindNames[value] })),
];

/** What runs and what ran. */
export function ActivityPage({ job: wanted }: { job: string | undefined }): ReactNode {
  const { store } = useChosenStore();
  const [filter, setFilter] = useState<Filter>('all');
  const [choice, setChoice] = useState({ wanted, id: wanted });
  // An address that names another job wins over what was opened before.
  if (choice.wanted !== wanted) setChoice({ wanted, id: wanted });

  const kind = filter === 'all' ? undefined : filter;
  const log = useActivityLog(store?.id, kind);
  const running = useRunningJobs().filter(
    (job) => (store === undefined || job.store === store.id) && (kind === undefined || job.kind === kind),
  );
  const named = useJob(wanted);
  const finished = withNamed(log.finished, named?.status === 'running' ? undefined : named, wanted === choice.id);
  return (
    <Page label="Activity">
      <PageHeader title="Activity">
        <Select label="Kind" labelHidden value={filter} choices={filters} onChange={setFilter} />
      </PageHeader>
      {running.length === 0 ? null : (
        <Panel title="Running now">
          <ul className={css.running}>
            {running.map((job) => (
              <li key={job.id}>
                <RunningJob job={job} />
              </li>
            ))}
          </ul>
        </Panel>
      )}
      {log.error !== undefined ? (
        <ErrorState error={log.error} onRetry={log.retry} />
      ) : (
        <Panel padding="flush">
          {finished === undefined ? (
            <Skeleton what="Asking for the activity log" shape="rows" lines={6} />
          ) : finished.length === 0 ? (
            <Nothing filtered={kind !== undefined} onAll={() => setFilter('all')} />
          ) : (
            <>
              <JobLog jobs={finished} opened={choice.id} onOpen={(id) => setChoice({ wanted, id })} />
              {log.hasOlder ? (
                <div className={css.older}>
                  <Button size="small" busy={log.loadingOlder} onClick={log.showOlder}>
                    Show older
                  </Button>
                </div>
              ) : null}
            </>
          )}
        </Panel>
      )}
    </Page>
  );
}

/** The log, with the job an address names even when it lies on an older page. */
function withNamed(
  finished: readonly Job[] | undefined,
  named: Job | undefined,
  shown: boolean,
): readonly Job[] | undefined {
  if (finished === undefined || named === undefined || !shown || finished.some((job) => job.id === named.id)) {
    return finished;
  }
  return [...finished, named].sort((a, b) => b.startedAtMs - a.startedAtMs);
}

function Nothing({ filtered, onAll }: { filtered: boolean; onAll: () => void }): ReactNode {
  if (filtered) {
    return (
      <EmptyState
        icon={Activity}
        title="Nothing of this kind has run"
        action={<Button onClick={onAll}>Show everything</Button>}
      />
    );
  }
  return (
    <EmptyState icon={Activity} title="Nothing has run yet">
      Backups, verifications and restores appear here while they run, and stay with what came of them.
    </EmptyState>
  );
}
