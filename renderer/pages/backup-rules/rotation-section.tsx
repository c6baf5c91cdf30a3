import { useDeferredValue, useMemo, useState, type ReactNode } from 'react';
import type { Backup, Retention, Store } from '../../../shared/contract/index.ts';
import { formatBytes, formatCount, formatDateTime } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { keepsEverything, type Retained } from '../../../shared/retention.ts';
import { errorData, useCall, useSettings } from '../../data/index.ts';
import {
  Button,
  Bytes,
  CommandLine,
  EmptyState,
  ErrorState,
  Figure,
  Figures,
  larderCommand,
  Menu,
  NumberField,
  Panel,
  Select,
  Skeleton,
  Switch,
  Tag,
  useDebounced,
  useNow,
  VirtualTable,
  type Choice,
  type Column,
} from '../../design/index.ts';
import {
  folderOf,
  RemovalDialog,
  retentionOptions,
  rotationNumbers,
  rulesInWords,
  Timeline,
  type LookedDot,
} from '../../features/backups/index.ts';
import { inAYear, presets, reachWords, rotationNow, sameRules, type YearLater } from './rotation-model.ts';
import type { RulesChange } from './use-rules.ts';
import css from './rotation-section.module.css';

const noBackups: readonly Backup[] = [];
const most = 100_000;

/** How long backups are kept, with what that means for those there are, as the numbers are changed. */
export function RotationSection({ store, change }: { store: Store; change: RulesChange }): ReactNode {
  const { retention, rotate } = store.rules;
  const [draft, setDraft] = useState<Retention>();
  const rules = draft ?? retention;
  const changed = !sameRules(rules, retention);
  const list = useCall('backups.list', { store: store.id });
  const all = list.data?.backups ?? noBackups;
  const folders = useMemo(
    () => [...new Set([store.destination, ...all.filter((each) => each.store === store.id).map(folderOf)])],
    [all, store],
  );
  const [folder, setFolder] = useState(store.destination);
  const backups = useMemo(
    () => all.filter((backup) => backup.store === store.id && folderOf(backup) === folder),
    [all, store.id, folder],
  );
  const [planning, setPlanning] = useState(false);

  return (
    <>
      <Panel
        title="Keep"
        actions={
          <Menu
            label="Begin with"
            trigger={<Button size="small">Begin with…</Button>}
            items={presets.map((preset) => ({
              id: preset.label,
              label: preset.label,
              run: () => setDraft(preset.rules),
            }))}
          />
        }
      >
        <div className={css.numbers}>
          {rotationNumbers.map(({ key, label, hint }) => (
            <div key={key} className={css.number}>
              <NumberField
                label={label}
                value={rules[key]}
                min={0}
                max={most}
                live
                onChange={(value) => setDraft({ ...rules, [key]: value })}
              />
              <span className={css.hint}>{hint}</span>
            </div>
          ))}
          <div className={css.number}>
            <NumberField
              label="Within"
              value={rules.keepWithinDays ?? 0}
              min={0}
              max={most}
              unit="days"
              live
              onChange={(days) => {
                const { keepWithinDays: _, ...rest } = rules;
                setDraft(days === 0 ? rest : { ...rest, keepWithinDays: days });
              }}
            />
            <span className={css.hint}>everything made in them</span>
          </div>
        </div>
        <p className={css.sentence}>
          Keeps <b>{rulesInWords(rules)}</b>
          {keepsEverything(rules)
            ? '.'
            : ', and whatever the rules: pinned ones, the newest whole and the newest verified.'}
        </p>
        <div className={css.foot}>
          <Switch
            label="Apply after each backup"
            hint={
              keepsEverything(rules)
                ? 'With no rule there is nothing to remove.'
                : rotate
                  ? 'What the saved rules do not keep goes as soon as a new backup is whole.'
                  : 'Off: nothing goes unless you say so.'
            }
            checked={rotate}
            onChange={(next) => change({ rotate: next })}
          />
          <span className={css.buttons}>
            {changed ? <Button onClick={() => setDraft(undefined)}>Undo changes</Button> : null}
            <Button
              variant={changed ? 'primary' : 'plain'}
              disabledReason={changed ? undefined : 'These rules are saved'}
              onClick={() => change({ retention: rules }, () => setDraft(undefined))}
            >
              Save rules
            </Button>
          </span>
        </div>
      </Panel>
      <Panel
        title="What that means"
        actions={
          <>
            {folders.length > 1 ? (
              <Select
                label="Backup folder"
                labelHidden
                value={folder}
                choices={folders.map((path) => ({ value: path, label: displayName(path) }))}
                onChange={setFolder}
              />
            ) : null}
            <Button
              disabledReason={backups.length === 0 ? 'There is no backup in this folder' : undefined}
              onClick={() => setPlanning(true)}
            >
              Show what would be removed…
            </Button>
          </>
        }
      >
        {list.isError ? (
          <ErrorState error={errorData(list.error)} onRetry={() => void list.refetch()} />
        ) : list.data === undefined ? (
          <Skeleton what="Looking for backups" shape="block" />
        ) : (
          <Simulator backups={backups} rules={rules} />
        )}
        <CommandLine command={larderCommand('prune', store.name, ...retentionOptions(rules), '--dry-run')} />
      </Panel>
      {planning ? (
        <RemovalDialog
          store={store}
          destination={folder}
          wish={{ retention: rules }}
          backups={backups}
          onClose={() => setPlanning(false)}
        />
      ) : null}
    </>
  );
}

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

function Simulator({ backups, rules }: { backups: readonly Backup[]; rules: Retention }): ReactNode {
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
