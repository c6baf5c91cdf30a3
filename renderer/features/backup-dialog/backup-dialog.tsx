import { useState, type ReactNode } from 'react';
import type { ArchiveFormat, Backup, Store } from '../../../shared/contract/index.ts';
import { href, pagePaths } from '../../app/paths.ts';
import { errorData, useAction, useCall, useSettings, useSystemInfo } from '../../data/index.ts';
import {
  Button,
  ButtonLink,
  CommandLine,
  Dialog,
  ErrorState,
  larderCommand,
  SegmentedControl,
  Skeleton,
  TextField,
  type Choice,
} from '../../design/index.ts';
import { kindMeanings } from '../backups/index.ts';
import { onlyFull } from './plan-words.ts';
import { PlanView } from './plan-view.tsx';
import css from './backup-dialog.module.css';

export interface BackupDialogProps {
  store: Store;
  onClose: () => void;
}

const formatNames: Readonly<Record<ArchiveFormat, string>> = { zst: 'zstd', gz: 'gzip', tar: 'None' };
const kinds: readonly Choice<Backup['kind']>[] = [
  { value: 'incremental', label: 'Incremental' },
  { value: 'full', label: 'Full' },
];

/** What a backup will hold and leave out, where it goes and whether it fits; one more click starts it. */
export function BackupDialog({ store, onClose }: BackupDialogProps): ReactNode {
  const settings = useSettings();
  const zstd = useSystemInfo()?.zstd;
  const [chosen, setChosen] = useState<ArchiveFormat>();
  const [full, setFull] = useState(false);
  const [note, setNote] = useState('');
  const options = {
    store: store.id,
    ...(chosen === undefined ? {} : { format: chosen }),
    ...(full ? { full: true } : {}),
  };
  const plan = useCall('backups.plan', options, { keepPrevious: true, fresh: true });
  const start = useAction('backups.start');
  const choices: Choice<ArchiveFormat>[] = (['zst', 'gz', 'tar'] as const)
    .filter((format) => format !== 'zst' || zstd !== false)
    .map((value) => ({ value, label: formatNames[value] }));
  const shown = plan.isError ? undefined : plan.data;
  const noChoice = shown === undefined || plan.isPlaceholderData ? undefined : onlyFull(shown, full, store);

  return (
    <Dialog
      open
      onClose={onClose}
      size="large"
      title={`Back up ${store.name}`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            data-autofocus
            variant="primary"
            busy={start.isPending}
            disabledReason={shown === undefined ? 'Looking at the store' : undefined}
            onClick={() =>
              start.mutate({ ...options, ...(note.trim() === '' ? {} : { note: note.trim() }) }, { onSuccess: onClose })
            }
          >
            Back up now
          </Button>
        </>
      }
    >
      <div className={css.body}>
        {plan.isError ? (
          <ErrorState
            error={errorData(plan.error)}
            onRetry={() => void plan.refetch()}
            // A key file that is gone is named anew there.
            action={
              store.rules.encryption === undefined ? undefined : (
                <ButtonLink size="small" href={href(pagePaths.backupRules(store.id, 'keeping'))} onClick={onClose}>
                  Encryption of this store
                </ButtonLink>
              )
            }
          />
        ) : shown === undefined ? (
          <Skeleton what="Looking at what would be backed up" lines={6} />
        ) : (
          <PlanView plan={shown} store={store} onLeave={onClose} />
        )}
        <div className={css.options}>
          {noChoice === undefined ? (
            <div>
              <span className={css.label}>Kind</span>
              <SegmentedControl
                label="Kind"
                value={full ? 'full' : 'incremental'}
                choices={kinds}
                onChange={(kind) => setFull(kind === 'full')}
              />
            </div>
          ) : null}
          <div>
            <span className={css.label}>Compression</span>
            <SegmentedControl
              label="Compression"
              value={chosen ?? shown?.format ?? settings?.format ?? 'zst'}
              choices={choices}
              onChange={setChosen}
            />
          </div>
          <div className={css.note}>
            <TextField
              label="Note"
              value={note}
              onChange={setNote}
              maxLength={2_000}
              placeholder="Optional: before retraining NVDA"
            />
          </div>
        </div>
        <p className={css.meaning}>{noChoice ?? kindMeanings[full ? 'full' : 'incremental']}</p>
        {start.isError ? <ErrorState error={errorData(start.error)} compact /> : null}
        <CommandLine
          command={larderCommand(
            'backup',
            store.name,
            full && '--full',
            ...(chosen === undefined ? [] : ['--format', chosen]),
            ...(note.trim() === '' ? [] : ['--note', note.trim()]),
          )}
        />
      </div>
    </Dialog>
  );
}
