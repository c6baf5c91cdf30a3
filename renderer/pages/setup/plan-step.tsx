import { useState, type ReactNode } from 'react';
import { useQuery, type UseMutationResult, type UseQueryResult } from '@tanstack/react-query';
import type { Input, Output, SetupPlan, SetupStep } from '../../../shared/contract/index.ts';
import { formatBytes, formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { errorData, useClient } from '../../data/index.ts';
import {
  Button,
  CommandLine,
  Disclosure,
  EmptyState,
  ErrorState,
  Note,
  Panel,
  SegmentedControl,
  Skeleton,
  Tag,
} from '../../design/index.ts';
import { setupInput, type Choices } from './choices.ts';
import { groupSteps, kindWords, placeIn, stateLooks, type StepFilter } from './step-words.ts';
import css from './plan-step.module.css';

/** What a setup would do. Asked anew whenever it is looked at: a plan says how things are when it is made. */
export function useSetupPlan(
  choices: Choices,
  enabled: boolean,
  more: Pick<Input<'setup.plan'>, 'move' | 'leave'> = {},
): UseQueryResult<SetupPlan> {
  const client = useClient();
  const input = setupInput(choices, more);
  return useQuery<SetupPlan>({
    queryKey: ['setup.plan', input],
    queryFn: ({ signal }) => client.call('setup.plan', input, { signal }),
    enabled,
    retry: false,
    staleTime: 0,
    gcTime: 0,
  });
}

/** The plan, step by step, with what needs another user as commands to copy. */
export function PlanStep({
  plan,
  apply,
}: {
  plan: UseQueryResult<SetupPlan>;
  apply: UseMutationResult<Output<'setup.apply'>, Error, Input<'setup.apply'>>;
}): ReactNode {
  const again = (): void => {
    apply.reset();
    void plan.refetch();
  };
  if (plan.isError) return <ErrorState error={errorData(plan.error)} onRetry={again} />;
  if (plan.data === undefined || plan.isFetching) {
    return (
      <Panel>
        <Skeleton what="Looking at what is there" shape="rows" lines={8} />
      </Panel>
    );
  }
  return (
    <>
      {apply.isError ? (
        <ErrorState
          error={errorData(apply.error)}
          action={
            <Button size="small" onClick={again}>
              Look again
            </Button>
          }
        />
      ) : null}
      <Plan plan={plan.data} />
    </>
  );
}

function Plan({ plan }: { plan: SetupPlan }): ReactNode {
  const { steps, todo, cannot, moves, services, notes, layout, changes } = plan;
  const [filter, setFilter] = useState<StepFilter>(todo > 0 ? 'todo' : 'all');
  const already = steps.length - todo - cannot;
  const groups = groupSteps(steps, filter);
  const movable = moves.filter(({ refusal }) => refusal === undefined);
  return (
    <>
      <p className={css.summary} role="status">
        <b>{todo === 0 ? 'Nothing to do' : formatQuantity(todo, 'step to do', 'steps to do')}</b>
        {already > 0 ? `, ${already} already as it should be` : ''}
        {cannot > 0 ? `, ${cannot} that you may not do` : ''}, by the layout {layout.title}.{' '}
        {changes > 0
          ? `${formatQuantity(changes, 'step changes', 'steps change')} the permission, owner or lines of something that is there.`
          : 'Nothing that exists is changed.'}
      </p>
      {notes.map((note) => (
        <Note key={note}>{displayName(note)}</Note>
      ))}
      {services.length === 0 ? null : (
        <Note title="Data outside any folder">
          {services.map(({ name, kind }) => `${name} (${kind})`).join(', ')}: no folder is made for it.
        </Note>
      )}
      {movable.length === 0 ? null : (
        <Note tone="info" title={`Data found at ${formatQuantity(movable.length, 'old place')}`}>
          {formatBytes(movable.reduce((sum, { bytes }) => sum + bytes, 0))} can be moved in afterwards. It stays where
          it is for now.
        </Note>
      )}
      <Panel
        title="Steps"
        padding="flush"
        actions={
          <SegmentedControl<StepFilter>
            label="Which steps"
            size="small"
            value={filter}
            choices={[
              { value: 'all', label: `All ${steps.length}` },
              { value: 'todo', label: `To do ${todo}` },
              { value: 'already', label: `Already ${already}` },
              { value: 'cannot', label: `Cannot ${cannot}` },
            ]}
            onChange={setFilter}
          />
        }
      >
        {groups.length === 0 ? (
          <EmptyState title={steps.length === 0 ? 'This layout makes nothing on disk' : 'None of these'} />
        ) : (
          groups.map(({ part, title, steps: of }) => (
            <section key={part} aria-label={title} className={css.group}>
              <h3 className={css.part}>{title}</h3>
              <ul>
                {of.map((step) => (
                  <Step key={`${step.kind} ${step.path}`} step={step} root={plan.path} />
                ))}
              </ul>
            </section>
          ))
        )}
      </Panel>
      <AdministratorCommands plan={plan} />
    </>
  );
}

/** What needs rights that Larder does not have, to be copied. */
export function AdministratorCommands({ plan: { commands, cannot } }: { plan: SetupPlan }): ReactNode {
  if (commands.length === 0) return null;
  return (
    <Panel title="For an administrator">
      <div className={css.commands}>
        <p className={css.quiet}>
          {formatQuantity(cannot, 'step needs', 'steps need')} rights that Larder does not have. Run this once the other
          steps are done; doing it again does no harm.
        </p>
        {commands.map((command) => (
          <CommandLine key={command} command={command} label="Command for an administrator" />
        ))}
      </div>
    </Panel>
  );
}

function Step({ step, root }: { step: SetupStep; root: string }): ReactNode {
  const { kind, path, detail, state, reason, text, command } = step;
  const { tone, word } = stateLooks[state];
  return (
    <li className={css.step}>
      <span className={css.state}>
        <Tag tone={tone}>{word}</Tag>
      </span>
      <span className={css.kind}>{kindWords[kind]}</span>
      <div className={css.what}>
        <span className={css.line}>
          <code title={displayName(path)}>{placeIn(root, path)}</code>
          {detail === '' ? null : <span className={css.quiet}>{displayName(detail)}</span>}
        </span>
        {reason === undefined ? null : <p className={css.quiet}>{displayName(reason)}</p>}
        {text === undefined ? null : (
          <Disclosure title={state === 'todo' ? 'What is written' : 'What Larder would have written'}>
            <pre className={css.text} tabIndex={0} role="region" aria-label={`Text for ${placeIn(root, path)}`}>
              {text}
            </pre>
          </Disclosure>
        )}
        {state === 'cannot' && command !== undefined && kind !== 'set-owner' ? (
          <CommandLine command={command} label={`Command for ${placeIn(root, path)}`} />
        ) : null}
      </div>
    </li>
  );
}
