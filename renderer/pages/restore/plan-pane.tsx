import { useEffect, useRef, useState, type ReactNode } from 'react';
import { History } from 'lucide-react';
import type { Backup, Job, RestorePlan } from '../../../shared/contract/index.ts';
import { formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { RunningJob } from '../../app/frame/index.ts';
import { useSettings } from '../../data/index.ts';
import {
  Button,
  CommandLine,
  Disclosure,
  ErrorState,
  Note,
  Skeleton,
  Spinner,
  VisuallyHidden,
} from '../../design/index.ts';
import { ConfirmRestore } from './confirm-restore.tsx';
import { PlanOptions, type Options } from './plan-options.tsx';
import { PlanSummary } from './plan-summary.tsx';
import { planObstacle, restoreCommand, statusWords, touchedBy } from './plan-words.ts';
import { errorPaths } from './restore-result.ts';
import { RestoreOutcome } from './restore-outcome.tsx';
import type { PlanRequest, PlanState } from './use-plan.ts';
import css from './plan-pane.module.css';

export interface PlanPaneProps {
  backup: Backup;
  state: PlanState;
  request: PlanRequest | undefined;
  options: Options;
  onOptions: (options: Options) => void;
  canInPlace: boolean;
  nothingChosen: boolean;
  /** The restore or undo that runs or has just ended. */
  job: Job | undefined;
  onStarted: (job: string) => void;
  /** Puts away what has ended. */
  onDone: () => void;
  onUndo: (restore: string) => void;
  onReplan: () => void;
  /** Takes paths out of what is chosen. */
  onLeaveOut: (paths: readonly string[]) => void;
  onShowPast: () => void;
}

/** What a restore would do, how it is to be done, and the button that does it. */
export function PlanPane(props: PlanPaneProps): ReactNode {
  const { backup, job, onDone, onUndo, onShowPast } = props;
  // Kept here, because the job it starts may run before the answer that names it has come.
  const [confirming, setConfirming] = useState<RestorePlan>();
  const running = job?.status === 'running';
  const ended = job !== undefined && (job.status === 'done' || job.status === 'partial');
  const headingRef = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // The button that was pressed is gone with what it stood under; the keyboard goes on from here.
    if (job !== undefined && document.activeElement === document.body) headingRef.current?.focus();
  }, [job, running, ended]);
  return (
    <section className={css.pane} aria-labelledby="restore-plan">
      <header className={css.head}>
        <h2 ref={headingRef} id="restore-plan" tabIndex={-1}>
          {running ? 'What happens' : ended ? 'What happened' : 'What will happen'}
        </h2>
        <VisuallyHidden>
          <span role="status">{statusWords(props.state, job)}</span>
        </VisuallyHidden>
        {props.state.planning && !running && !ended ? (
          <span className={css.working}>
            <Spinner /> <span className={css.workingText}>working it out</span>
          </span>
        ) : null}
        <Button size="small" variant="quiet" icon={History} className={css.past} onClick={onShowPast}>
          Past restores
        </Button>
      </header>
      {running ? (
        <RunningJob job={job} />
      ) : ended ? (
        <RestoreOutcome job={job} onUndo={onUndo} onDone={onDone} />
      ) : (
        <Planning key={backup.id} {...props} onConfirm={setConfirming} />
      )}
      {confirming === undefined ? null : (
        <ConfirmRestore
          backup={backup}
          plan={confirming}
          onClose={(stale) => {
            setConfirming(undefined);
            if (stale) props.onReplan();
          }}
          onStarted={(id) => {
            setConfirming(undefined);
            props.onStarted(id);
          }}
        />
      )}
    </section>
  );
}

function Planning(props: PlanPaneProps & { onConfirm: (plan: RestorePlan | undefined) => void }): ReactNode {
  const { backup, state, request, options, job, nothingChosen, canInPlace } = props;
  const undoDays = useSettings()?.undoDays;
  const shown = state.plan ?? (state.planning ? state.before : undefined);
  const command =
    request === undefined || state.plan === undefined
      ? undefined
      : restoreCommand(backup.id, state.paths, request.target, options.overwrite, options.deleteExtra);
  return (
    <>
      <div className={css.scroll}>
        {job === undefined ? null : <Ended job={job} onDone={props.onDone} />}
        <BackupTrouble backup={backup} />
        {nothingChosen ? (
          <p className={css.quiet}>
            Tick what should come back. What would happen is worked out here before anything is changed.
          </p>
        ) : request === undefined ? (
          <p className={css.quiet}>Choose the folder to restore into.</p>
        ) : state.error !== undefined ? (
          <PlanError {...props} />
        ) : shown === undefined ? (
          <Skeleton what="Working out what would happen" lines={5} />
        ) : (
          <PlanSummary plan={shown} stale={state.planning} />
        )}
        <PlanOptions
          options={options}
          onChange={props.onOptions}
          storeName={backup.storeName}
          canInPlace={canInPlace}
        />
        {command === undefined ? null : (
          <Disclosure title="Show as command">
            <CommandLine command={command} />
          </Disclosure>
        )}
      </div>
      <footer className={css.foot}>
        {undoDays === undefined ? null : (
          <p className={css.keep}>
            Replaced files are kept for {formatQuantity(undoDays, 'day')}, so it can be undone.
          </p>
        )}
        <Button
          variant="primary"
          className={css.go}
          disabledReason={blockedBy(props)}
          onClick={() => props.onConfirm(state.plan)}
        >
          {state.plan === undefined || touchedBy(state.plan) === 0
            ? 'Restore'
            : `Restore ${formatQuantity(touchedBy(state.plan), 'item')}`}
        </Button>
      </footer>
    </>
  );
}

function blockedBy({ state, request, nothingChosen }: PlanPaneProps): string | undefined {
  if (nothingChosen) return 'Tick what should come back first';
  if (request === undefined) return 'Choose the folder to restore into first';
  if (state.error !== undefined) return state.error.message;
  if (state.plan === undefined) return 'Working out what would happen';
  switch (planObstacle(state.plan)) {
    case 'nothing':
      return 'Everything is already as in this backup';
    case 'space':
      return 'There is not enough space';
    case undefined:
      return undefined;
  }
}

function PlanError({ state, onLeaveOut, onReplan }: PlanPaneProps): ReactNode {
  if (state.error === undefined) return null;
  const paths = state.error.code === 'NOT_FOUND' ? errorPaths(state.error) : [];
  return (
    <ErrorState
      error={paths.length > 0 ? { ...state.error, hint: 'It was chosen in another backup.' } : state.error}
      onRetry={paths.length > 0 || state.error.code === 'INVALID_INPUT' ? undefined : onReplan}
      action={
        paths.length === 0 ? undefined : (
          <Button size="small" onClick={() => onLeaveOut(paths)}>
            Leave {paths.length === 1 ? 'it' : 'them'} out
          </Button>
        )
      }
    />
  );
}

/** A backup that may not give back everything says so before anything is restored from it. */
function BackupTrouble({ backup: { problem, verified } }: { backup: Backup }): ReactNode {
  if (problem !== undefined) {
    return (
      <Note tone="bad" title="This backup cannot be used as it is">
        {problem}
      </Note>
    );
  }
  if (verified?.ok !== false) return null;
  return (
    <Note tone="warn" title="Damage was found in this backup">
      What is damaged is left out when it is restored, and listed. Everything else comes back.
    </Note>
  );
}

/** A restore or undo that did not run through; the plan below it is a new one. */
function Ended({ job, onDone }: { job: Job; onDone: () => void }): ReactNode {
  const dismiss = (
    <Button size="small" className={css.dismiss} onClick={onDone}>
      Dismiss
    </Button>
  );
  if (job.status === 'cancelled') {
    return (
      <Note tone="info" title="Cancelled">
        <p>Everything is as it was before.</p>
        {dismiss}
      </Note>
    );
  }
  if (job.error?.code === 'CHANGED_ON_DISK') {
    const paths = errorPaths(job.error);
    return (
      <Note tone="warn" title="Something changed since the plan was made">
        {paths.length === 0 ? (
          <p>{job.error.message}</p>
        ) : (
          <ul className={css.warnings}>
            {paths.map((path) => (
              <li key={path}>
                <code>{displayName(path)}</code>
              </li>
            ))}
          </ul>
        )}
        <p>
          Nothing was {job.kind === 'undo' ? 'undone' : 'restored'}. The plan below is made anew; look at it and go on.
        </p>
        {dismiss}
      </Note>
    );
  }
  if (job.error !== undefined) return <ErrorState error={job.error} compact action={dismiss} />;
  return (
    <Note tone="bad" title="Interrupted">
      <p>Larder stopped while it ran. What was unfinished is put back when Larder starts again.</p>
      {dismiss}
    </Note>
  );
}
