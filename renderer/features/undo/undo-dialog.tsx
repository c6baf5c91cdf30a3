import type { ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import type { UndoPlan } from '../../../shared/contract/index.ts';
import { formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { errorData, useAction, useClient } from '../../data/index.ts';
import { Button, CommandLine, Dialog, ErrorState, larderCommand, Note, Skeleton } from '../../design/index.ts';
import { PathList } from '../jobs/index.ts';
import css from './undo-dialog.module.css';

export interface UndoDialogProps {
  /** Id of the restore. */
  restore: string;
  onClose: () => void;
  onStarted?: ((job: string) => void) | undefined;
}

/** What undoing a restore would do, and the one click that does it. */
export function UndoDialog({ restore, onClose, onStarted }: UndoDialogProps): ReactNode {
  const client = useClient();
  const plan = useQuery<UndoPlan>({
    queryKey: ['restore.planUndo', { restore }],
    queryFn: ({ signal }) => client.call('restore.planUndo', { restore }, { signal }),
    // A plan says how things are when it is made, and is used once.
    staleTime: 0,
    gcTime: 0,
  });
  const apply = useAction('restore.applyUndo');
  const shown = plan.isFetching ? undefined : plan.data;
  const touched = shown === undefined ? 0 : shown.putBack + shown.removed;
  return (
    <Dialog
      open
      onClose={onClose}
      title="Undo this restore"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            busy={apply.isPending}
            disabledReason={
              shown === undefined
                ? plan.isError
                  ? 'It cannot be undone'
                  : 'Looking at what would change'
                : touched === 0
                  ? 'There is nothing left to undo'
                  : undefined
            }
            onClick={() => {
              if (shown === undefined) return;
              apply.mutate(
                { plan: shown.id },
                {
                  onSuccess: ({ job }) => {
                    onStarted?.(job);
                    onClose();
                  },
                },
              );
            }}
          >
            {shown === undefined || touched === 0 ? 'Undo' : `Undo ${formatQuantity(touched, 'change')}`}
          </Button>
        </>
      }
    >
      <div className={css.body}>
        {plan.isError ? (
          <ErrorState error={errorData(plan.error)} onRetry={() => void plan.refetch()} />
        ) : shown === undefined ? (
          <Skeleton what="Looking at what undoing would change" lines={3} />
        ) : (
          <Consequences plan={shown} />
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
        <CommandLine command={larderCommand('undo', restore)} />
      </div>
    </Dialog>
  );
}

function Consequences({ plan }: { plan: UndoPlan }): ReactNode {
  const { putBack, removed, changedSince } = plan;
  return (
    <>
      <p>
        In <code>{displayName(plan.target)}</code>, everything becomes as it was before the restore:
      </p>
      <ul className={css.facts}>
        <li>
          <b>{formatQuantity(putBack, 'item')}</b> put back as before
        </li>
        <li>
          <b>{formatQuantity(removed, 'item')}</b> that the restore created taken away again
        </li>
      </ul>
      {changedSince.length === 0 ? null : (
        <>
          <Note tone="warn" title={`${formatQuantity(changedSince.length, 'path')} changed since the restore`}>
            What changed since is left alone.
          </Note>
          <PathList
            label="Changed since the restore"
            lines={changedSince.map((path) => ({ path, reason: 'Changed since, left alone' }))}
          />
        </>
      )}
    </>
  );
}
