import { useState, type ReactNode } from 'react';
import { ChartLine } from 'lucide-react';
import type { Store } from '../../../shared/contract/index.ts';
import { formatBytes, formatDate, formatDateTime, formatDuration } from '../../../shared/format.ts';
import { errorData, useCall } from '../../data/index.ts';
import {
  EmptyState,
  ErrorState,
  Panel,
  SegmentedControl,
  Skeleton,
  TimeChart,
  useNow,
  type Choice,
} from '../../design/index.ts';
import { diskName } from './disk-warnings.ts';
import { firstFull, forecastWords } from './forecast-words.ts';
import { byteStep, growth, growthSpans, type GrowthSpan } from './growth.ts';
import css from './growth-panel.module.css';

const choices: readonly Choice<GrowthSpan>[] = [
  { value: '24h', label: '24 h' },
  { value: '7d', label: '7 d' },
  { value: '30d', label: '30 d' },
  { value: '1y', label: '1 y' },
];
const minute = 60_000;

/** Used space by role over time. */
export function GrowthPanel({ store }: { store: Store | undefined }): ReactNode {
  const [span, setSpan] = useState<GrowthSpan>('30d');
  const now = useNow();
  // Asked for anew once a minute at most, not with every tick of the clock.
  const until = Math.floor(now / minute) * minute;
  const [askedAt] = useState(until);
  const history = useCall(
    'usage.history',
    { ...(store === undefined ? {} : { store: store.id }), sinceMs: askedAt - growthSpans[span] },
    // A sample may be kept a minute after the last change was told of.
    { keepPrevious: true, everyMs: 60_000 },
  );
  const samples = history.data?.samples ?? [];
  const shown = growth(samples, span, until);
  const max =
    shown === undefined
      ? 0
      : Math.max(
          ...shown.times.map((_, index) => shown.series.reduce((sum, each) => sum + (each.values[index] ?? 0), 0)),
        );
  return (
    <Panel
      className={css.panel}
      title="Growth"
      actions={<SegmentedControl label="Span of time" size="small" value={span} choices={choices} onChange={setSpan} />}
    >
      {history.isError ? (
        <ErrorState error={errorData(history.error)} onRetry={() => void history.refetch()} />
      ) : history.data === undefined ? (
        <Skeleton what="Asking for the history" shape="block" />
      ) : shown === undefined ? (
        <EmptyState icon={ChartLine} title="Not enough history yet">
          {samples[0] === undefined
            ? 'Larder notes the size of each store as it changes. The line begins with the first two notes.'
            : `One note so far, from ${formatDateTime(samples[0].atMs)}. The line begins with the second.`}
        </EmptyState>
      ) : (
        <>
          <p className={css.words}>
            <b>{`${shown.change < 0 ? '−' : '+'}${formatBytes(Math.abs(shown.change))}`}</b>{' '}
            {shown.shorterThanAsked
              ? `in ${formatDuration(roundSpan(shown.to - shown.from))}; the history begins on ${formatDate(shown.from)}`
              : `since ${formatDate(shown.from)}`}
          </p>
          <FullWords store={store} now={now} />
          <TimeChart
            label="Used space by role over time"
            times={shown.times}
            series={shown.series}
            from={shown.from}
            to={shown.to}
            ticks={shown.ticks}
            valueStep={byteStep(max)}
            formatValue={(value) => formatBytes(value)}
            formatTime={(atMs) => formatDateTime(atMs)}
          />
        </>
      )}
    </Panel>
  );
}

/** When the first of the disks it lies on will be full, and how sure that is. */
function FullWords({ store, now }: { store: Store | undefined; now: number }): ReactNode {
  const disks = useCall('usage.disks', {}).data?.disks ?? [];
  const forecasts = useCall('usage.forecast', {}).data?.forecasts ?? [];
  const first = firstFull(forecasts, disks, store?.id);
  const words = forecastWords(first?.forecast, now);
  if (first === undefined || words === undefined) return null;
  return (
    <p className={css.words}>
      {disks.length > 1 ? `${diskName(first.disk)} is ` : 'The disk is '}
      <b>{words.short}</b> <span className={css.sure}>{words.detail}</span>
    </p>
  );
}

/** Two units are enough for a sentence: whole minutes. */
function roundSpan(ms: number): number {
  return Math.max(minute, Math.round(ms / minute) * minute);
}
