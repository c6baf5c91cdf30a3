import { useDeferredValue, useState, type KeyboardEvent, type ReactNode } from 'react';
import { CircleCheck } from 'lucide-react';
import type { HealthCheck, HealthReport, Store } from '../../../shared/contract/index.ts';
import { healthGroups } from '../../../shared/contract/index.ts';
import { Button, EmptyState, Panel, SegmentedControl } from '../../design/index.ts';
import { attention, byUrgency, checkKey, groupNames, isOpen } from '../../features/health/index.ts';
import { CheckRow } from './check-row.tsx';
import { MuteDialog } from './mute-dialog.tsx';
import { MutedPanel } from './muted-panel.tsx';
import css from './checks.module.css';

type Filter = 'open' | 'skip' | 'all';

/** The lines of a report by group. */
export function Checks({
  store,
  report,
  wanted,
  run,
  onFix,
}: {
  store: Store;
  report: HealthReport;
  wanted: string | undefined;
  /** How far the run is; it stands beside the filter, so that nothing moves. */
  run: ReactNode;
  onFix: (check: string) => void;
}): ReactNode {
  const [filter, setFilter] = useState<Filter>('all');
  // The button answers at once, however many lines there are.
  const drawn = useDeferredValue(filter);
  const [muting, setMuting] = useState<HealthCheck>();
  const counted = report.checks.filter(({ muted }) => muted === undefined);
  const muted = report.checks.filter((check) => check.muted !== undefined);
  const open = attention(report).length;
  const shown = counted.filter(
    (check) => drawn === 'all' || (drawn === 'open' ? isOpen(check) : check.status === 'skip'),
  );
  return (
    <>
      <div className={css.bar}>
        <SegmentedControl
          label="Which checks"
          value={filter}
          choices={[
            { value: 'all', label: `All ${counted.length}` },
            { value: 'open', label: `To look at ${open}` },
            { value: 'skip', label: `Cannot tell ${report.counts.skip}` },
          ]}
          onChange={setFilter}
        />
        {run}
      </div>
      {shown.length === 0 ? (
        <Panel>
          <EmptyState
            icon={CircleCheck}
            title={drawn === 'open' ? 'Nothing fails or warns' : 'There is nothing that cannot be told'}
            action={<Button onClick={() => setFilter('all')}>Show all checks</Button>}
          />
        </Panel>
      ) : (
        <div className={css.groups} onKeyDown={moveByKey}>
          {healthGroups.map((group) => {
            const lines = byUrgency(shown.filter((check) => check.group === group));
            if (lines.length === 0) return null;
            return (
              <Panel
                key={group}
                padding="flush"
                title={groupNames[group]}
                actions={<Tally checks={lines} all={drawn === 'all'} />}
              >
                <ul className={css.list}>
                  {lines.map((check) => (
                    <CheckRow
                      key={checkKey(check)}
                      store={store}
                      check={check}
                      wanted={check.id === wanted}
                      onFix={onFix}
                      onMute={() => setMuting(check)}
                    />
                  ))}
                </ul>
              </Panel>
            );
          })}
        </div>
      )}
      {muted.length === 0 ? null : <MutedPanel store={store} checks={muted} />}
      {muting === undefined ? null : <MuteDialog store={store} check={muting} onClose={() => setMuting(undefined)} />}
    </>
  );
}

function Tally({ checks, all }: { checks: readonly HealthCheck[]; all: boolean }): ReactNode {
  const open = checks.filter(isOpen).length;
  const skipped = checks.filter(({ status }) => status === 'skip').length;
  const words = [
    open === 0 ? undefined : `${open} to look at`,
    skipped === 0 ? undefined : `${skipped} cannot be told`,
    all ? `${checks.length} in all` : undefined,
  ].filter((each) => each !== undefined);
  return <span className={css.tally}>{words.join(' · ')}</span>;
}

/** The arrow keys go from line to line. */
function moveByKey(event: KeyboardEvent<HTMLElement>): void {
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-check-line]')];
  const at = stops.findIndex((stop) => stop === document.activeElement);
  if (at < 0) return;
  const target = { ArrowDown: stops[at + 1], ArrowUp: stops[at - 1], Home: stops[0], End: stops.at(-1) }[event.key];
  if (target === undefined) return;
  event.preventDefault();
  target.focus();
}
