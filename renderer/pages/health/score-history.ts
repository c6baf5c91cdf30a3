import type { HealthSample } from '../../../shared/contract/index.ts';
import { timeTicks } from '../../features/backups/index.ts';
import type { TimeChartProps } from '../../design/index.ts';

type Drawn = Pick<TimeChartProps, 'times' | 'series' | 'from' | 'to' | 'ticks'>;

/**
 * The line of a score over time; undefined while there are not two moments to draw it between. A score holds until the
 * next run.
 */
export function scoreHistory(samples: readonly HealthSample[], nowMs: number): Drawn | undefined {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || samples.length < 2) return undefined;
  const to = Math.max(nowMs, last.atMs);
  const shown = to > last.atMs ? [...samples, { ...last, atMs: to }] : samples;
  return {
    times: shown.map(({ atMs }) => atMs),
    series: [{ id: 'score', label: 'Score', color: '--text-2', values: shown.map(({ score }) => score) }],
    from: first.atMs,
    to,
    ticks: timeTicks(first.atMs, to, 6),
  };
}

/** What became of the score since the first of these runs: "up 8 since"; undefined for fewer than two. */
export function changeWords(samples: readonly HealthSample[]): string | undefined {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || first === last) return undefined;
  const by = last.score - first.score;
  return by === 0 ? 'unchanged' : by > 0 ? `up ${by}` : `down ${-by}`;
}
