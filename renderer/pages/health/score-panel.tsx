import { useState, type ReactNode } from 'react';
import type { HealthReport, Store } from '../../../shared/contract/index.ts';
import { formatDate, formatDateTime, formatDuration } from '../../../shared/format.ts';
import { errorData, useCall } from '../../data/index.ts';
import { ErrorState, Panel, RelativeTime, Skeleton, TimeChart, useNow } from '../../design/index.ts';
import { ScoreRing } from '../../features/health/index.ts';
import { changeWords, scoreHistory } from './score-history.ts';
import css from './score-panel.module.css';

const minute = 60_000;
const yearMs = 365 * 86_400_000;

/** The score with what it is made of, and how it came to be. */
export function ScorePanel({ store, report }: { store: Store; report: HealthReport }): ReactNode {
  const { counts } = report;
  return (
    <Panel className={css.panel}>
      <div className={css.now}>
        <ScoreRing score={report.score} ok={report.ok} />
        <dl className={css.counts}>
          <Line label="fail" value={counts.fail} tone={css.bad} />
          <Line label="warn" value={counts.warn} tone={css.warn} />
          <Line label="pass" value={counts.pass} tone={css.ok} />
          <Line label="cannot be told" value={counts.skip} />
          <Line label="muted" value={counts.muted} />
        </dl>
        <p className={css.when}>
          Last run <RelativeTime atMs={report.atMs} />, took{' '}
          {report.tookMs < 1_000 ? 'under a second' : formatDuration(report.tookMs)}. What is muted or cannot be told
          does not count.
        </p>
      </div>
      <History store={store} />
    </Panel>
  );
}

function Line({ label, value, tone }: { label: string; value: number; tone?: string | undefined }): ReactNode {
  return (
    <div className={value === 0 ? css.none : tone}>
      <dd>{value}</dd>
      <dt>{label}</dt>
    </div>
  );
}

function History({ store }: { store: Store }): ReactNode {
  const until = Math.floor(useNow() / minute) * minute;
  const [askedAt] = useState(until);
  const history = useCall('health.history', { store: store.id, sinceMs: askedAt - yearMs }, { keepPrevious: true });
  const samples = history.data?.samples ?? [];
  const drawn = scoreHistory(samples, until);
  return (
    <section className={css.history} aria-label="History of the score">
      {history.isError ? (
        <ErrorState error={errorData(history.error)} onRetry={() => void history.refetch()} />
      ) : history.data === undefined ? (
        <Skeleton what="Asking for the history" shape="block" />
      ) : drawn === undefined ? (
        <p className={css.first}>
          <b>Not enough history yet.</b>{' '}
          {samples[0] === undefined
            ? 'The line begins with two notes of the score.'
            : `One note so far, from ${formatDateTime(samples[0].atMs)}. The line begins with the second.`}
        </p>
      ) : (
        <>
          <p className={css.change}>
            Score <b>{changeWords(samples)}</b> since {formatDate(drawn.from)}
          </p>
          <TimeChart
            {...drawn}
            label="Score over time"
            compact
            maxValue={100}
            valueStep={25}
            formatValue={String}
            formatTime={(atMs) => formatDateTime(atMs)}
          />
        </>
      )}
    </section>
  );
}
