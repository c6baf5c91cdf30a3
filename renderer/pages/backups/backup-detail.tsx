import { useState, type ReactNode } from 'react';
import { Check, Copy, Ellipsis, History, ShieldCheck, X } from 'lucide-react';
import type { Backup, Job } from '../../../shared/contract/index.ts';
import { formatDateTime, formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { RunningJob } from '../../app/frame/index.ts';
import { href, pagePaths } from '../../app/paths.ts';
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
  Menu,
  Note,
  RelativeTime,
  type MenuItem,
} from '../../design/index.ts';
import { kindMeanings, proposedName, tookWords, verifiedHow, verifyModes } from '../../features/backups/index.ts';
import { UnlockButton } from '../../features/secrets/index.ts';
import { PathList } from '../../features/jobs/index.ts';
import { damageLines, damageOf } from './backup-figures.ts';
import type { BackupWindow } from './backup-menu.ts';
import css from './backup-detail.module.css';

const formats: Readonly<Record<Backup['format'], string>> = {
  zst: 'tar, zstd',
  gz: 'tar, gzip',
  tar: 'tar, not compressed',
};

/** Everything about one backup, and what can be done with it. */
export function BackupDetail({
  backup,
  items,
  openWindow,
  onClose,
}: {
  backup: Backup;
  /** What can be done with it. */
  items: MenuItem[];
  openWindow: (request: BackupWindow) => void;
  onClose: () => void;
}): ReactNode {
  const { note } = backup;
  return (
    <aside className={css.detail} aria-label="The chosen backup">
      <header className={css.head}>
        <div className={css.title}>
          <h2>{formatDateTime(backup.startedAtMs)}</h2>
          <span className={css.quiet}>{backup.storeName}</span>
        </div>
        <Menu
          label="More to do with this backup"
          items={items}
          trigger={<IconButton icon={Ellipsis} size="small" label="More to do with this backup" />}
        />
        <IconButton icon={X} label="Close details" size="small" onClick={onClose} />
      </header>
      <div className={css.noteLine}>
        <p className={css.note}>
          {note === undefined || note === '' ? <span className={css.quiet}>No note</span> : note}
        </p>
        <Button size="small" variant="quiet" onClick={() => openWindow({ kind: 'note', backup })}>
          {note === undefined || note === '' ? 'Add a note…' : 'Edit…'}
        </Button>
      </div>
      <Actions backup={backup} openWindow={openWindow} />
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
          <CommandLine label="Compare as a command" command={larderCommand('diff', backup.id)} />
          <CommandLine label="Export as a command" command={larderCommand('export', backup.id, proposedName(backup))} />
        </div>
      </Disclosure>
    </aside>
  );
}

function Actions({ backup, openWindow }: { backup: Backup; openWindow: (request: BackupWindow) => void }): ReactNode {
  const running = useRunningJobs().find((job) => isVerifyOf(job, backup));
  return (
    <div className={css.actions}>
      {backup.problem === undefined ? (
        <ButtonLink icon={History} href={href(pagePaths.restore(backup.id))}>
          Restore from this…
        </ButtonLink>
      ) : null}
      {running === undefined ? (
        <Button icon={ShieldCheck} onClick={() => openWindow({ kind: 'verify', backup })}>
          Verify…
        </Button>
      ) : null}
      {running === undefined ? null : (
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
        <Note
          tone="bad"
          title="This backup cannot be used"
          action={backup.encrypted ? <UnlockButton file={backup.manifest} needs="passphrase" /> : undefined}
        >
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
          <PathList label="Damaged paths" lines={damageLines(problems)} />
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
        <dt>Added</dt>
        <dd>
          <Bytes value={backup.storedBytes} />
          {backup.reusedBytes > 0 ? (
            <span className={css.explain}>
              <Bytes value={backup.reusedBytes} /> were there already and are reused.
            </span>
          ) : null}
        </dd>
      </div>
      <div>
        <dt>Kind</dt>
        <dd>
          {backup.kind}, {formats[backup.format]}
          <span className={css.explain}>{kindMeanings[backup.kind]}</span>
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
              {verifiedHow(verified)}, <RelativeTime atMs={verified.atMs} />
              {verified.ok ? <span className={css.explain}>{verifyModes[verified.mode]}</span> : ', damage found'}
            </>
          )}
        </dd>
      </div>
      <div>
        <dt>Kept</dt>
        <dd>
          {backup.pinned ? 'pinned, rotation never removes it' : 'as the rotation rules say'}
          <span className={css.explain}>
            {backup.neededBy === 0
              ? 'No later backup draws on it.'
              : `${formatQuantity(backup.neededBy, 'later backup')} ${backup.neededBy === 1 ? 'draws' : 'draw'} on its archive.`}
          </span>
        </dd>
      </div>
      <div>
        <dt>Encrypted</dt>
        <dd>{backup.encrypted ? 'yes, by age' : 'no'}</dd>
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
        <Count value={skipped.length} /> {skipped.length === 1 ? 'path' : 'paths'} missing or not whole
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
