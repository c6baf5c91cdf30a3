import { useState, type ReactNode } from 'react';
import { Check, Copy, History, ShieldCheck, X } from 'lucide-react';
import type { Backup, Job } from '../../../shared/contract/index.ts';
import { formatDateTime, formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { RunningJob } from '../../app/frame/index.ts';
import { href, pagePaths } from '../../app/paths.ts';
import { useQuietJobs } from '../../app/quiet-jobs.tsx';
import { useCall, useJobs, useRunningJobs } from '../../data/index.ts';
import {
  Button,
  ButtonLink,
  Bytes,
  CommandLine,
  copyText,
  Count,
  Disclosure,
  IconButton,
  larderCommand,
  Note,
  RelativeTime,
} from '../../design/index.ts';
import { tookWords, useVerify, verifyModes } from '../../features/backups/index.ts';
import { PathList } from '../../features/jobs/index.ts';
import { damageNames, damageOf } from './backup-figures.ts';
import css from './backup-detail.module.css';

const formats: Readonly<Record<Backup['format'], string>> = {
  zst: 'tar, zstd',
  gz: 'tar, gzip',
  tar: 'tar, not compressed',
};

/** Everything about one backup, and what can be done with it. */
export function BackupDetail({ backup, onClose }: { backup: Backup; onClose: () => void }): ReactNode {
  // What its verification finds is shown here.
  useQuietJobs((job) => isVerifyOf(job, backup));
  return (
    <aside className={css.detail} aria-label="The chosen backup">
      <header className={css.head}>
        <div className={css.title}>
          <h2>{formatDateTime(backup.startedAtMs)}</h2>
          <span className={css.quiet}>{backup.storeName}</span>
        </div>
        <IconButton icon={X} label="Close details" size="small" onClick={onClose} />
      </header>
      {backup.note === undefined ? null : <p className={css.note}>{backup.note}</p>}
      <Actions backup={backup} />
      <Troubles backup={backup} />
      <Facts backup={backup} />
      <Skipped backup={backup} />
      <CopyPath label="Archive" path={backup.archive} />
      <CopyPath label="Manifest" path={backup.manifest} />
      <Disclosure title="Show as commands">
        <div className={css.commands}>
          <CommandLine label="Restore as a command" command={larderCommand('restore', backup.id, '--dry-run')} />
          <CommandLine label="Verify as a command" command={larderCommand('verify', backup.id, '--deep')} />
          <CommandLine label="List as a command" command={larderCommand('ls', backup.id, '-r')} />
        </div>
      </Disclosure>
    </aside>
  );
}

function Actions({ backup }: { backup: Backup }): ReactNode {
  const verify = useVerify();
  const running = useRunningJobs().find((job) => isVerifyOf(job, backup));
  return (
    <div className={css.actions}>
      {backup.problem === undefined ? (
        <ButtonLink icon={History} href={href(pagePaths.restore(backup.id))}>
          Restore from this…
        </ButtonLink>
      ) : null}
      {running === undefined ? (
        <>
          <Button icon={ShieldCheck} title={verifyModes.quick} onClick={() => verify(backup, false)}>
            Verify
          </Button>
          <Button title={verifyModes.deep} onClick={() => verify(backup, true)}>
            Verify deeply
          </Button>
        </>
      ) : (
        <div className={css.running}>
          <RunningJob job={running} />
        </div>
      )}
    </div>
  );
}

/** Whether a job verifies this backup; its title names the archive. */
function isVerifyOf(job: Job, backup: Backup): boolean {
  const name = displayName(backup.archive.slice(backup.archive.search(/[^/\\]*$/)));
  return job.kind === 'verify' && job.title.endsWith(name);
}

function Troubles({ backup }: { backup: Backup }): ReactNode {
  const damaged = backup.verified?.ok === false;
  if (backup.problem === undefined && !damaged) return null;
  return (
    <>
      {backup.problem === undefined ? null : (
        <Note tone="bad" title="This backup cannot be used">
          {backup.problem}
        </Note>
      )}
      {damaged ? <Damage backup={backup} /> : null}
    </>
  );
}

function Damage({ backup }: { backup: Backup }): ReactNode {
  const newest = useJobs().data?.jobs ?? [];
  const checks = useCall('jobs.list', { kind: 'verify', limit: 200 });
  const problems = damageOf(backup.id, [...newest, ...(checks.data?.jobs ?? [])]);
  return (
    <>
      <Note tone="bad" title="Damage was found">
        What is not affected can still be restored. Make a new backup, and check the disk this one lies on.
      </Note>
      {problems === undefined ? (
        checks.isPending ? null : (
          <p className={css.quiet}>Verify it again to see which files are affected.</p>
        )
      ) : (
        <section aria-label="Damaged">
          <h3 className={css.listTitle}>{formatQuantity(problems.length, 'problem')}</h3>
          <PathList
            label="Damaged paths"
            lines={problems.map(({ path, archive, kind, message }) => ({
              path: path ?? archive,
              reason: `${damageNames[kind]}: ${message}`,
            }))}
          />
        </section>
      )}
    </>
  );
}

function Facts({ backup }: { backup: Backup }): ReactNode {
  const { verified } = backup;
  return (
    <dl className={css.facts}>
      <div>
        <dt>Holds</dt>
        <dd>
          {formatQuantity(backup.files, 'file')} in {formatQuantity(backup.dirs, 'folder')},{' '}
          <Bytes value={backup.bytes} />
        </dd>
      </div>
      <div>
        <dt>Stored</dt>
        <dd>
          <Bytes value={backup.storedBytes} />
          {backup.reusedBytes > 0 ? (
            <>
              , <Bytes value={backup.reusedBytes} /> reused
            </>
          ) : null}
        </dd>
      </div>
      <div>
        <dt>Kind</dt>
        <dd>
          {backup.kind}, {formats[backup.format]}
        </dd>
      </div>
      <div>
        <dt>Took</dt>
        <dd>{tookWords(backup)}</dd>
      </div>
      <div>
        <dt>Verified</dt>
        <dd>
          {verified === undefined ? (
            'not yet'
          ) : (
            <>
              {verified.mode}, <RelativeTime atMs={verified.atMs} />
              {verified.ok ? <span className={css.explain}>{verifyModes[verified.mode]}</span> : ', damage found'}
            </>
          )}
        </dd>
      </div>
      <div>
        <dt>Id</dt>
        <dd>
          <code>{backup.id}</code>
        </dd>
      </div>
    </dl>
  );
}

function Skipped({ backup }: { backup: Backup }): ReactNode {
  const { skipped } = backup;
  if (skipped.length === 0) return <p className={css.quiet}>Nothing was skipped.</p>;
  return (
    <section aria-label="Skipped">
      <h3 className={css.listTitle}>
        <Count value={skipped.length} /> {skipped.length === 1 ? 'path' : 'paths'} skipped
      </h3>
      <PathList label="Skipped paths" lines={skipped} />
    </section>
  );
}

function CopyPath({ label, path }: { label: string; path: string }): ReactNode {
  const [copied, setCopied] = useState(false);
  return (
    <div className={css.path}>
      <span className={css.pathLabel}>{label}</span>
      <code className={css.pathText}>{displayName(path)}</code>
      <IconButton
        icon={copied ? Check : Copy}
        size="small"
        label={copied ? 'Copied' : `Copy the ${label.toLowerCase()}’s path`}
        onClick={() => void copyText(path).then(setCopied)}
        onBlur={() => setCopied(false)}
      />
    </div>
  );
}
