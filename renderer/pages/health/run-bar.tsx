import type { ReactNode } from 'react';
import type { Store } from '../../../shared/contract/index.ts';
import { Button, ErrorState, Note, ProgressBar } from '../../design/index.ts';
import { useHealthRuns, type HealthRun } from '../../features/health/index.ts';
import { progressWords } from './progress-words.ts';
import css from './run-bar.module.css';

/** How far the run is, and the way to end it; afterwards, how it failed. */
export function RunBar({ store, run, running }: { store: Store; run: HealthRun; running: boolean }): ReactNode {
  const runs = useHealthRuns();
  if (running) {
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
        ) : (
          <span className={css.words}>started elsewhere</span>
        )}
      </div>
    );
  }
  if (run.error !== undefined) {
    return (
      <ErrorState
        error={run.error}
        onRetry={() => runs.run(store.id)}
        action={
          <Button size="small" onClick={() => runs.dismiss(store.id)}>
            Put away
          </Button>
        }
      />
    );
  }
  if (run.cancelled) {
    return (
      <Note
        title="The run was cancelled"
        action={
          <Button size="small" onClick={() => runs.dismiss(store.id)}>
            Put away
          </Button>
        }
      >
        What stands below is from the run before.
      </Note>
    );
  }
  return null;
}
