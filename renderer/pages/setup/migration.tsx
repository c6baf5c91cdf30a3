import { useState, type ReactNode } from 'react';
import { ArrowRight } from 'lucide-react';
import { setupResultSchema, type MoveLeaves, type SetupMove, type SetupPlan } from '../../../shared/contract/index.ts';
import { formatBytes, formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { useQuietJobs } from '../../app/quiet-jobs.tsx';
import { errorData, useAction, useCall } from '../../data/index.ts';
import {
  Button,
  Bytes,
  Checkbox,
  ConfirmDialog,
  ErrorState,
  FolderField,
  Icon,
  Note,
  Panel,
  RadioCards,
  Skeleton,
} from '../../design/index.ts';
import { useJob } from '../../features/jobs/index.ts';
import type { Choices } from './choices.ts';
import { JobOutcome } from './job-outcome.tsx';
import { useSetupPlan } from './plan-step.tsx';
import css from './migration.module.css';

const nothingElse: readonly never[] = [];

/**
 * Data at places where programs kept it before there was a data folder, to be moved in: copied, verified, switched, and
 * kept at its old place under another name. Nothing for a layout that knows no such places.
 */
export function Migration({ choices: given }: { choices: Choices }): ReactNode {
  const layout = useCall('layouts.list', {}).data?.layouts.find(({ id }) => id === given.layout);
  const [code, setCode] = useState(given.code);
  const choices: Choices = { ...given, parts: nothingElse, code };
  const [job, setJob] = useState<string>();
  const running = useJob(job);
  useQuietJobs((each) => each.id === job);
  const busy = job !== undefined && (running === undefined || running.status === 'running');
  const plan = useSetupPlan(choices, !busy && (layout?.moves.length ?? 0) > 0);
  if ((layout?.moves.length ?? 0) === 0) return null;
  const moved = setupResultSchema.safeParse(running?.result).data?.moved ?? [];
  return (
    <Panel title="Data at old places">
      <div className={css.body}>
        {job === undefined ? null : <JobOutcome job={running} what="Moving data in" />}
        {moved.length === 0 ? null : (
          <Note tone="ok" title={`${formatQuantity(moved.length, 'folder')} moved in`}>
            <ul className={css.moved}>
              {moved.map(({ from, to, kept, files, bytes }) => (
                <li key={from}>
                  {formatQuantity(files, 'file')}, {formatBytes(bytes)} are in <code>{displayName(to)}</code>; as they
                  were, they are kept in <code>{displayName(kept)}</code>
                </li>
              ))}
            </ul>
          </Note>
        )}
        {busy ? null : plan.isError ? (
          <ErrorState error={errorData(plan.error)} onRetry={() => void plan.refetch()} compact />
        ) : plan.data === undefined ? (
          <Skeleton what="Looking at old places" lines={3} />
        ) : plan.data.moves.length === 0 ? (
          <p className={css.quiet}>
            {moved.length > 0
              ? 'There is no more at the old places.'
              : `Nothing is at the ${formatQuantity(layout?.moves.length ?? 0, 'place')} this layout knows.`}
          </p>
        ) : (
          <Found choices={choices} plan={plan.data} onStarted={setJob} />
        )}
        {busy ? null : (
          <FolderField
            label="Folder of the code"
            value={code}
            onChange={setCode}
            chooseTitle="Choose the folder the code lies in"
            placeholder="The folder the data folder lies in"
          />
        )}
      </div>
    </Panel>
  );
}

function Found({
  choices,
  plan,
  onStarted,
}: {
  choices: Choices;
  plan: SetupPlan;
  onStarted: (job: string) => void;
}): ReactNode {
  const movable = plan.moves.filter(({ refusal }) => refusal === undefined);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [leave, setLeave] = useState<MoveLeaves>('renamed');
  const [asking, setAsking] = useState(false);
  const chosen = movable.filter(({ from }) => !left.has(from));
  const toggle = (from: string, on: boolean): void =>
    setLeft((before) => {
      const after = new Set(before);
      if (on) after.delete(from);
      else after.add(from);
      return after;
    });
  const bytes = chosen.reduce((sum, move) => sum + move.bytes, 0);
  return (
    <>
      <ul className={css.moves} aria-label="Data at old places">
        {plan.moves.map((move) => (
          <Move key={move.from} move={move} on={!left.has(move.from)} onToggle={(on) => toggle(move.from, on)} />
        ))}
      </ul>
      {movable.length === 0 ? null : (
        <>
          <h3>What stays at the old place</h3>
          <RadioCards<MoveLeaves>
            label="What stays at the old place"
            value={leave}
            cards={[
              {
                value: 'renamed',
                label: 'The old data under another name',
                children: 'Programs must be told the new place, for example by persistent.env.',
              },
              {
                value: 'link',
                label: 'A link to the new place, too',
                children: 'Programs that still look there go on working.',
              },
            ]}
            onChange={setLeave}
          />
          <div className={css.foot}>
            <span className={css.quiet}>
              {formatBytes(bytes)} to copy, {formatBytes(plan.free)} free. Each file is verified before the old place is
              let go; nothing is deleted.
            </span>
            <Button
              variant="primary"
              disabledReason={chosen.length === 0 ? 'Tick what is to move first' : undefined}
              onClick={() => setAsking(true)}
            >
              {chosen.length === 0 ? 'Move in…' : `Move ${formatQuantity(chosen.length, 'folder')} in…`}
            </Button>
          </div>
        </>
      )}
      {asking ? (
        <MoveDialog
          choices={choices}
          moves={chosen}
          all={chosen.length === movable.length}
          leave={leave}
          onClose={() => setAsking(false)}
          onStarted={onStarted}
        />
      ) : null}
    </>
  );
}

function Move({
  move: { from, to, files, bytes, refusal },
  on,
  onToggle,
}: {
  move: SetupMove;
  on: boolean;
  onToggle: (on: boolean) => void;
}): ReactNode {
  return (
    <li className={css.move}>
      <Checkbox
        label={`Move ${displayName(from)}`}
        labelHidden
        checked={refusal === undefined && on}
        disabled={refusal !== undefined}
        onChange={onToggle}
      />
      <div className={css.places}>
        <code>{displayName(from)}</code>
        <span className={css.to}>
          <Icon icon={ArrowRight} size={12} />
          <code>{displayName(to)}</code>
        </span>
        {refusal === undefined ? null : <p className={css.quiet}>{displayName(refusal)}</p>}
      </div>
      <span className={css.figures}>
        <Bytes value={bytes} />
        <span className={css.quiet}>{formatQuantity(files, 'file')}</span>
      </span>
    </li>
  );
}

/** Plans exactly this move and asks once, naming the numbers. */
function MoveDialog({
  choices,
  moves,
  all,
  leave,
  onClose,
  onStarted,
}: {
  choices: Choices;
  moves: readonly SetupMove[];
  all: boolean;
  leave: MoveLeaves;
  onClose: () => void;
  onStarted: (job: string) => void;
}): ReactNode {
  const plan = useSetupPlan(choices, true, { move: all ? 'all' : moves.map(({ from }) => from), leave });
  const apply = useAction('setup.apply');
  const shown = plan.isFetching || plan.isError ? undefined : plan.data;
  const chosen = shown?.moves.filter((move) => move.chosen) ?? moves;
  const failed = apply.isError ? apply.error : plan.isError ? plan.error : undefined;
  return (
    <ConfirmDialog
      open
      title={`Move ${formatQuantity(chosen.length, 'folder')} in?`}
      confirmLabel="Move in"
      busy={apply.isPending || plan.isFetching}
      error={failed === undefined ? undefined : errorData(failed)}
      onClose={onClose}
      onConfirm={() => {
        if (shown === undefined) return;
        apply.mutate(
          { plan: shown.plan, register: false },
          {
            onSuccess: ({ job }) => {
              onClose();
              onStarted(job);
            },
          },
        );
      }}
    >
      <p>
        {formatQuantity(
          chosen.reduce((sum, { files }) => sum + files, 0),
          'file',
        )}
        , {formatBytes(chosen.reduce((sum, { bytes }) => sum + bytes, 0))}, are copied and verified; then the old place
        is renamed{leave === 'link' ? ' and a link to the new one left there' : ''}. Programs that write there should be
        stopped meanwhile. It can be undone.
      </p>
      <ul className={css.moved}>
        {chosen.map(({ from }) => (
          <li key={from}>
            <code>{displayName(from)}</code>
          </li>
        ))}
      </ul>
    </ConfirmDialog>
  );
}
