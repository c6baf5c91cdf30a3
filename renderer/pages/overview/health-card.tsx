import { useState, type ReactNode } from 'react';
import { ListChecks } from 'lucide-react';
import type { HealthCheck, HealthReport, Store } from '../../../shared/contract/index.ts';
import { useChosenStore } from '../../app/chosen-store.tsx';
import { href, pagePaths } from '../../app/paths.ts';
import { errorData } from '../../data/index.ts';
import { Button, EmptyState, ErrorState, Panel, Skeleton } from '../../design/index.ts';
import {
  attention,
  checkKey,
  FixDialog,
  NextStep,
  restWords,
  StatusMark,
  useAllHealth,
  useHealthRuns,
} from '../../features/health/index.ts';
import css from './health-card.module.css';

const mostShown = 4;

interface Line {
  store: Store;
  check: HealthCheck;
}

/** The score, what fails, and the button that mends it. */
export function HealthCard({ stores }: { stores: readonly Store[] }): ReactNode {
  const queries = useAllHealth(stores);
  const runs = useHealthRuns();
  const { choose } = useChosenStore();
  const [fixing, setFixing] = useState<{ store: Store; check: string }>();
  const failed = queries.find((query) => query.isError);
  const known = stores.flatMap((store, index): { store: Store; report: HealthReport }[] => {
    const report = queries[index]?.data?.report;
    return report === undefined ? [] : [{ store, report }];
  });
  const running = stores.some((store, index) => queries[index]?.data?.running === true || runs.of(store.id).own);
  const lines = worstFirst(known);
  const only = stores.length === 1 ? stores[0] : undefined;
  const shown = lines.slice(0, mostShown);
  return (
    <Panel title="Health" actions={<Score known={known} />}>
      {failed?.error != null ? (
        <ErrorState compact error={errorData(failed.error)} onRetry={() => void failed.refetch()} />
      ) : queries.some((query) => query.isPending) ? (
        <Skeleton what="Asking for the health" lines={4} />
      ) : known.length === 0 ? (
        <EmptyState
          icon={ListChecks}
          title={running ? 'The first check runs' : 'Not checked yet'}
          action={
            running ? undefined : (
              <Button
                onClick={() => {
                  for (const store of stores) runs.run(store.id);
                }}
              >
                Run the checks
              </Button>
            )
          }
        >
          Folders, permissions, disk, models, backups and compose files are looked at.
        </EmptyState>
      ) : (
        <ul>
          {shown.map(({ store, check }) => (
            <li key={`${store.id} ${checkKey(check)}`} className={css.line}>
              <a
                className={css.words}
                href={href(pagePaths.health(check.id))}
                onClick={() => choose(store.id)}
                title={`${check.title}: ${check.evidence}`}
              >
                <StatusMark bare status={check.status} />
                <span className={css.title}>
                  {check.title}
                  {only === undefined ? <span className={css.quiet}> · {store.name}</span> : null}
                </span>
                <span className={css.evidence}>{check.evidence}</span>
              </a>
              <NextStep store={store} check={check} onFix={(id) => setFixing({ store, check: id })} />
            </li>
          ))}
          <li className={css.rest}>
            <span>
              {lines.length > shown.length ? `${lines.length - shown.length} more, ` : ''}
              {restWords(sum(known.map(({ report }) => report.counts)))}
            </span>
            <a className={css.all} href={href(pagePaths.health())}>
              Show all
            </a>
          </li>
        </ul>
      )}
      {fixing === undefined ? null : (
        <FixDialog store={fixing.store} check={fixing.check} onClose={() => setFixing(undefined)} />
      )}
    </Panel>
  );
}

/** Of several stores the lowest: they are no better than the worst of them. */
function Score({ known }: { known: readonly { report: HealthReport }[] }): ReactNode {
  if (known.length === 0) return null;
  return (
    <p className={css.score}>
      <b>{Math.min(...known.map(({ report }) => report.score))}</b> / 100
      {known.length > 1 ? ', the lowest' : ''}
    </p>
  );
}

function worstFirst(known: readonly { store: Store; report: HealthReport }[]): readonly Line[] {
  const lines = known.flatMap(({ store, report }) => attention(report).map((check): Line => ({ store, check })));
  return lines.toSorted((a, b) => Number(b.check.status === 'fail') - Number(a.check.status === 'fail'));
}

function sum(counts: readonly HealthReport['counts'][]): Pick<HealthReport['counts'], 'pass' | 'skip' | 'muted'> {
  return {
    pass: counts.reduce((total, { pass }) => total + pass, 0),
    skip: counts.reduce((total, { skip }) => total + skip, 0),
    muted: counts.reduce((total, { muted }) => total + muted, 0),
  };
}
