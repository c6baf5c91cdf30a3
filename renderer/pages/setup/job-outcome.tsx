import type { ReactNode } from 'react';
import type { Job } from '../../../shared/contract/index.ts';
import { formatQuantity } from '../../../shared/format.ts';
import { RunningJob } from '../../app/frame/index.ts';
import { ErrorState, Note, Panel, Skeleton } from '../../design/index.ts';
import { PathList, useJobWarnings } from '../../features/jobs/index.ts';

/** How far a job is, or how it went wrong. What it did is the page's to say. */
export function JobOutcome({ job, what }: { job: Job | undefined; what: string }): ReactNode {
  const warnings = useJobWarnings(job);
  if (job === undefined) return <Skeleton what={what} lines={2} />;
  return (
    <>
      {job.status === 'running' ? (
        <Panel>
          <RunningJob job={job} />
        </Panel>
      ) : null}
      {job.error === undefined ? null : <ErrorState error={job.error} />}
      {job.status === 'cancelled' ? (
        <Note title="It was ended">What was done until then stays, and can be undone.</Note>
      ) : null}
      {job.status === 'interrupted' ? (
        <Note tone="warn" title="Larder stopped while this ran">
          What was done until then stays, and can be undone. Set it up again to go on.
        </Note>
      ) : null}
      {warnings === undefined || warnings.length === 0 ? null : (
        <Panel title={`${formatQuantity(warnings.length, 'thing')} to know`}>
          <PathList label="What to know" lines={warnings} />
        </Panel>
      )}
    </>
  );
}
