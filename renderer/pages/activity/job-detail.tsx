import { useState, type ReactNode } from 'react';
import type { Job } from '../../../shared/contract/index.ts';
import { formatQuantity } from '../../../shared/format.ts';
import { ActionButton } from '../../app/actions/index.ts';
import { href, pagePaths } from '../../app/paths.ts';
import { useCall, useStores } from '../../data/index.ts';
import { Button, ButtonLink, cx, ErrorState, Note, Skeleton } from '../../design/index.ts';
import { PathList, useJobWarnings } from '../../features/jobs/index.ts';
import { UndoDialog } from '../../features/undo/index.ts';
import { jobFacts, nextSteps, pathsIn, problemsIn, type NextStep } from './job-facts.ts';
import css from './job-detail.module.css';

/** What a finished job did, what it left out, why it failed, and what can be done next. */
export function JobDetail({ job }: { job: Job }): ReactNode {
  const restores = useCall('restore.list', {}, { enabled: job.kind === 'restore' });
  const steps = nextSteps(job, restores.data?.restores ?? []);
  return (
    <div className={css.detail}>
      {job.error === undefined ? null : <ErrorState error={job.error} compact />}
      {job.status === 'interrupted' ? (
        <Note tone="bad" title="Larder stopped while this ran">
          What was unfinished has been put away; nothing half done was left behind.
        </Note>
      ) : null}
      {job.status === 'cancelled' ? <Note tone="info">It was cancelled. Nothing of it was left behind.</Note> : null}
      <ErrorPaths job={job} />
      <dl className={css.facts}>
        {jobFacts(job).map(({ label, value, isPath }) => (
          <div key={label} className={cx(isPath === true && css.path)}>
            <dt>{label}</dt>
            <dd>{isPath === true ? <code>{value}</code> : value}</dd>
          </div>
        ))}
      </dl>
      <Warnings job={job} />
      {steps.length === 0 ? null : (
        <div className={css.steps}>
          {steps.map((step) => (
            <Step key={step.kind} step={step} />
          ))}
        </div>
      )}
    </div>
  );
}

function ErrorPaths({ job }: { job: Job }): ReactNode {
  const problems = problemsIn(job.error);
  const paths = pathsIn(job.error);
  if (problems.length > 0) {
    return (
      <PathList
        label="Damaged paths"
        lines={problems.map(({ path, archive, message }) => ({ path: path ?? archive, reason: message }))}
      />
    );
  }
  if (paths.length === 0) return null;
  return (
    <PathList
      label="Paths the error is about"
      lines={paths.map((path) => ({
        path,
        reason: job.error?.code === 'CHANGED_ON_DISK' ? 'Changed since the plan' : 'Not there',
      }))}
    />
  );
}

function Warnings({ job }: { job: Job }): ReactNode {
  const warnings = useJobWarnings(job);
  if (job.warningCount === 0) return null;
  return (
    <section aria-label="Skipped">
      <h3 className={css.listTitle}>{formatQuantity(job.warningCount, 'path')} skipped</h3>
      {warnings === undefined ? (
        <Skeleton what="Asking for what was skipped" lines={2} />
      ) : (
        <PathList label="Skipped paths" lines={warnings} />
      )}
    </section>
  );
}

function Step({ step }: { step: NextStep }): ReactNode {
  const [undoing, setUndoing] = useState(false);
  const store = useStores().data?.stores.find((each) => 'store' in step && each.id === step.store);
  switch (step.kind) {
    case 'backUp':
      return store === undefined ? null : (
        <ActionButton action="backup.now" store={store} size="small">
          {step.label}…
        </ActionButton>
      );
    case 'countAgain':
      return store === undefined ? null : <ActionButton action="store.rescan" store={store} size="small" />;
    case 'undo':
      return (
        <>
          <Button size="small" onClick={() => setUndoing(true)}>
            Undo…
          </Button>
          {undoing ? <UndoDialog restore={step.restore} onClose={() => setUndoing(false)} /> : null}
        </>
      );
    case 'showBackup':
      return (
        <ButtonLink size="small" href={href(pagePaths.backups(step.backup))}>
          Show the backup
        </ButtonLink>
      );
    case 'restoreFrom':
      return (
        <ButtonLink size="small" href={href(pagePaths.restore(step.backup))}>
          Restore from it…
        </ButtonLink>
      );
    case 'planAgain':
      return (
        <ButtonLink size="small" href={href(pagePaths.restore())}>
          Plan again…
        </ButtonLink>
      );
    case 'showStore':
      return (
        <ButtonLink size="small" href={href(pagePaths.store(step.store))}>
          Show the store
        </ButtonLink>
      );
  }
}
