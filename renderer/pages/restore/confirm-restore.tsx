import type { ReactNode } from 'react';
import type { Backup, RestorePlan } from '../../../shared/contract/index.ts';
import { formatBytes, formatDateTime, formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { errorData, useAction, useSettings } from '../../data/index.ts';
import { ConfirmDialog, useToast } from '../../design/index.ts';
import { touchedBy } from './plan-words.ts';
import css from './plan-pane.module.css';

/** The one question before a restore, with the numbers of the plan it carries out. */
export function ConfirmRestore({
  backup,
  plan,
  onClose,
  onStarted,
}: {
  backup: Backup;
  plan: RestorePlan;
  /** `stale`: the plan is not there any more. */
  onClose: (stale: boolean) => void;
  onStarted: (job: string) => void;
}): ReactNode {
  const apply = useAction('restore.apply');
  const undoDays = useSettings()?.undoDays;
  const toast = useToast();
  const touched = formatQuantity(touchedBy(plan), 'item');
  const lines = [
    { count: plan.created, words: 'created' },
    { count: plan.overwritten, words: 'replaced' },
    { count: plan.metadata, words: 'with permissions or times set' },
    { count: plan.deleted, words: 'removed' },
  ].filter(({ count }) => count > 0);
  return (
    <ConfirmDialog
      open
      onClose={() => onClose(apply.isError)}
      title={`Restore ${touched}?`}
      confirmLabel={`Restore ${touched}`}
      danger={plan.deleted > 0}
      busy={apply.isPending}
      error={apply.isError ? errorData(apply.error) : undefined}
      onConfirm={() =>
        apply.mutate(
          { plan: plan.id },
          {
            onSuccess: ({ job }) => onStarted(job),
            onError: (error) => {
              if (errorData(error).code !== 'NOT_FOUND') return;
              toast({ tone: 'warn', title: 'The plan was too old', text: 'It is made anew. Look at it and go on.' });
              onClose(true);
            },
          },
        )
      }
    >
      <div className={css.confirm}>
        <p>
          From the backup of {formatDateTime(backup.startedAtMs)} into{' '}
          <code className={css.path}>{displayName(plan.target)}</code>:
        </p>
        <ul className={css.facts}>
          {lines.map(({ count, words }) => (
            <li key={words}>
              <b>{formatQuantity(count, 'item')}</b> {words}
            </li>
          ))}
          <li>{formatBytes(plan.bytesToWrite)} written</li>
        </ul>
        {plan.overwritten + plan.deleted === 0 ? null : (
          <p className={css.quiet}>
            What is replaced or removed is kept
            {undoDays === undefined ? '' : ` for ${formatQuantity(undoDays, 'day')}`}. Until then Undo puts it back.
          </p>
        )}
      </div>
    </ConfirmDialog>
  );
}
