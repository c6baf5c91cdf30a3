import { useState, type ReactNode } from 'react';
import { z } from 'zod';
import type { Backup, Job, RemovalPlan, Retention, Store } from '../../../shared/contract/index.ts';
import { formatBytes, formatCount, formatDateTime, formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { RunningJob } from '../../app/frame/index.ts';
import { useQuietJobs } from '../../app/quiet-jobs.tsx';
import { errorData, useAction, useCall } from '../../data/index.ts';
import {
  Button,
  Bytes,
  Checkbox,
  CommandLine,
  Dialog,
  ErrorState,
  Figure,
  Figures,
  larderCommand,
  Note,
  SegmentedControl,
  Skeleton,
  Tag,
  VirtualList,
} from '../../design/index.ts';
import { PathList, useJob, useJobWarnings } from '../jobs/index.ts';
import { retentionOptions } from './backup-words.ts';
import { heldWords, removalSummary, removalTitle } from './removal-words.ts';
import css from './dialogs.module.css';

export interface RemovalDialogProps {
  store: Store;
  /** The folder they lie in. */
  destination: string;
  /** Exactly these, or those that the rules do not keep. */
  wish: { backups: readonly string[] } | { retention: Retention };
  /** All backups of the store in that folder. */
  backups: readonly Backup[];
  onClose: () => void;
}

/** What removing backups would do, exactly; then does it, and tells what came of it. */
export function RemovalDialog({ store, destination, wish, backups, onClose }: RemovalDialogProps): ReactNode {
  const named = 'backups' in wish;
  const [jobId, setJobId] = useState<string>();
  const planned = useCall(
    'backups.planRemoval',
    { store: store.id, destination, ...(named ? { backups: [...wish.backups] } : { retention: wish.retention }) },
    // What it was made of is gone while the removal runs.
    { fresh: true, enabled: jobId === undefined },
  );
  const [plan, setPlan] = useState<RemovalPlan>();
  // The plan that was shown stays the one that is spoken of when others are asked for.
  const shown = plan ?? (planned.isError || planned.isFetching ? undefined : planned.data);
  const [names] = useState(() => new Map(backups.map((backup) => [backup.id, backup])));
  const [before] = useState(backups);
  const [sure, setSure] = useState(false);
  const remove = useAction('backups.remove');
  const job = useJob(jobId);
  useQuietJobs((each) => each.id === jobId);
  const summary = shown === undefined ? undefined : removalSummary(shown, before);
  const ended = job !== undefined && job.status !== 'running';
  const mustBeSure = summary !== undefined && (summary.pinned > 0 || summary.leavesNoneWhole);

  const start = (): void => {
    if (shown === undefined) return;
    setPlan(shown);
    remove.mutate(
      { plan: shown.plan },
      { onSuccess: (answer) => setJobId(answer.job), onError: () => setPlan(undefined) },
    );
  };
  return (
    <Dialog
      open
      onClose={onClose}
      size="large"
      title={
        ended
          ? 'Removal'
          : summary === undefined
            ? 'Remove backups'
            : summary.going === 0
              ? 'Nothing to remove'
              : removalTitle(summary)
      }
      description={`${store.name}, in ${displayName(destination)}`}
      footer={
        jobId === undefined ? (
          <>
            <Button onClick={onClose}>{summary?.going === 0 ? 'Close' : 'Cancel'}</Button>
            {summary === undefined || summary.going === 0 ? null : (
              <Button
                variant="danger"
                busy={remove.isPending}
                disabledReason={mustBeSure && !sure ? 'Tick the box first' : undefined}
                onClick={start}
              >
                Remove {formatQuantity(summary.going, 'backup')}
              </Button>
            )}
          </>
        ) : (
          <Button variant={ended ? 'primary' : 'plain'} onClick={onClose}>
            {ended ? 'Done' : 'Continue in the background'}
          </Button>
        )
      }
    >
      <div className={css.body}>
        {remove.isError ? (
          <ErrorState
            error={errorData(remove.error)}
            onRetry={() => {
              remove.reset();
              void planned.refetch();
            }}
          />
        ) : null}
        {jobId !== undefined ? (
          <Outcome job={job} />
        ) : planned.isError ? (
          <ErrorState error={errorData(planned.error)} onRetry={() => void planned.refetch()} />
        ) : shown === undefined || summary === undefined ? (
          <Skeleton what="Looking at what would go" lines={7} />
        ) : (
          <>
            {summary.leavesNoneWhole ? (
              <Note tone="bad" title="No whole backup is left afterwards">
                What is lost in {store.name} after that cannot be got back.
              </Note>
            ) : null}
            {summary.pinned > 0 ? (
              <Note tone="warn" title={`${formatQuantity(summary.pinned, 'pinned backup')} among them`}>
                A pin keeps a backup from rotation; removing it by hand is still possible.
              </Note>
            ) : null}
            <PlanShown plan={shown} names={names} named={named} />
            {mustBeSure ? (
              <Checkbox
                label={summary.leavesNoneWhole ? 'Remove the last whole backup, too' : 'Remove pinned backups, too'}
                checked={sure}
                onChange={setSure}
              />
            ) : null}
            {named ? null : (
              <CommandLine
                command={larderCommand('prune', store.name, ...retentionOptions(wish.retention), '--dry-run')}
              />
            )}
          </>
        )}
      </div>
    </Dialog>
  );
}

type Shown = 'all' | 'going' | 'staying';

function PlanShown({
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
    const backup = names.get(id);
    return backup === undefined || backup.neededBy === 0
      ? ''
      : ` · needed by ${formatQuantity(backup.neededBy, 'later backup')}`;
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
            const reasons = `${row.reasons.map(reasonWords).join(', ')}${row.keep ? '' : neededBy(row.backup)}`;
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
      path: nameOf(archive),
      reason: `stays: ${formatBytes(bytes)}, ${heldWords(neededBy.length)}`,
    })),
    ...compacts.map(({ archive, bytes, needed }) => ({
      path: nameOf(archive),
      reason: `written anew with what is needed: ${formatBytes(needed)} instead of ${formatBytes(bytes)}`,
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

/** The engine says of a backup that goes by name only that it was named. */
function reasonWords(reason: string): string {
  return reason === 'named' ? 'you chose it' : reason;
}

function nameOf(path: string): string {
  return path.slice(path.search(/[^/\\]*$/));
}

const removedSchema = z.looseObject({
  removed: z.array(z.string()),
  freed: z.number(),
  held: z.array(z.string()).default([]),
  compacted: z.array(z.string()).default([]),
});

function Outcome({ job }: { job: Job | undefined }): ReactNode {
  const warnings = useJobWarnings(job);
  if (job === undefined) return <Skeleton what="Starting" lines={2} />;
  if (job.status === 'running') return <RunningJob job={job} />;
  const result = removedSchema.safeParse(job.result).data;
  return (
    <>
      {job.error === undefined ? null : <ErrorState error={job.error} />}
      {job.status === 'cancelled' ? (
        <Note tone="info" title="It was cancelled">
          Backups removed until then are gone; all others are whole.
        </Note>
      ) : null}
      {result === undefined ? null : (
        <Note
          tone="ok"
          title={`${formatQuantity(result.removed.length, 'backup')} removed, ${formatBytes(result.freed)} freed`}
        >
          {result.held.length === 0
            ? null
            : `${formatQuantity(result.held.length, 'archive')} kept for later backups. `}
          {result.compacted.length === 0 ? null : `${formatQuantity(result.compacted.length, 'archive')} made smaller.`}
        </Note>
      )}
      {warnings === undefined || warnings.length === 0 ? null : <PathList label="Remarks" lines={warnings} />}
    </>
  );
}
