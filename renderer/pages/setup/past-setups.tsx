import { useState, type ReactNode } from 'react';
import { Undo2 } from 'lucide-react';
import type { SetupRecord } from '../../../shared/contract/index.ts';
import { formatDate, formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { useQuietJobs } from '../../app/quiet-jobs.tsx';
import { errorData, useAction, useCall } from '../../data/index.ts';
import { Button, ConfirmDialog, Panel, RelativeTime, Tag, type Tone } from '../../design/index.ts';
import { useJob } from '../../features/jobs/index.ts';
import { JobOutcome } from './job-outcome.tsx';
import css from './result-step.module.css';

const looks: Readonly<Record<SetupRecord['status'], { tone: Tone; word: string }>> = {
  running: { tone: 'info', word: 'running' },
  done: { tone: 'ok', word: 'done' },
  undone: { tone: 'quiet', word: 'undone' },
  interrupted: { tone: 'warn', word: 'ended early' },
};

/** What setups did to a folder, each to be undone as long as it can be. Nothing where there was none. */
export function PastSetups({ path }: { path: string }): ReactNode {
  const list = useCall('setup.list', { path }, { fresh: true });
  const undo = useAction('setup.undo');
  const [asking, setAsking] = useState<SetupRecord>();
  const [id, setId] = useState<string>();
  const job = useJob(id);
  useQuietJobs((each) => each.id === id);
  const setups = list.data?.setups ?? [];
  if (setups.length === 0) return null;
  return (
    <Panel title="Setups of this folder">
      <ul className={css.setups} aria-label="Setups of this folder">
        {setups.map((record) => (
          <li key={record.setup} className={css.setup}>
            <Tag tone={looks[record.status].tone}>{looks[record.status].word}</Tag>
            <span className={css.when}>
              <RelativeTime atMs={record.atMs} /> · {formatQuantity(record.steps.length, 'step')}
            </span>
            {record.undoUntilMs === undefined ? null : (
              <>
                <span className={css.quiet}>can be undone until {formatDate(record.undoUntilMs)}</span>
                <Button
                  size="small"
                  icon={Undo2}
                  busy={job?.status === 'running'}
                  onClick={() => {
                    undo.reset();
                    setAsking(record);
                  }}
                >
                  Undo…
                </Button>
              </>
            )}
          </li>
        ))}
      </ul>
      {id === undefined ? null : <JobOutcome job={job} what="Undoing" />}
      {asking === undefined ? null : (
        <ConfirmDialog
          open
          title="Undo this setup?"
          confirmLabel="Undo"
          busy={undo.isPending}
          error={undo.isError ? errorData(undo.error) : undefined}
          onClose={() => setAsking(undefined)}
          onConfirm={() =>
            undo.mutate(
              { setup: asking.setup },
              {
                onSuccess: ({ job: next }) => {
                  setId(next);
                  setAsking(undefined);
                },
              },
            )
          }
        >
          <p>What it did is taken back. What changed since, and folders that hold something, stay.</p>
          <ul className={css.did} aria-label="What it did" tabIndex={0}>
            {asking.steps.map((step) => (
              <li key={step}>{displayName(step)}</li>
            ))}
          </ul>
        </ConfirmDialog>
      )}
    </Panel>
  );
}
