import type { ReactNode } from 'react';
import { RotateCw } from 'lucide-react';
import type { Store } from '../../../shared/contract/index.ts';
import { useChosenStore } from '../../app/chosen-store.tsx';
import { errorData } from '../../data/index.ts';
import { Button, ErrorState, Panel, ProgressBar, RelativeTime, Skeleton } from '../../design/index.ts';
import {
  attention,
  attentionWords,
  restWords,
  ScoreRing,
  StatusMark,
  useHealth,
  useHealthRuns,
} from '../../features/health/index.ts';
import { progressWords } from './progress-words.ts';
import css from './all-health.module.css';

/** Runs the checks of every store. */
export function RunEverything({ stores }: { stores: readonly Store[] }): ReactNode {
  const runs = useHealthRuns();
  const running = stores.some((store) => runs.of(store.id).own);
  return (
    <Button
      variant="primary"
      icon={RotateCw}
      busy={running}
      onClick={() => {
        for (const store of stores) runs.run(store.id);
      }}
    >
      Run all now
    </Button>
  );
}

/** Every store with its score and what is worst in it. */
export function AllHealth({ stores }: { stores: readonly Store[] }): ReactNode {
  return (
    <ul className={css.cards}>
      {stores.map((store) => (
        <li key={store.id}>
          <StoreCard store={store} />
        </li>
      ))}
    </ul>
  );
}

const mostShown = 3;

function StoreCard({ store }: { store: Store }): ReactNode {
  const { query, run, running } = useHealth(store.id);
  const runs = useHealthRuns();
  const { choose } = useChosenStore();
  const report = query.data?.report;
  const open = report === undefined ? [] : attention(report);
  return (
    <Panel className={css.card}>
      <div className={css.head}>
        {report === undefined ? null : <ScoreRing score={report.score} ok={report.ok} />}
        <div className={css.words}>
          <h2 className={css.name}>{store.name}</h2>
          {report === undefined ? null : (
            <>
              <p>{attentionWords(report.counts) ?? 'Nothing to look at'}</p>
              <p className={css.quiet}>
                {restWords(report.counts)} · <RelativeTime atMs={report.atMs} />
              </p>
            </>
          )}
        </div>
      </div>
      {query.isError ? (
        <ErrorState compact error={errorData(query.error)} onRetry={() => void query.refetch()} />
      ) : query.data === undefined ? (
        <Skeleton what={`Asking for the health of ${store.name}`} />
      ) : report === undefined ? (
        <p className={css.quiet}>{running ? 'The first check runs.' : 'It was never checked.'}</p>
      ) : (
        <ul className={css.open}>
          {open.slice(0, mostShown).map((check) => (
            <li key={`${check.id} ${check.area ?? ''}`}>
              <StatusMark status={check.status} />
              <span className={css.title}>{check.title}</span>
            </li>
          ))}
          {open.length > mostShown ? <li className={css.quiet}>and {open.length - mostShown} more</li> : null}
        </ul>
      )}
      {running ? (
        <div className={css.running}>
          <span className={css.quiet}>{progressWords(run.progress)}</span>
          <ProgressBar
            slim
            label={`Checking ${store.name}`}
            done={run.progress?.done ?? 0}
            total={run.progress?.total}
          />
        </div>
      ) : null}
      {run.error === undefined ? null : <ErrorState compact error={run.error} onRetry={() => runs.run(store.id)} />}
      <div className={css.actions}>
        <Button
          aria-label={`Show ${store.name}`}
          onClick={() => {
            choose(store.id);
            // This button goes with its card; the keyboard begins at the top, as on a new page.
            document.getElementById('main')?.focus({ preventScroll: true });
          }}
        >
          Show
        </Button>
        {running ? null : (
          <Button variant="quiet" aria-label={`Check ${store.name} now`} onClick={() => runs.run(store.id)}>
            Check now
          </Button>
        )}
      </div>
    </Panel>
  );
}
