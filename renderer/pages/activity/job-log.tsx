import type { KeyboardEvent, ReactNode } from 'react';
import { ChevronRight } from 'lucide-react';
import type { Job } from '../../../shared/contract/index.ts';
import { cx, Icon, RelativeTime, Tag } from '../../design/index.ts';
import { jobStatusTags } from '../../features/jobs/index.ts';
import { JobDetail } from './job-detail.tsx';
import { jobLine } from './job-facts.ts';
import css from './job-log.module.css';

/** Finished jobs in lines, each of which opens. */
export function JobLog({
  jobs,
  opened,
  onOpen,
}: {
  jobs: readonly Job[];
  opened: string | undefined;
  onOpen: (job: string | undefined) => void;
}): ReactNode {
  return (
    <ul aria-label="Finished jobs" onKeyDown={moveByKey}>
      {jobs.map((job) => (
        <li key={job.id} className={css.item}>
          <Line job={job} open={job.id === opened} onToggle={() => onOpen(job.id === opened ? undefined : job.id)} />
          {job.id === opened ? <JobDetail job={job} /> : null}
        </li>
      ))}
    </ul>
  );
}

function Line({ job, open, onToggle }: { job: Job; open: boolean; onToggle: () => void }): ReactNode {
  const tag = jobStatusTags[job.status];
  return (
    <button type="button" className={css.line} aria-expanded={open} onClick={onToggle}>
      <Icon icon={ChevronRight} size={14} className={cx(css.twist, open && css.open)} />
      <span className={css.title} title={job.title}>
        {job.title}
      </span>
      <span className={css.status}>
        <Tag tone={tag.tone}>{tag.word}</Tag>
      </span>
      <span className={css.what} title={jobLine(job)}>
        {jobLine(job)}
      </span>
      <span className={css.when}>
        <RelativeTime atMs={job.startedAtMs} />
      </span>
    </button>
  );
}

function moveByKey(event: KeyboardEvent<HTMLElement>): void {
  if (!(event.target instanceof HTMLElement) || event.target.getAttribute('aria-expanded') === null) return;
  const lines = [...event.currentTarget.querySelectorAll<HTMLElement>(':scope > li > button')];
  const at = lines.indexOf(event.target);
  const next =
    event.key === 'ArrowDown'
      ? lines[at + 1]
      : event.key === 'ArrowUp'
        ? lines[at - 1]
        : event.key === 'Home'
          ? lines[0]
          : event.key === 'End'
            ? lines.at(-1)
            : undefined;
  if (at < 0 || next === undefined) return;
  event.preventDefault();
  next.focus();
}
