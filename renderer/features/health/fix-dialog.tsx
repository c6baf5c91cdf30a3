import { useState, type ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import { ArrowRight } from 'lucide-react';
import type { HealthChange, HealthFixPlan, Output, Store } from '../../../shared/contract/index.ts';
import { formatQuantity } from '../../../shared/format.ts';
import { errorData, useAction, useClient } from '../../data/index.ts';
import {
  Button,
  CommandLine,
  Dialog,
  ErrorState,
  Icon,
  larderCommand,
  Note,
  Skeleton,
  VirtualList,
} from '../../design/index.ts';
import { PathList } from '../jobs/index.ts';
import { placeWords } from './health-words.ts';
import css from './fix-dialog.module.css';

export interface FixDialogProps {
  store: Store;
  /** Only what this check found; everything that can be mended when it is left out. */
  check?: string | undefined;
  onClose: () => void;
}

/** What the safe fixes would change, the one click that does it, and what came of it. */
export function FixDialog({ store, check, onClose }: FixDialogProps): ReactNode {
  const client = useClient();
  const plan = useQuery<HealthFixPlan>({
    queryKey: ['health.fixPlan', store.id, check],
    queryFn: ({ signal }) =>
      client.call(
        'health.fixPlan',
        { store: store.id, ...(check === undefined ? {} : { checks: [check] }) },
        { signal },
      ),
    // A plan says how things are when it is made, and is used once.
    staleTime: 0,
    gcTime: 0,
  });
  const apply = useAction('health.fixApply');
  const shown = plan.isFetching ? undefined : plan.data;
  const again = (): void => {
    apply.reset();
    void plan.refetch();
  };
  const done = apply.data;
  const count = shown?.changes.length ?? 0;
  return (
    <Dialog
      open
      onClose={onClose}
      size="large"
      title={done === undefined ? `Fix ${store.name}` : outcomeTitle(done)}
      footer={
        done === undefined ? (
          <>
            <Button onClick={onClose}>{shown !== undefined && count === 0 ? 'Close' : 'Cancel'}</Button>
            {shown !== undefined && count === 0 ? null : (
              <Button
                variant="primary"
                busy={apply.isPending}
                disabledReason={
                  shown === undefined
                    ? plan.isError
                      ? 'It is not known what would change'
                      : 'Looking at what would change'
                    : undefined
                }
                onClick={() => {
                  if (shown !== undefined) apply.mutate({ plan: shown.plan });
                }}
              >
                {shown === undefined ? 'Make changes' : `Make ${formatQuantity(count, 'change')}`}
              </Button>
            )}
          </>
        ) : (
          <>
            {plan.data?.more === true ? <Button onClick={again}>Show what is left</Button> : null}
            <Button variant="primary" onClick={onClose}>
              Done
            </Button>
          </>
        )
      }
    >
      <div className={css.body}>
        {done !== undefined ? (
          <Outcome outcome={done} />
        ) : plan.isError ? (
          <ErrorState error={errorData(plan.error)} onRetry={() => void plan.refetch()} />
        ) : shown === undefined ? (
          <Skeleton what="Looking at what would change" lines={5} />
        ) : (
          <Plan plan={shown} />
        )}
        {apply.isError ? (
          <ErrorState
            error={errorData(apply.error)}
            compact
            action={
              <Button size="small" onClick={again}>
                Look again
              </Button>
            }
          />
        ) : null}
        {done === undefined ? (
          <CommandLine
            command={larderCommand('health', store.name, '--fix', ...(check === undefined ? [] : ['--only', check]))}
          />
        ) : null}
      </div>
    </Dialog>
  );
}

function outcomeTitle({ done, skipped }: Output<'health.fixApply'>): string {
  const made = `${formatQuantity(done.length, 'change')} made`;
  return skipped.length === 0 ? made : `${made}, ${skipped.length} refused`;
}

function Plan({ plan }: { plan: HealthFixPlan }): ReactNode {
  const { changes, cannot, more } = plan;
  return (
    <>
      {changes.length === 0 ? (
        <Note title="Nothing can be mended here">
          {cannot.length === 0 ? 'What was found is no longer so.' : 'What is left needs a person.'}
        </Note>
      ) : (
        <section className={css.part} aria-label="What would change">
          <h3>
            {formatQuantity(changes.length, 'change')}
            {more ? ' to begin with' : ''}
          </h3>
          <p className={css.quiet}>Nothing else is touched, and nothing is deleted.</p>
          <Changes label="What would change" changes={changes} />
          {more ? (
            <p className={css.quiet}>There is more of the same: it is shown once these changes are made.</p>
          ) : null}
        </section>
      )}
      {cannot.length === 0 ? null : <Cannot cannot={cannot} />}
    </>
  );
}

function Cannot({ cannot }: { cannot: HealthFixPlan['cannot'] }): ReactNode {
  return (
    <section className={css.part} aria-label="What cannot be mended here">
      <h3>{`${formatQuantity(cannot.length, 'thing')} cannot be mended here`}</h3>
      <ul className={css.cannot}>
        {cannot.map(({ check, area, title, reason, command }) => (
          <li key={`${check} ${area ?? ''}`}>
            <p className={css.title}>
              {title}
              {area === undefined ? null : <code>{area}</code>}
            </p>
            <p className={css.quiet}>{reason}</p>
            {command === undefined ? null : <CommandLine command={command} label={`Command for: ${title}`} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Outcome({ outcome }: { outcome: Output<'health.fixApply'> }): ReactNode {
  const { done, skipped, report } = outcome;
  return (
    <>
      <p>
        The score is now <b>{report.score}</b> of 100.
      </p>
      {done.length === 0 ? null : <Changes label="What was changed" changes={done} />}
      {skipped.length === 0 ? null : (
        <section className={css.part} aria-label="What was refused">
          <Note tone="warn" title={`${formatQuantity(skipped.length, 'change')} refused by the system`} />
          <PathList label="What was refused" lines={skipped} />
        </section>
      )}
    </>
  );
}

const kindWords: Readonly<Record<HealthChange['kind'], string>> = {
  create: 'Create',
  mode: 'Mode',
  owner: 'Owner',
  append: 'Add to',
};
const rowHeight = 32;
const rowsInSight = 8;

function Changes({ label, changes }: { label: string; changes: readonly HealthChange[] }): ReactNode {
  const [active, setActive] = useState(-1);
  if (changes.length <= rowsInSight) {
    return (
      <ul className={css.box} aria-label={label}>
        {changes.map((change, index) => (
          <li key={index} className={css.row}>
            <Change change={change} />
          </li>
        ))}
      </ul>
    );
  }
  return (
    <VirtualList
      label={label}
      className={css.long}
      count={changes.length}
      rowHeight={rowHeight}
      active={active}
      onActiveChange={setActive}
      renderRow={(index) => {
        const change = changes[index];
        return change === undefined ? null : (
          <div className={css.row}>
            <Change change={change} />
          </div>
        );
      }}
    />
  );
}

function Change({ change: { kind, path, from, to } }: { change: HealthChange }): ReactNode {
  const place = placeWords(path);
  return (
    <>
      <span className={css.kind}>{kindWords[kind]}</span>
      <code className={css.path} title={place}>
        {place}
      </code>
      <span className={css.values} title={`from ${from} to ${to}`}>
        <span className={css.quiet}>{from}</span>
        <Icon icon={ArrowRight} size={12} />
        <b>{to}</b>
      </span>
    </>
  );
}
