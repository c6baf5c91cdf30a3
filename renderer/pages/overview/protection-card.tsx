import { useState, type ReactNode } from 'react';
import type { Backup, Store } from '../../../shared/contract/index.ts';
import { formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { ActionButton } from '../../app/actions/index.ts';
import { RunningJob } from '../../app/frame/index.ts';
import { href, pagePaths } from '../../app/paths.ts';
import { Button, ButtonLink, Bytes, Dialog, Panel, RelativeTime, Skeleton, Tag } from '../../design/index.ts';
import { PathList } from '../../features/jobs/index.ts';
import type { Protection } from './protection.ts';
import css from './protection-card.module.css';

/** Whether a store could be got back, and the button that makes it so. */
export function ProtectionCard({
  store,
  state,
  loading,
  onLookAgain,
}: {
  store: Store;
  state: Protection;
  loading: boolean;
  onLookAgain: () => void;
}): ReactNode {
  const { last, away, running } = state;
  const [showSkipped, setShowSkipped] = useState(false);
  return (
    <Panel className={css.card}>
      <div className={css.head}>
        <h2 className={css.name}>
          <a href={href(pagePaths.store(store.id))}>{store.name}</a>
        </h2>
        {loading ? null : <Tag tone={state.tone}>{state.word}</Tag>}
        {store.state === 'ok' ? null : (
          <Tag tone="bad" title={store.stateReason}>
            {store.state === 'missing' ? 'Folder missing' : 'Unreadable'}
          </Tag>
        )}
      </div>
      {loading ? (
        <Skeleton what="Asking for the backups" lines={2} />
      ) : (
        <>
          {away === undefined ? null : <Away folder={store.destination} why={away} />}
          {last !== undefined ? (
            <LastBackup last={last} newestSince={state.newestSince} />
          ) : away === undefined ? (
            <p className={css.words}>No backup yet. What is lost here cannot be got back.</p>
          ) : null}
        </>
      )}
      {running === undefined ? (
        <div className={css.actions}>
          <ActionButton action="backup.now" store={store}>
            Back up now
          </ActionButton>
          {away === undefined ? null : (
            <Button variant="quiet" onClick={onLookAgain}>
              Look again
            </Button>
          )}
          {last?.status === 'partial' ? (
            <Button variant="quiet" onClick={() => setShowSkipped(true)}>
              What was skipped
            </Button>
          ) : last === undefined ? null : (
            <ButtonLink variant="quiet" href={href(pagePaths.restore(last.id))}>
              Restore…
            </ButtonLink>
          )}
        </div>
      ) : (
        <RunningJob job={running} />
      )}
      {showSkipped && last !== undefined ? <SkippedDialog backup={last} onClose={() => setShowSkipped(false)} /> : null}
    </Panel>
  );
}

function Away({ folder, why }: { folder: string; why: string }): ReactNode {
  return (
    <div className={css.words}>
      <p>
        <code className={css.path}>{displayName(folder)}</code> cannot be reached. {why}
      </p>
      <p>If it lies on another disk, connect that first.</p>
    </div>
  );
}

function LastBackup({ last, newestSince }: { last: Backup; newestSince: number | undefined }): ReactNode {
  return (
    <div className={css.words}>
      <p>
        Last backup <RelativeTime atMs={last.startedAtMs} /> · <Bytes value={last.bytes} />,{' '}
        <Bytes value={last.storedBytes} /> stored
        {last.verified === undefined ? ' · not verified' : last.verified.ok ? ' · verified' : null}
        {last.verified?.ok === false ? <b className={css.bad}> · verification failed</b> : null}
      </p>
      <p>
        {last.status === 'partial'
          ? `${formatQuantity(last.skipped.length, 'file')} skipped`
          : newestSince === undefined
            ? `${formatQuantity(last.files, 'file')}, nothing skipped`
            : null}
        {last.status !== 'partial' && newestSince !== undefined ? (
          <>
            Changed since then, newest file <RelativeTime atMs={newestSince} />
          </>
        ) : null}
      </p>
    </div>
  );
}

function SkippedDialog({ backup, onClose }: { backup: Backup; onClose: () => void }): ReactNode {
  return (
    <Dialog
      open
      onClose={onClose}
      title={`${formatQuantity(backup.skipped.length, 'file')} skipped`}
      description="These are not in the backup. Everything else is."
      footer={
        <Button variant="primary" onClick={onClose}>
          Close
        </Button>
      }
    >
      <PathList label="Skipped files" lines={backup.skipped} />
    </Dialog>
  );
}
