import { useState, type ReactNode } from 'react';
import { z } from 'zod';
import type { Backup, Job, RemovalPlan, Retention, Store } from '../../../shared/contract/index.ts';
import { formatBytes, formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { RunningJob } from '../../app/frame/index.ts';
import { useQuietJobs } from '../../app/quiet-jobs.tsx';
import { errorData, useAction, useCall } from '../../data/index.ts';
import {
  Button,
  Checkbox,
  CommandLine,
  Dialog,
  ErrorState,
  larderCommand,
  Note,
  Skeleton,
} from '../../design/index.ts';
import { PathList, useJob, useJobWarnings } from '../jobs/index.ts';
import { retentionOptions } from './backup-words.ts';
import { RemovalPlanView } from './removal-plan-view.tsx';
import { removalSummary, removalTitle, sureLabel } from './removal-words.ts';
import css from './dialogs.module.css';

export interface RemovalDialogProps {
  store: Store;
  /** The folder they lie in. */
  destination: string;
  /** Exactly these, or those that the rules do not keep. */
  wish: { backups: readonly string[] } | { retention: Retention };
  /** All backups of the store in that folder. */
  backups: readonly Backup[];
  onClose: () => void;
}

/** What removing backups would do, exactly; then does it, and tells what came of it. */
export function RemovalDialog({ store, destination, wish, backups, onClose }: RemovalDialogProps): ReactNode {
  const named = 'backups' in wish;
  const [jobId, setJobId] = useState<string>();
  const planned = useCall(
    'backups.planRemoval',
    { store: store.id, destination, ...(named ? { backups: [...wish.backups] } : { retention: wish.retention }) },
    // What it was made of is gone while the removal runs.
    { fresh: true, enabled: jobId === undefined },
  );
  const [plan, setPlan] = useState<RemovalPlan>();
  // The plan that was shown stays the one that is spoken of when others are asked for.
  const shown = plan ?? (planned.isError || planned.isFetching ? undefined : planned.data);
  const [names] = useState(() => new Map(backups.map((backup) => [backup.id, backup])));
  const [before] = useState(backups);
  const [sure, setSure] = useState(false);
  const remove = useAction('backups.remove');
  const job = useJob(jobId);
  useQuietJobs((each) => each.id === jobId);
  const summary = shown === undefined ? undefined : removalSummary(shown, before);
  const ended = job !== undefined && job.status !== 'running';
  const mustBeSure = summary !== undefined && (summary.pinned > 0 || summary.leavesNoneWhole);

  const start = (): void => {
    if (shown === undefined) return;
    setPlan(shown);
    remove.mutate(
      { plan: shown.plan },
      { onSuccess: (answer) => setJobId(answer.job), onError: () => setPlan(undefined) },
    );
  };
  return (
    <Dialog
      open
      onClose={onClose}
      size="large"
      title={
        ended
          ? 'Removal'
          : summary === undefined
            ? 'Remove backups'
            : summary.going === 0
              ? 'Nothing to remove'
              : removalTitle(summary)
      }
      description={`${store.name}, in ${displayName(destination)}`}
      footer={
        jobId === undefined ? (
          <>
            <Button onClick={onClose}>{summary?.going === 0 ? 'Close' : 'Cancel'}</Button>
            {summary === undefined || summary.going === 0 ? null : (
              <Button
                variant="danger"
                busy={remove.isPending}
                disabledReason={mustBeSure && !sure ? 'Tick the box first' : undefined}
                onClick={start}
              >
                Remove {formatQuantity(summary.going, 'backup')}
              </Button>
            )}
          </>
        ) : (
          <Button variant={ended ? 'primary' : 'plain'} onClick={onClose}>
            {ended ? 'Done' : 'Continue in the background'}
          </Button>
        )
      }
    >
      <div className={css.body}>
        {remove.isError ? (
          <ErrorState
            error={errorData(remove.error)}
            onRetry={() => {
              remove.reset();
              void planned.refetch();
            }}
          />
        ) : null}
        {jobId !== undefined ? (
          <Outcome job={job} />
        ) : planned.isError ? (
          <ErrorState error={errorData(planned.error)} onRetry={() => void planned.refetch()} />
        ) : shown === undefined || summary === undefined ? (
          <Skeleton what="Looking at what would go" lines={7} />
        ) : (
          <>
            {summary.leavesNoneWhole ? (
              <Note tone="bad" title="No whole backup is left afterwards">
                What is lost in {store.name} after that cannot be got back.
              </Note>
            ) : null}
            {summary.pinned > 0 ? (
              <Note
                tone="warn"
                title={
                  summary.going === 1 ? 'It is pinned' : `${formatQuantity(summary.pinned, 'pinned backup')} among them`
                }
              >
                A pin keeps a backup from rotation; removing it by hand is still possible.
              </Note>
            ) : null}
            <RemovalPlanView plan={shown} names={names} named={named} />
            {mustBeSure ? <Checkbox label={sureLabel(summary)} checked={sure} onChange={setSure} /> : null}
            {named ? null : (
              <CommandLine
                command={larderCommand('prune', store.name, ...retentionOptions(wish.retention), '--dry-run')}
              />
            )}
          </>
        )}
      </div>
    </Dialog>
  );
}

const removedSchema = z.looseObject({
  removed: z.array(z.string()),
  freed: z.number(),
  held: z.array(z.string()).default([]),
  compacted: z.array(z.string()).default([]),
});

function Outcome({ job }: { job: Job | undefined }): ReactNode {
  const warnings = useJobWarnings(job);
  if (job === undefined) return <Skeleton what="Starting" lines={2} />;
  if (job.status === 'running') return <RunningJob job={job} />;
  const result = removedSchema.safeParse(job.result).data;
  return (
    <>
      {job.error === undefined ? null : <ErrorState error={job.error} />}
      {job.status === 'cancelled' ? (
        <Note tone="info" title="It was cancelled">
          Backups removed until then are gone; all others are whole.
        </Note>
      ) : null}
      {result === undefined ? null : (
        <Note
          tone="ok"
          title={`${formatQuantity(result.removed.length, 'backup')} removed, ${formatBytes(result.freed)} freed`}
        >
          {result.held.length === 0
            ? null
            : `${formatQuantity(result.held.length, 'archive')} kept for later backups. `}
          {result.compacted.length === 0 ? null : `${formatQuantity(result.compacted.length, 'archive')} made smaller.`}
        </Note>
      )}
      {warnings === undefined || warnings.length === 0 ? null : <PathList label="Remarks" lines={warnings} />}
    </>
  );
}
