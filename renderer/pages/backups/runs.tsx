import { useEffect, useState, type ReactNode } from 'react';
import { Check, Circle, LoaderCircle, X } from 'lucide-react';
import type { Job, JobKind, Store } from '../../../shared/contract/index.ts';
import { formatDuration, formatQuantity } from '../../../shared/format.ts';
import { keepsEverything } from '../../../shared/retention.ts';
import { RunningJob } from '../../app/frame/index.ts';
import { href, pagePaths } from '../../app/paths.ts';
import { useQuietJobs } from '../../app/quiet-jobs.tsx';
import { useClient, useRunningJobs, useSettings } from '../../data/index.ts';
import { ButtonLink, ErrorState, Icon, IconButton, Panel, Tag, VisuallyHidden } from '../../design/index.ts';
import { jobStatusTags, PathList, useJobWarnings } from '../../features/jobs/index.ts';
import { damageLines, problemsOf } from './backup-figures.ts';
import { backupSteps, type Step } from './run-steps.ts';
import { endedWords } from './run-words.ts';
import css from './runs.module.css';

const kinds: ReadonlySet<JobKind> = new Set(['backup', 'verify', 'export', 'prune', 'rebuild']);

/**
 * What is done to backups while the page is shown: each run with its steps to its very end, and then what came of it,
 * until it is put away.
 */
export function Runs({ store, stores }: { store: Store | undefined; stores: readonly Store[] }): ReactNode {
  const client = useClient();
  const [ended, setEnded] = useState<readonly Job[]>([]);
  const isOurs = (job: Job): boolean =>
    kinds.has(job.kind) && (store === undefined || job.store === undefined || job.store === store.id);
  useEffect(
    () =>
      client.on('jobs.changed', ({ job }) => {
        if (job.status === 'running' || !kinds.has(job.kind)) return;
        setEnded((jobs) => [job, ...jobs.filter(({ id }) => id !== job.id)].slice(0, 5));
      }),
    [client],
  );
  useQuietJobs(isOurs);
  const running = useRunningJobs().filter(isOurs);
  const shown = ended.filter(isOurs);
  if (running.length + shown.length === 0) return null;
  return (
    <Panel title={running.length > 0 ? 'Running now' : 'Just done'}>
      <ul className={css.runs}>
        {running.map((job) => (
          <li key={job.id}>
            {job.kind === 'backup' ? <Steps job={job} stores={stores} /> : null}
            <RunningJob job={job} />
          </li>
        ))}
        {shown.map((job) => (
          <li key={job.id}>
            <Ended job={job} onDismiss={() => setEnded(ended.filter(({ id }) => id !== job.id))} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

const stepIcons = { done: Check, now: LoaderCircle, later: Circle } as const;
const stepWords: Readonly<Record<Step['state'], string>> = { done: 'done', now: 'now', later: 'to come' };

function Steps({ job, stores }: { job: Job; stores: readonly Store[] }): ReactNode {
  const verify = useSettings()?.verifyAfterBackup ?? true;
  const rules = stores.find(({ id }) => id === job.store)?.rules;
  const rotate = rules?.rotate === true && !keepsEverything(rules.retention);
  return (
    <ol className={css.steps} aria-label="Steps of the backup">
      {backupSteps(job.phase, { verify, rotate }).map(({ label, state }) => (
        <li key={label} className={css[state]} aria-current={state === 'now' ? 'step' : undefined}>
          <Icon icon={stepIcons[state]} size={13} />
          {label}
          <VisuallyHidden>, {stepWords[state]}</VisuallyHidden>
        </li>
      ))}
    </ol>
  );
}

function Ended({ job, onDismiss }: { job: Job; onDismiss: () => void }): ReactNode {
  const warnings = useJobWarnings(job);
  const problems = problemsOf(job);
  const tag = jobStatusTags[job.status];
  const id = job.result?.['id'];
  return (
    <div className={css.ended}>
      <div className={css.endedHead}>
        <Tag tone={tag.tone}>{tag.word}</Tag>
        <b className={css.title}>{job.title}</b>
        {job.finishedAtMs === undefined ? null : (
          <span className={css.quiet}>{formatDuration(job.finishedAtMs - job.startedAtMs)}</span>
        )}
        {job.kind === 'backup' && typeof id === 'string' ? (
          <ButtonLink size="small" href={href(pagePaths.backups(id))}>
            Show it
          </ButtonLink>
        ) : null}
        <ButtonLink size="small" variant="quiet" href={href(pagePaths.activity(job.id))}>
          Details
        </ButtonLink>
        <IconButton icon={X} size="small" label={`Put away: ${job.title}`} onClick={onDismiss} />
      </div>
      <p className={css.quiet}>{endedWords(job)}</p>
      {job.error === undefined ? null : <ErrorState error={job.error} compact />}
      {problems.length === 0 ? null : (
        <section aria-label="Damage found">
          <h3 className={css.listTitle}>{formatQuantity(problems.length, 'damaged place')}</h3>
          <PathList label="Damage found, by path" lines={damageLines(problems)} />
        </section>
      )}
      {warnings === undefined || warnings.length === 0 ? null : (
        <section aria-label="Left out">
          <h3 className={css.listTitle}>
            {job.kind === 'backup'
              ? `${formatQuantity(job.warningCount, 'path')} missing or not whole`
              : formatQuantity(job.warningCount, 'remark')}
          </h3>
          <PathList label="Left out, with the reason" lines={warnings} />
        </section>
      )}
    </div>
  );
}
