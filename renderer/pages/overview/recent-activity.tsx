import type { ReactNode } from 'react';
import { Activity } from 'lucide-react';
import type { Job } from '../../../shared/contract/index.ts';
import { formatDuration, formatPercent } from '../../../shared/format.ts';
import { jobShare } from '../../data/index.ts';
import { EmptyState, Panel, RelativeTime, Tag } from '../../design/index.ts';
import { href, pagePaths } from '../../app/paths.ts';
import { jobStatusTags } from '../../features/jobs/index.ts';
import css from './recent-activity.module.css';

const shown = 5;

/** The last few jobs. */
export function RecentActivity({ jobs, storeId }: { jobs: readonly Job[]; storeId: string | undefined }): ReactNode {
  const recent = jobs.filter((job) => storeId === undefined || job.store === storeId).slice(0, shown);
  return (
    <Panel
      title="Recent activity"
      actions={
        <a className={css.all} href={href(pagePaths.activity())}>
          Show all
        </a>
      }
    >
      {recent.length === 0 ? (
        <EmptyState icon={Activity} title="Nothing has run yet">
          Backups, checks and restores appear here.
        </EmptyState>
      ) : (
        <ul>
          {recent.map((job) => (
            <li key={job.id} className={css.line}>
              <a className={css.title} href={href(pagePaths.activity(job.id))} title={job.title}>
                {job.title}
              </a>
              <Tag tone={jobStatusTags[job.status].tone}>{jobStatusTags[job.status].word}</Tag>
              <span className={css.detail}>
                <RelativeTime atMs={job.startedAtMs} />
                {detail(job)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function detail(job: Job): string {
  if (job.status === 'running') {
    const share = jobShare(job);
    return share === undefined ? ` · ${job.phase}` : ` · ${formatPercent(share, 1)} · ${job.phase}`;
  }
  if (job.error !== undefined) return ` · ${job.error.message}`;
  return job.finishedAtMs === undefined ? '' : ` · took ${formatDuration(job.finishedAtMs - job.startedAtMs)}`;
}
