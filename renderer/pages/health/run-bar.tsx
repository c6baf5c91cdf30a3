import type { ReactNode } from 'react';
import type { Store } from '../../../shared/contract/index.ts';
import { Button, ErrorState, Note, ProgressBar } from '../../design/index.ts';
import { useHealthRuns, type HealthRun } from '../../features/health/index.ts';
import { progressWords } from './progress-words.ts';
import css from './run-bar.module.css';

/** How far the run is, and the way to end it. */
export function RunProgress({ store, run, running }: { store: Store; run: HealthRun; running: boolean }): ReactNode {
  const runs = useHealthRuns();
  if (!running) return null;
  return (
    <div className={css.bar} role="status" aria-label="Running the checks">
      <span className={css.words}>{progressWords(run.progress)}</span>
      <span className={css.progress}>
        <ProgressBar slim label="Running the checks" done={run.progress?.done ?? 0} total={run.progress?.total} />
      </span>
      {run.own ? (
        <Button size="small" onClick={() => runs.cancel(store.id)}>
          Cancel
        </Button>
      ) : null}
    </div>
  );
}

/** How the last run that was started here ended, where that is not a report. */
export function RunEnd({ store, run, running }: { store: Store; run: HealthRun; running: boolean }): ReactNode {
  const runs = useHealthRuns();
  if (running) return null;
  const putAway = (
    <Button size="small" onClick={() => runs.dismiss(store.id)}>
      Put away
    </Button>
  );
  if (run.error !== undefined) {
    return <ErrorState error={run.error} onRetry={() => runs.run(store.id)} action={putAway} />;
  }
  return run.cancelled ? (
    <Note title="The run was cancelled" action={putAway}>
      What stands below is from the run before.
    </Note>
  ) : null;
}
