import type { ReactNode } from 'react';
import { X } from 'lucide-react';
import type { Job } from '../../../shared/contract/index.ts';
import {
  formatBytes,
  formatCount,
  formatPercent,
  formatQuantity,
  formatRate,
  formatRemaining,
} from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { errorData, jobShare, runningSummary, useAction, useRunningJobs } from '../../data/index.ts';
import { Button, IconButton, Popover, ProgressBar, ProgressRing, useToast } from '../../design/index.ts';
import { href, pagePaths } from '../paths.ts';
import css from './jobs-pill.module.css';

/** What runs now, with its share; opens into the list. Nothing when nothing runs. */
export function JobsPill(): ReactNode {
  const running = useRunningJobs();
  const summary = runningSummary(running);
  if (summary === undefined) return null;
  const percent = summary.share === undefined ? '' : ` · ${formatPercent(summary.share, 1)}`;
  return (
    <Popover
      title="Running now"
      trigger={
        <button type="button" className={css.pill}>
          <ProgressRing share={summary.share} />
          <span className={css.text}>
            {summary.text}
            {percent}
          </span>
        </button>
      }
    >
      <ul className={css.list}>
        {running.map((job) => (
          <li key={job.id}>
            <RunningJob job={job} />
          </li>
        ))}
      </ul>
      <a className={css.all} href={href(pagePaths.activity())}>
        All activity
      </a>
    </Popover>
  );
}

/** A running job: phase, place, figures, remaining time, cancel. */
export function RunningJob({ job }: { job: Job }): ReactNode {
  const cancel = useAction('jobs.cancel');
  const toast = useToast();
  const share = jobShare(job);
  return (
    <div className={css.job}>
      <div className={css.head}>
        <b className={css.title}>{job.title}</b>
        {job.cancellable ? (
          <IconButton
            icon={X}
            size="small"
            label={`Cancel: ${job.title}`}
            onClick={() =>
              cancel.mutate(
                { job: job.id },
                {
                  onError: (error) =>
                    toast({ tone: 'bad', title: errorData(error).message, text: errorData(error).hint }),
                },
              )
            }
          />
        ) : null}
      </div>
      <ProgressBar label={job.title} done={share ?? 0} total={share === undefined ? undefined : 1} />
      <div className={css.figures}>
        <span>
          {job.phase}
          {share === undefined ? '' : ` · ${formatPercent(share, 1)}`}
        </span>
        <span>{job.remainingMs === undefined ? '' : `${formatRemaining(job.remainingMs)} left`}</span>
      </div>
      <div className={css.quiet}>{progressWords(job)}</div>
      {job.current === undefined ? null : (
        <div className={css.current} title={displayName(job.current)}>
          {displayName(job.current)}
        </div>
      )}
    </div>
  );
}

function progressWords(job: Job): string {
  const noun = job.kind === 'discover' ? 'store' : job.kind === 'test' ? 'step' : 'file';
  const files =
    job.filesTotal === undefined
      ? formatQuantity(job.filesDone, noun)
      : `${formatCount(job.filesDone)} of ${formatQuantity(job.filesTotal, noun)}`;
  const bytes =
    job.bytesTotal === undefined
      ? formatBytes(job.bytesDone)
      : `${formatBytes(job.bytesDone)} of ${formatBytes(job.bytesTotal)}`;
  return [
    ...(job.filesDone > 0 || job.filesTotal !== undefined ? [files] : []),
    ...(job.bytesDone > 0 || job.bytesTotal !== undefined ? [bytes] : []),
    ...(job.bytesPerSecond > 0 ? [formatRate(job.bytesPerSecond)] : []),
  ].join(' · ');
}

/** Used by cards and pages: a job in one line with its button. */
export function CancelJobButton({ job }: { job: Job }): ReactNode {
  const cancel = useAction('jobs.cancel');
  if (!job.cancellable) return null;
  return (
    <Button size="small" busy={cancel.isPending} onClick={() => cancel.mutate({ job: job.id })}>
      Cancel
    </Button>
  );
}
