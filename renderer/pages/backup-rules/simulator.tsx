import { useDeferredValue, useMemo, useState, type ReactNode } from 'react';
import type { Backup, Retention } from '../../../shared/contract/index.ts';
import { formatBytes, formatCount, formatDateTime } from '../../../shared/format.ts';
import type { Retained } from '../../../shared/retention.ts';
import { useSettings } from '../../data/index.ts';
import {
  Bytes,
  EmptyState,
  Figure,
  Figures,
  Select,
  Tag,
  useDebounced,
  useNow,
  VirtualTable,
  type Choice,
  type Column,
} from '../../design/index.ts';
import { Timeline, type LookedDot } from '../../features/backups/index.ts';
import { inAYear, reachWords, rotationNow, type YearLater } from './rotation-model.ts';
import css from './rotation-section.module.css';

const columns: readonly Column<Retained<Backup>>[] = [
  {
    id: 'when',
    header: 'When',
    className: css.when,
    firstDirection: 'down',
    compare: (a, b) => a.backup.startedAtMs - b.backup.startedAtMs,
    cell: ({ backup }) => formatDateTime(backup.startedAtMs),
  },
  {
    id: 'kind',
    header: 'Kind',
    className: css.kind,
    cell: ({ backup }) => <span className={css.hint}>{backup.kind}</span>,
  },
  {
    id: 'added',
    header: 'Added',
    align: 'end',
    className: css.figure,
    compare: (a, b) => a.backup.storedBytes - b.backup.storedBytes,
    cell: ({ backup }) => <Bytes value={backup.storedBytes} />,
  },
  {
    id: 'keep',
    header: 'Then',
    className: css.keep,
    compare: (a, b) => Number(a.keep) - Number(b.keep),
    cell: ({ keep }) => <Tag tone={keep ? 'ok' : 'bad'}>{keep ? 'stays' : 'goes'}</Tag>,
  },
  {
    id: 'why',
    header: 'Why',
    cell: ({ reasons, backup }) => {
      const words = [...reasons, ...(backup.note === undefined || backup.note === '' ? [] : [`“${backup.note}”`])];
      return <span title={words.join(', ')}>{words.join(', ')}</span>;
    },
  },
];

/** What rules keep of the backups there are, as the numbers are changed, and what they leave in a year. */
export function Simulator({ backups, rules }: { backups: readonly Backup[]; rules: Retention }): ReactNode {
  const nowMs = useNow();
  const [timeZone] = useState(() => Intl.DateTimeFormat().resolvedOptions().timeZone);
  const [chosen, setChosen] = useState<string>();
  const [every, setEvery] = useState<Every>('24');
  const year = useYear(backups, rules, timeZone, every);
  // Thousands of backups take a moment; the fields must not wait for it.
  const settled = useDeferredValue(rules);
  const now = useMemo(() => rotationNow(backups, settled, { nowMs, timeZone }), [backups, settled, nowMs, timeZone]);
  const dots = useMemo<LookedDot[]>(
    () =>
      now.decided.map(({ backup, keep, reasons }) => ({
        key: backup.id,
        atMs: backup.startedAtMs,
        weight: backup.storedBytes,
        look: keep ? 'kept' : 'removed',
        words: `${formatDateTime(backup.startedAtMs)} · ${keep ? 'stays' : 'goes'}: ${reasons.join(', ')}`,
      })),
    [now],
  );
  return (
    <>
      <div className={css.year}>
        <Figures>
          <Figure label="Stay">{formatCount(now.kept)}</Figure>
          <Figure label="Go" note={now.removed === 0 ? undefined : `up to ${formatBytes(now.removedBytes)}`}>
            {formatCount(now.removed)}
          </Figure>
          <Figure
            label={`In a year, with ${everyWords[every]} backup`}
            note={year.reachMs === undefined ? 'at most' : `reaching back ${reachWords(year.reachMs)}`}
          >
            {formatCount(year.count)}
          </Figure>
        </Figures>
        <span className={css.every}>
          For the year:
          <Select label="A backup is made" labelHidden value={every} choices={everyChoices} onChange={setEvery} />
        </span>
      </div>
      {backups.length === 0 ? (
        <EmptyState title="No backups to try the rules on yet">
          The figure for a year from now holds all the same.
        </EmptyState>
      ) : (
        <>
          <Timeline
            label="Timeline of what stays and goes"
            dots={dots}
            chosen={chosen}
            onChoose={setChosen}
            legend={[
              { look: 'kept', label: 'stays' },
              { look: 'removed', label: 'goes' },
            ]}
          />
          <VirtualTable
            label="What stays and goes"
            className={css.table}
            columns={columns}
            rows={now.decided}
            rowKey={({ backup }) => backup.manifest}
            rowHeight={32}
            initialSort={{ column: 'when', direction: 'down' }}
            onActivate={({ backup }) => setChosen(backup.id)}
            revealed={backups.find(({ id }) => id === chosen)?.manifest}
            rowClass={({ backup }) => (backup.id === chosen ? css.chosen : undefined)}
          />
        </>
      )}
    </>
  );
}

type Every = '1' | '6' | '24' | '168';
const everyWords: Readonly<Record<Every, string>> = {
  1: 'an hourly',
  6: 'a six-hourly',
  24: 'a daily',
  168: 'a weekly',
};
const everyChoices: readonly Choice<Every>[] = [
  { value: '1', label: 'Hourly' },
  { value: '6', label: 'Every 6 h' },
  { value: '24', label: 'Daily' },
  { value: '168', label: 'Weekly' },
];

/** What the rules leave of a year of backups. Reckoned when the numbers rest, as it goes through hundreds of rotations. */
function useYear(backups: readonly Backup[], rules: Retention, timeZone: string, every: Every): YearLater {
  const [nowMs] = useState(() => Date.now());
  const verified = useSettings()?.verifyAfterBackup ?? true;
  const resting = useDebounced(rules, 200);
  return useMemo(
    () =>
      inAYear(rotationNow(backups, resting, { nowMs, timeZone }), resting, {
        nowMs,
        timeZone,
        everyHours: Number(every),
        verified,
      }),
    [backups, resting, nowMs, timeZone, every, verified],
  );
}
