import { useState, type ReactNode } from 'react';
import { Trash2 } from 'lucide-react';
import type { BackupPlan, Store } from '../../../shared/contract/index.ts';
import { formatBytes, formatQuantity } from '../../../shared/format.ts';
import { remarksOnGlobs, type GlobRemark } from '../../../shared/glob-remarks.ts';
import { displayName } from '../../../shared/path-text.ts';
import { errorData, useCall } from '../../data/index.ts';
import { Button, Bytes, ErrorState, IconButton, Panel, Skeleton, Switch, TextField } from '../../design/index.ts';
import { AreaRules } from './area-rules.tsx';
import { savingOf, savingsByReason } from './savings.ts';
import type { RulesChange } from './use-rules.ts';
import css from './contents-section.module.css';

/** What backups of a store hold and leave out, with what each rule saves by the plan of the next backup. */
export function ContentsSection({
  store,
  change,
  busy,
}: {
  store: Store;
  change: RulesChange;
  busy: boolean;
}): ReactNode {
  const plan = useCall('backups.plan', { store: store.id }, { fresh: true });
  const again = (): void => void plan.refetch();
  const settle: RulesChange = (rules, then) =>
    change(rules, () => {
      then?.();
      again();
    });
  const looked = plan.isError ? undefined : plan.data;
  return (
    <>
      <Panel title="Left out by pattern">
        <Patterns
          patterns={store.rules.exclude}
          root={store.path}
          plan={plan.isFetching ? undefined : looked}
          busy={busy}
          onChange={(exclude, then) => settle({ exclude }, then)}
        />
      </Panel>
      <Panel title="Folders" padding="flush">
        {plan.isError ? (
          <div className={css.state}>
            <ErrorState error={errorData(plan.error)} onRetry={again} />
          </div>
        ) : looked === undefined ? (
          <Skeleton what="Looking at what is in the store" shape="rows" lines={6} />
        ) : (
          <AreaRules plan={looked} rules={store.rules} onChange={(areas) => settle({ areas })} />
        )}
        <div className={css.mounts}>
          <Switch
            label="Other file systems mounted inside the store"
            hint="On: counted and backed up, too. Off: shown as left out."
            checked={store.rules.crossMounts}
            onChange={(crossMounts) => settle({ crossMounts })}
          />
        </div>
      </Panel>
      <Panel title="The next backup would leave out">
        {looked === undefined ? (
          plan.isError ? null : (
            <Skeleton what="Looking at what would be left out" lines={3} />
          )
        ) : (
          <Reasons plan={looked} />
        )}
      </Panel>
    </>
  );
}

function Patterns({
  patterns,
  root,
  plan,
  busy,
  onChange,
}: {
  patterns: readonly string[];
  /** The store's own path. */
  root: string;
  /** Undefined while it is looked. */
  plan: BackupPlan | undefined;
  busy: boolean;
  onChange: (patterns: string[], then?: () => void) => void;
}): ReactNode {
  const [typed, setTyped] = useState('');
  const pattern = typed.trim();
  const remarks = new Map(
    remarksOnGlobs([...patterns, ...(pattern === '' ? [] : [pattern])], root).map((remark) => [remark.glob, remark]),
  );
  const problem = patterns.includes(pattern) ? 'This pattern is in the list already' : undefined;
  return (
    <>
      {patterns.length === 0 ? (
        <p className={css.quiet}>No pattern. Lock files, partial downloads and tagged caches are left out anyway.</p>
      ) : (
        <ul className={css.patterns} aria-label="Patterns">
          {patterns.map((each) => {
            const saving = plan === undefined ? undefined : savingOf(each, plan);
            return (
              <li key={each}>
                <span className={css.pattern}>
                  <code>{displayName(each)}</code>
                  <Remark remark={remarks.get(each)} />
                </span>
                <span className={css.saving}>
                  {plan === undefined
                    ? 'looking…'
                    : saving === undefined
                      ? 'nothing fits it now'
                      : `saves ${formatBytes(saving.bytes)}, ${formatQuantity(saving.files, 'file')}`}
                </span>
                <IconButton
                  icon={Trash2}
                  size="small"
                  label={`Take ${displayName(each)} off the list`}
                  onClick={() => onChange(patterns.filter((other) => other !== each))}
                />
              </li>
            );
          })}
        </ul>
      )}
      <form
        className={css.add}
        onSubmit={(event) => {
          event.preventDefault();
          if (pattern === '' || problem !== undefined) return;
          onChange([...patterns, pattern], () => setTyped(''));
        }}
      >
        <TextField
          label="Add a pattern"
          value={typed}
          onChange={setTyped}
          mono
          maxLength={1_000}
          placeholder="*.tmp"
          error={problem}
          hint={
            <>
              *.tmp by name anywhere; cache/** for all below a folder; build/ for folders of that name. * ? [a-z] **
              mean what they mean in a shell.
              <span role="status">
                <Remark remark={remarks.get(pattern)} />
              </span>
            </>
          }
          after={
            <Button type="submit" busy={busy} disabledReason={pattern === '' ? 'Write a pattern first' : problem}>
              Add
            </Button>
          }
        />
      </form>
    </>
  );
}

/** That a pattern can match nothing, or not what it seems to say. It may be kept all the same. */
function Remark({ remark }: { remark: GlobRemark | undefined }): ReactNode {
  if (remark === undefined) return null;
  return <span className={css.remark}>It may leave nothing out: {displayName(remark.why)}.</span>;
}

function Reasons({ plan }: { plan: BackupPlan }): ReactNode {
  const reasons = savingsByReason(plan);
  if (reasons.length === 0) return <p className={css.quiet}>Nothing: it would hold everything there is.</p>;
  return (
    <ul className={css.reasons}>
      {reasons.map(({ reason, bytes, files }) => (
        <li key={reason}>
          <span className={css.reason}>{reason}</span>
          <span className={css.quiet}>{formatQuantity(files, 'file')}</span>
          <Bytes value={bytes} />
        </li>
      ))}
    </ul>
  );
}
