import type { ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import type { ComposeFixPlan, Output } from '../../../shared/contract/index.ts';
import { formatQuantity } from '../../../shared/format.ts';
import { errorData, useAction, useClient } from '../../data/index.ts';
import { Button, CommandLine, Dialog, Disclosure, ErrorState, Note, Skeleton } from '../../design/index.ts';
import { Coded } from './coded.tsx';
import { CopyButton } from './copy-button.tsx';
import { DiffView } from './diff-view.tsx';
import { checkCommand, checkInput, type Subject } from './subject.ts';
import css from './plan-dialog.module.css';

/** Exactly what mending would change, and the one click that does it. */
export function PlanDialog({
  subject,
  findings,
  onClose,
  onApplied,
}: {
  subject: Subject;
  /** Ids of findings; `safe`: all that need nothing besides. */
  findings: 'safe' | string[];
  onClose: () => void;
  onApplied: (outcome: Output<'compose.applyFix'>) => void;
}): ReactNode {
  const client = useClient();
  const plan = useQuery<ComposeFixPlan>({
    queryKey: ['compose.planFix', checkInput(subject), findings],
    queryFn: ({ signal }) => client.call('compose.planFix', { check: checkInput(subject), findings }, { signal }),
    // A plan says how things are when it is made, and is used once.
    staleTime: 0,
    gcTime: 0,
  });
  const apply = useAction('compose.applyFix');
  const shown = plan.isFetching ? undefined : plan.data;
  const nothing = shown?.files.length === 0;
  return (
    <Dialog
      open
      onClose={onClose}
      size="large"
      title={findings === 'safe' ? 'Mend what is safe' : 'Mend a finding'}
      footer={
        <>
          <Button onClick={onClose}>{nothing ? 'Close' : 'Cancel'}</Button>
          {nothing ? null : (
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
                if (shown === undefined) return;
                apply.mutate(
                  { plan: shown.id },
                  {
                    onSuccess: (outcome) => {
                      onApplied(outcome);
                      onClose();
                    },
                  },
                );
              }}
            >
              {shown === undefined ? 'Change files' : `Change ${formatQuantity(shown.files.length, 'file')}`}
            </Button>
          )}
        </>
      }
    >
      <div className={css.body}>
        {plan.isError ? (
          <ErrorState error={errorData(plan.error)} onRetry={() => void plan.refetch()} />
        ) : shown === undefined ? (
          <Skeleton what="Looking at what would change" lines={6} />
        ) : (
          <Plan plan={shown} />
        )}
        {apply.isError ? (
          <ErrorState
            error={errorData(apply.error)}
            compact
            action={
              <Button
                size="small"
                onClick={() => {
                  apply.reset();
                  void plan.refetch();
                }}
              >
                Look again
              </Button>
            }
          />
        ) : null}
        {findings === 'safe' ? <CommandLine command={checkCommand(subject, '--fix')} /> : null}
      </div>
    </Dialog>
  );
}

/** With more than these, the lines that change would be out of sight. */
const mostInSight = 3;

function Plan({ plan: { files, mended, left } }: { plan: ComposeFixPlan }): ReactNode {
  if (files.length === 0) {
    return <Note title="Nothing to change">What was found is no longer so, or has no mend that is sure.</Note>;
  }
  // Many findings ask for the same.
  const notes = [...new Set(mended.flatMap(({ note }) => note ?? []))];
  const list = (
    <ul className={css.mended} aria-label="What would be mended">
      {mended.map(({ id, message, title }) => (
        <li key={id}>
          <b>
            <Coded text={title} />
          </b>
          <span className={css.quiet}>
            <Coded text={message} />
          </span>
        </li>
      ))}
    </ul>
  );
  const few = mended.length <= mostInSight;
  const patch = files.map((file) => file.patch).join('');
  return (
    <>
      {few ? list : null}
      {notes.length === 0 ? null : (
        <Note tone="warn" title="Before the services are deployed again">
          {notes.map((note) => (
            <p key={note}>
              <Coded text={note} />
            </p>
          ))}
        </Note>
      )}
      {left.length === 0 ? null : (
        <Note tone="warn">{formatQuantity(left.length, 'finding')} could not be mended together with these.</Note>
      )}
      <div className={css.head}>
        <h3>{formatQuantity(files.length, 'file')} would change</h3>
        <CopyButton label="Copy patch" words="Copy patch" text={patch} />
      </div>
      <DiffView patch={patch} label="What would change" />
      {few ? null : (
        <Disclosure title={`What it mends: ${formatQuantity(mended.length, 'finding')}`}>{list}</Disclosure>
      )}
      <p className={css.quiet}>The files as they are now are kept, so that it can be undone.</p>
    </>
  );
}
