import type { ReactNode } from 'react';
import { Undo2 } from 'lucide-react';
import type { Job } from '../../../shared/contract/index.ts';
import { formatBytes, formatQuantity } from '../../../shared/format.ts';
import { Button, Note, Skeleton } from '../../design/index.ts';
import { PathList, useJobWarnings } from '../../features/jobs/index.ts';
import { doneWords } from './plan-words.ts';
import { restoreResult, undoResult } from './restore-result.ts';
import css from './plan-pane.module.css';

/** How a restore or an undo that ran through ended, and the way back. */
export function RestoreOutcome({
  job,
  onUndo,
  onDone,
}: {
  job: Job;
  onUndo: (restore: string) => void;
  onDone: () => void;
}): ReactNode {
  const restored = job.kind === 'restore' ? restoreResult(job.result) : undefined;
  const undone = job.kind === 'undo' ? undoResult(job.result) : undefined;
  const partial = job.status === 'partial';
  const touched =
    restored === undefined ? 0 : restored.created + restored.overwritten + restored.metadata + restored.deleted;
  return (
    <div className={css.outcome}>
      <Note
        tone={partial ? 'warn' : 'ok'}
        title={
          job.kind === 'undo' ? (partial ? 'Undone in part' : 'Undone') : partial ? 'Restored in part' : 'Restored'
        }
      >
        {restored === undefined ? null : (
          <>
            {doneWords(restored)} {job.bytesDone > 0 ? `${formatBytes(job.bytesDone)} written.` : ''}
          </>
        )}
        {undone === undefined
          ? null
          : `${formatQuantity(undone.putBack, 'item')} put back, ${formatQuantity(undone.removed, 'item')} taken away.`}
      </Note>
      <Skipped job={job} />
      <div className={css.outcomeActions}>
        {restored !== undefined && touched > 0 ? (
          <Button icon={Undo2} onClick={() => onUndo(restored.id)}>
            Undo…
          </Button>
        ) : null}
        <Button onClick={onDone}>Restore more</Button>
      </div>
    </div>
  );
}

function Skipped({ job }: { job: Job }): ReactNode {
  const warnings = useJobWarnings(job);
  if (job.warningCount === 0) return null;
  return (
    <section aria-label="Skipped" className={css.skipped}>
      <h3>{formatQuantity(job.warningCount, 'path')} skipped</h3>
      {warnings === undefined ? (
        <Skeleton what="Asking for what was skipped" lines={2} />
      ) : (
        <PathList label="Skipped paths" lines={warnings} />
      )}
    </section>
  );
}
