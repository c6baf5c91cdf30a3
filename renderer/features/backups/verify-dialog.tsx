import { useState, type ReactNode } from 'react';
import type { Backup } from '../../../shared/contract/index.ts';
import { formatDateTime, formatDuration, formatPercent } from '../../../shared/format.ts';
import { errorData, useAction, useCall } from '../../data/index.ts';
import {
  Button,
  CommandLine,
  Dialog,
  ErrorState,
  larderCommand,
  NumberField,
  ProgressBar,
  RadioCards,
  RelativeTime,
} from '../../design/index.ts';
import { estimateVerifyMs, folderOf, verifiedHow } from './backup-words.ts';
import css from './dialogs.module.css';

type Mode = 'quick' | 'sample' | 'deep';

const modes: readonly { value: Mode; label: string; proves: string }[] = [
  {
    value: 'quick',
    label: 'Quick',
    proves:
      'Reads every stored byte of it, also where it draws on older archives, and compares digests. Proves that nothing changed on the disk since it was written.',
  },
  {
    value: 'sample',
    label: 'Sample',
    proves:
      'Unpacks a part and compares the files in it. The next sample goes on where this one ends, so that after enough of them everything was read.',
  },
  {
    value: 'deep',
    label: 'Deep',
    proves: 'Unpacks every file and compares it with what was backed up. Proves that all of it can be restored.',
  },
];

/** Asks how to verify a backup, says what each way proves, and starts it. */
export function VerifyDialog({ backup, onClose }: { backup: Backup; onClose: () => void }): ReactNode {
  const [mode, setMode] = useState<Mode>('quick');
  const [percent, setPercent] = useState(10);
  const verify = useAction('backups.verify');
  const past = useCall('jobs.list', { kind: 'verify', limit: 50 }).data?.jobs ?? [];
  const { verified } = backup;
  const takes = (way: Mode): string => {
    const ms = estimateVerifyMs(backup, way, percent, past);
    return ms === undefined ? '' : ms < 1_000 ? 'about a second' : `about ${formatDuration(ms)}`;
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Verify a backup"
      description={`${backup.storeName}, ${formatDateTime(backup.startedAtMs)}`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            busy={verify.isPending}
            onClick={() =>
              verify.mutate(
                {
                  backup: backup.id,
                  destination: folderOf(backup),
                  mode,
                  ...(mode === 'sample' ? { percent } : {}),
                },
                { onSuccess: onClose },
              )
            }
          >
            Verify
          </Button>
        </>
      }
    >
      <div className={css.body}>
        <RadioCards
          label="How to verify"
          value={mode}
          onChange={setMode}
          cards={modes.map((way) => ({
            value: way.value,
            label: way.label,
            aside: takes(way.value),
            children: (
              <>
                {way.proves}
                {way.value === 'sample' ? (
                  <Sample backup={backup} percent={percent} onPercent={setPercent} chosen={mode === 'sample'} />
                ) : null}
              </>
            ),
          }))}
        />
        <p className={css.quiet}>
          {verified === undefined ? (
            'It was not verified so far.'
          ) : (
            <>
              Last verified <RelativeTime atMs={verified.atMs} />, {verifiedHow(verified)}
              {verified.ok ? '.' : '; damage was found.'}
            </>
          )}
        </p>
        {verify.isError ? <ErrorState error={errorData(verify.error)} compact /> : null}
        <CommandLine
          command={larderCommand(
            'verify',
            backup.id,
            mode === 'deep' && '--deep',
            ...(mode === 'sample' ? ['--sample', String(percent)] : []),
          )}
        />
      </div>
    </Dialog>
  );
}

function Sample({
  backup,
  percent,
  onPercent,
  chosen,
}: {
  backup: Backup;
  percent: number;
  onPercent: (percent: number) => void;
  chosen: boolean;
}): ReactNode {
  const covered = backup.sampled ?? 0;
  if (!chosen) return null;
  return (
    <div className={css.sample}>
      <NumberField label="Read" value={percent} onChange={onPercent} min={1} max={100} unit="% of it" live />
      <div className={css.covered}>
        <span>
          {covered === 0
            ? 'No sample so far'
            : covered >= 1
              ? 'Samples have read all of it; the next begins anew'
              : `Samples have read ${formatPercent(covered, 1)} so far`}
        </span>
        <ProgressBar label="Read by samples so far" done={covered} total={1} slim />
      </div>
    </div>
  );
}
