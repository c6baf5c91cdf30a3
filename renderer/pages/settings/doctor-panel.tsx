import type { ReactNode } from 'react';
import { Check as CheckMark, CircleDashed, TriangleAlert, X, type LucideIcon } from 'lucide-react';
import type { Check } from '../../../shared/contract/index.ts';
import { errorData, useCall } from '../../data/index.ts';
import { Button, CommandLine, cx, ErrorState, Icon, Panel, Skeleton, VisuallyHidden } from '../../design/index.ts';
import css from './doctor-panel.module.css';

const marks: Readonly<Record<Check['status'], { icon: LucideIcon; word: string }>> = {
  pass: { icon: CheckMark, word: 'Passes' },
  warn: { icon: TriangleAlert, word: 'Warning' },
  fail: { icon: X, word: 'Fails' },
  skip: { icon: CircleDashed, word: 'Cannot tell' },
};

/** Larder's check of itself. */
export function DoctorPanel(): ReactNode {
  const doctor = useCall('system.doctor', {}, { fresh: true });
  return (
    <Panel
      title="Self-check"
      actions={
        <Button size="small" busy={doctor.isFetching} onClick={() => void doctor.refetch()}>
          Run again
        </Button>
      }
    >
      {doctor.isError ? (
        <ErrorState error={errorData(doctor.error)} onRetry={() => void doctor.refetch()} />
      ) : doctor.data === undefined ? (
        <Skeleton what="Checking" lines={5} />
      ) : (
        <ul className={css.list}>
          {doctor.data.checks.map((check) => (
            <li key={check.id} className={css.check}>
              <Icon icon={marks[check.status].icon} className={cx(css.mark, css[check.status])} />
              <VisuallyHidden>{marks[check.status].word}: </VisuallyHidden>
              <div className={css.words}>
                <h3>{check.title}</h3>
                <p className={css.evidence}>{check.evidence}</p>
                {check.fix === undefined ? null : <p>{check.fix}</p>}
              </div>
            </li>
          ))}
        </ul>
      )}
      <CommandLine command="larder doctor" label="The same as a command: self-check" />
    </Panel>
  );
}
