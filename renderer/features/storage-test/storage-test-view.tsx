import { useEffect, useRef, useState, type ReactNode } from 'react';
import { RefreshCw } from 'lucide-react';
import { storageTestSchema, type StorageCheck, type StorageTest } from '../../../shared/contract/index.ts';
import { displayName } from '../../../shared/path-text.ts';
import { RunningJob } from '../../app/frame/index.ts';
import { useQuietJobs } from '../../app/quiet-jobs.tsx';
import { errorData, useAction } from '../../data/index.ts';
import { Button, CommandLine, ErrorState, larderCommand, Note, Skeleton } from '../../design/index.ts';
import { StatusMark } from '../health/index.ts';
import { useJob } from '../jobs/index.ts';
import { countsWords, groupChecks, worst } from './group-checks.ts';
import css from './storage-test.module.css';

export type StorageTestSubject = { readonly store: string } | { readonly path: string };

/**
 * A storage test of a store or a folder: its progress, then what each area did. It starts at once, or when a person asks
 * for it where `startAtOnce` is false.
 */
export function StorageTestView({
  subject,
  name,
  startAtOnce,
}: {
  subject: StorageTestSubject;
  /** As the command line names it. */
  name: string;
  startAtOnce: boolean;
}): ReactNode {
  const start = useAction('setup.test');
  const [id, setId] = useState<string>();
  const job = useJob(id);
  useQuietJobs((each) => each.id === id);
  const run = (): void => start.mutate(subject, { onSuccess: ({ job: next }) => setId(next) });
  const asked = useRef(false);
  useEffect(() => {
    if (!startAtOnce || asked.current) return;
    asked.current = true;
    run();
  });
  const result = job?.status === 'done' ? storageTestSchema.safeParse(job.result) : undefined;
  const busy = start.isPending || job?.status === 'running';
  return (
    <div className={css.view}>
      {id === undefined && !start.isPending && !start.isError ? (
        <p className={css.quiet}>
          In every area a small file is created, written, flushed, read back and deleted; mounts, free space and the
          speed of the disk are looked at. It takes a few seconds, and nothing stays behind.
        </p>
      ) : null}
      {start.isPending || (id !== undefined && job === undefined) ? (
        <Skeleton what="Starting the test" lines={2} />
      ) : null}
      {job?.status === 'running' ? <RunningJob job={job} /> : null}
      {start.isError ? <ErrorState error={errorData(start.error)} compact /> : null}
      {job?.error === undefined ? null : <ErrorState error={job.error} compact />}
      {job?.status === 'cancelled' ? <Note title="The test was ended">Nothing of it was left behind.</Note> : null}
      {job?.status === 'interrupted' ? (
        <Note tone="warn" title="Larder stopped during the test">
          The next test removes what this one left.
        </Note>
      ) : null}
      {result?.success === true ? <Results test={result.data} /> : null}
      <div className={css.foot}>
        <Button icon={RefreshCw} busy={busy} onClick={run}>
          {id === undefined ? 'Test storage' : 'Test again'}
        </Button>
      </div>
      <CommandLine command={larderCommand('test', name)} />
    </div>
  );
}

function Results({ test: { ok, checks } }: { test: StorageTest }): ReactNode {
  const warns = checks.some(({ status }) => status === 'warn');
  return (
    <>
      <Note
        tone={ok ? (warns ? 'warn' : 'ok') : 'bad'}
        title={ok ? (warns ? 'It works, with something to look at' : 'The storage works') : 'The storage does not work'}
      >
        {countsWords(checks)}
      </Note>
      <ul className={css.groups} aria-label="Results of the storage test">
        {groupChecks(checks).map(({ area, checks: of }) => (
          <Group key={area ?? 'whole'} area={area} checks={of} />
        ))}
      </ul>
    </>
  );
}

function Group({ area, checks }: { area: string | undefined; checks: readonly StorageCheck[] }): ReactNode {
  const worstOf = worst(checks);
  const name = area === undefined ? 'The folder and its disk' : area === '' ? 'The folder itself' : displayName(area);
  const passed = worstOf === 'pass' && area !== undefined;
  return (
    <li className={css.group}>
      <div className={css.head}>
        {area === undefined || area === '' ? <b>{name}</b> : <code className={css.path}>{name}</code>}
        <StatusMark status={worstOf} />
      </div>
      {passed ? (
        <p className={css.quiet}>{checks.map(({ evidence }) => displayName(evidence)).join(' ')}</p>
      ) : (
        <ul className={css.checks}>
          {checks.map((check) => (
            <li key={check.id} className={css.check}>
              <StatusMark status={check.status} />
              <div>
                <b>{check.title}</b>
                <p className={css.quiet}>{displayName(check.evidence)}</p>
                {check.next === undefined ? null : <p>{displayName(check.next)}</p>}
              </div>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
