import { useState, type ReactNode } from 'react';
import type { Backup, RemovalPlan } from '../../../shared/contract/index.ts';
import { formatBytes, formatCount, formatDateTime, formatQuantity } from '../../../shared/format.ts';
import { Bytes, Figure, Figures, SegmentedControl, splitFile, Tag, VirtualList } from '../../design/index.ts';
import { PathList } from '../jobs/index.ts';
import { neededWords } from './backup-words.ts';
import { heldWords } from './removal-words.ts';
import css from './dialogs.module.css';

type Shown = 'all' | 'going' | 'staying';

/** What a removal takes and leaves, and why. */
export function RemovalPlanView({
  plan,
  names,
  named,
}: {
  plan: RemovalPlan;
  names: ReadonlyMap<string, Backup>;
  named: boolean;
}): ReactNode {
  const going = plan.backups.filter(({ keep }) => !keep);
  const [filter, setFilter] = useState<Shown>(going.length > 0 ? 'going' : 'all');
  const [active, setActive] = useState(-1);
  const rows = filter === 'all' ? plan.backups : plan.backups.filter(({ keep }) => keep === (filter === 'staying'));
  const neededBy = (id: string): string => {
    const words = neededWords(names.get(id)?.neededBy ?? 0);
    return words === undefined ? '' : ` · ${words}`;
  };
  return (
    <>
      <Figures>
        <Figure label="Go">{formatCount(going.length)}</Figure>
        {named ? null : <Figure label="Stay">{formatCount(plan.backups.length - going.length)}</Figure>}
        <Figure label="Freed at once">
          <Bytes value={plan.frees} />
        </Figure>
      </Figures>
      <div className={css.filter}>
        <h3>{named ? 'What goes' : 'Each backup, and why'}</h3>
        {named ? null : (
          <SegmentedControl
            label="Shown backups"
            size="small"
            value={filter}
            choices={[
              { value: 'going', label: 'Going' },
              { value: 'staying', label: 'Staying' },
              { value: 'all', label: 'All' },
            ]}
            onChange={setFilter}
          />
        )}
      </div>
      {rows.length === 0 ? (
        <p className={css.quiet}>{filter === 'going' ? 'The rules keep every backup there is.' : 'None.'}</p>
      ) : (
        <VirtualList
          label="Backups of the plan"
          className={rows.length > 8 ? css.list : css.shortList}
          count={rows.length}
          rowHeight={32}
          active={active}
          onActiveChange={setActive}
          renderRow={(index) => {
            const row = rows[index];
            if (row === undefined) return null;
            const backup = names.get(row.backup);
            const words = row.reasons.map((reason, at) => (row.kinds[at] === 'named' ? 'you chose it' : reason));
            const reasons = `${words.join(', ')}${row.keep ? '' : neededBy(row.backup)}`;
            return (
              <div className={css.row}>
                <span>
                  <Tag tone={row.keep ? 'ok' : 'bad'}>{row.keep ? 'stays' : 'goes'}</Tag>
                </span>
                <span>{backup === undefined ? row.backup : formatDateTime(backup.startedAtMs)}</span>
                <span className={css.reasons} title={reasons}>
                  {reasons}
                </span>
              </div>
            );
          }}
        />
      )}
      <Archives plan={plan} />
    </>
  );
}

/** Archives that outlive their own backups, and those written anew. */
function Archives({ plan: { held, compacts } }: { plan: RemovalPlan }): ReactNode {
  const lines = [
    ...held.map(({ archive, bytes, neededBy }) => ({
      path: splitFile(archive).name,
      reason: `stays: ${formatBytes(bytes)}, ${heldWords(neededBy.length)}`,
    })),
    ...compacts.map(({ archive, bytes, needed, why }) => ({
      path: splitFile(archive).name,
      reason:
        why === 'small'
          ? `${formatBytes(bytes)}, made one with other small ones`
          : `written anew with what is needed: ${formatBytes(needed)} instead of ${formatBytes(bytes)}`,
    })),
  ];
  if (lines.length === 0) return null;
  const bytes = held.reduce((sum, each) => sum + each.bytes, 0);
  const title = [
    ...(held.length === 0
      ? []
      : [`${formatQuantity(held.length, 'archive')} kept for later backups, ${formatBytes(bytes)}`]),
    ...(compacts.length === 0 ? [] : [`${formatQuantity(compacts.length, 'archive')} written anew`]),
  ].join('; ');
  return (
    <section aria-label="Archives">
      <h3 className={css.archives}>{title}</h3>
      <PathList label="What becomes of archives" lines={lines} />
    </section>
  );
}
