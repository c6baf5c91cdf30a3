import { useState, type ReactNode } from 'react';
import type { ArchiveFormat, BackupPlan, Store } from '../../../shared/contract/index.ts';
import { formatDuration, formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { errorData, useAction, useCall, useSettings, useSystemInfo } from '../../data/index.ts';
import {
  Button,
  Bytes,
  CommandLine,
  Dialog,
  ErrorState,
  larderCommand,
  Note,
  roleColor,
  roleNames,
  SegmentedControl,
  Skeleton,
  Swatch,
  TextField,
  type Choice,
} from '../../design/index.ts';
import css from './backup-dialog.module.css';

export interface BackupDialogProps {
  store: Store;
  onClose: () => void;
}

const formatNames: Readonly<Record<ArchiveFormat, string>> = { zst: 'zstd', gz: 'gzip', tar: 'None' };

/** What a backup will hold and leave out, where it goes and whether it fits; one more click starts it. */
export function BackupDialog({ store, onClose }: BackupDialogProps): ReactNode {
  const settings = useSettings();
  const zstd = useSystemInfo()?.zstd;
  const [chosen, setChosen] = useState<ArchiveFormat>();
  const [note, setNote] = useState('');
  const plan = useCall(
    'backups.plan',
    { store: store.id, ...(chosen === undefined ? {} : { format: chosen }) },
    { keepPrevious: true, fresh: true },
  );
  const start = useAction('backups.start');
  const choices: Choice<ArchiveFormat>[] = (['zst', 'gz', 'tar'] as const)
    .filter((format) => format !== 'zst' || zstd !== false)
    .map((value) => ({ value, label: formatNames[value] }));
  const shown = plan.isError ? undefined : plan.data;
  const tooLittle = shown !== undefined && shown.needed > shown.free;

  return (
    <Dialog
      open
      onClose={onClose}
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
              start.mutate(
                {
                  store: store.id,
                  ...(chosen === undefined ? {} : { format: chosen }),
                  ...(note.trim() === '' ? {} : { note: note.trim() }),
                },
                { onSuccess: onClose },
              )
            }
          >
            Back up now
          </Button>
        </>
      }
    >
      <div className={css.body}>
        {plan.isError ? (
          <ErrorState error={errorData(plan.error)} onRetry={() => void plan.refetch()} />
        ) : shown === undefined ? (
          <Skeleton what="Looking at what would be backed up" lines={6} />
        ) : (
          <PlanSummary plan={shown} />
        )}
        <div className={css.options}>
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
        {tooLittle ? (
          <Note tone="warn" title="There may be too little space">
            Uncompressed it needs more than is free; if it does not fit, the backup stops and leaves nothing behind.
          </Note>
        ) : null}
        {start.isError ? <ErrorState error={errorData(start.error)} compact /> : null}
        <CommandLine
          command={larderCommand(
            'backup',
            store.name,
            ...(chosen === undefined ? [] : ['--format', chosen]),
            ...(note.trim() === '' ? [] : ['--note', note.trim()]),
          )}
        />
      </div>
    </Dialog>
  );
}

function PlanSummary({ plan }: { plan: BackupPlan }): ReactNode {
  return (
    <>
      <dl className={css.facts}>
        <div>
          <dt>Holds</dt>
          <dd>
            <b>{formatQuantity(plan.files, 'file')}</b>, <Bytes value={plan.bytes} />
          </dd>
        </div>
        <div>
          <dt>Goes to</dt>
          <dd>
            <code className={css.path}>{displayName(plan.destination)}</code>
          </dd>
        </div>
        <div>
          <dt>Space there</dt>
          <dd>
            <Bytes value={plan.free} /> free, at most <Bytes value={plan.needed} /> needed
          </dd>
        </div>
        <div>
          <dt>Takes</dt>
          <dd>
            {plan.estimatedMs === undefined
              ? 'not known before the first one'
              : `about ${formatDuration(plan.estimatedMs)}`}
          </dd>
        </div>
      </dl>
      {plan.destinationOnSameDisk ? (
        <Note tone="warn" title="The backup folder is on the same disk as the data">
          It helps against deleted and damaged files, not against the loss of the disk.
        </Note>
      ) : null}
      <div className={css.columns}>
        <section aria-label="Included">
          <h3 className={css.heading}>Included</h3>
          <ul className={css.list} tabIndex={0}>
            {plan.included
              .toSorted((a, b) => b.bytes - a.bytes)
              .map((area) => (
                <li key={area.path} className={css.line}>
                  <Swatch color={roleColor(area.role)} />
                  <span className={css.name} title={roleNames[area.role]}>
                    {area.path === '' ? 'Files beside the folders' : displayName(area.path)}
                  </span>
                  <span className={css.size}>
                    <Bytes value={area.bytes} />
                  </span>
                </li>
              ))}
          </ul>
        </section>
        <section aria-label="Left out">
          <h3 className={css.heading}>Left out</h3>
          {plan.excluded.length === 0 ? <p className={css.nothing}>Nothing.</p> : null}
          <ul className={css.list} tabIndex={0}>
            {plan.excluded.map((area) => (
              <li key={area.path} className={css.line}>
                <span className={css.name} title={area.reason}>
                  {displayName(area.path)} <span className={css.reason}>{area.reason}</span>
                </span>
                <span className={css.size}>
                  <Bytes value={area.bytes} />
                </span>
              </li>
            ))}
          </ul>
        </section>
      </div>
    </>
  );
}
