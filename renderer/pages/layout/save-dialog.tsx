import type { ReactNode } from 'react';
import type { LayoutChange, Store } from '../../../shared/contract/index.ts';
import { displayName } from '../../../shared/path-text.ts';
import { errorData, useAction } from '../../data/index.ts';
import { Button, Dialog, ErrorState, Note, Skeleton } from '../../design/index.ts';
import { DiffView } from '../compose/index.ts';
import { usePlan } from './use-plan.ts';
import css from './save-dialog.module.css';

/** Exactly what would be written, and the one click that does it. */
export function SaveDialog({
  store,
  changes,
  onClose,
  onSaved,
}: {
  store: Store;
  changes: readonly LayoutChange[];
  onClose: () => void;
  onSaved: () => void;
}): ReactNode {
  const plan = usePlan(store, changes, 'save');
  const apply = useAction('layouts.apply');
  const shown = plan.isFetching || plan.isError ? undefined : plan.data;
  const nothing = shown?.diff === '';
  const again = (): void => {
    apply.reset();
    void plan.refetch();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      size="large"
      title={shown?.creates === true ? 'Create larder.yaml' : 'Change larder.yaml'}
      description={shown === undefined ? undefined : displayName(shown.path)}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            data-autofocus
            busy={apply.isPending}
            disabledReason={
              plan.isError ? 'It cannot be written' : shown === undefined ? 'Looking at what would change' : undefined
            }
            onClick={() => {
              if (shown === undefined) return;
              if (nothing) onSaved();
              else apply.mutate({ plan: shown.plan }, { onSuccess: onSaved });
            }}
          >
            Write larder.yaml
          </Button>
        </>
      }
    >
      <div className={css.body}>
        {plan.isError ? (
          <ErrorState error={errorData(plan.error)} onRetry={again} />
        ) : shown === undefined ? (
          <Skeleton what="Looking at what would change" lines={6} />
        ) : nothing ? (
          <Note title="Nothing to write">larder.yaml says all this already.</Note>
        ) : (
          <>
            {shown.creates ? (
              <Note>
                There is no larder.yaml yet. It is meant to be committed, so that everybody who works with this data has
                the same areas and rules.
              </Note>
            ) : null}
            <DiffView patch={shown.diff} label="What is written" />
          </>
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
      </div>
    </Dialog>
  );
}
