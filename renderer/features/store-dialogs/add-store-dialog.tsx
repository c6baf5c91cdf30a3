import { useState, type ReactNode } from 'react';
import { displayName } from '../../../shared/path-text.ts';
import type { Store, StoreProbe } from '../../../shared/contract/index.ts';
import { formatQuantity } from '../../../shared/format.ts';
import { errorData, useAction, useCall } from '../../data/index.ts';
import {
  Button,
  CommandLine,
  Dialog,
  ErrorState,
  FolderField,
  larderCommand,
  Note,
  roleColor,
  roleNames,
  Skeleton,
  Swatch,
  TextField,
  useDebounced,
} from '../../design/index.ts';
import css from './add-store-dialog.module.css';

export interface AddStoreDialogProps {
  onClose: () => void;
  onAdded: (store: Store) => void;
}

/** Registers a folder as a store, after showing what that would mean. */
export function AddStoreDialog({ onClose, onAdded }: AddStoreDialogProps): ReactNode {
  const [path, setPath] = useState('');
  const [name, setName] = useState<string>();
  const [destination, setDestination] = useState('');
  const asked = useDebounced(path.trim());
  const probe = useCall('stores.probe', { path: asked }, { enabled: asked !== '', fresh: true });
  const add = useAction('stores.add');
  const found = asked === path.trim() && !probe.isError ? probe.data : undefined;
  const shownName = name ?? found?.suggestedName ?? '';
  const blocked =
    path.trim() === ''
      ? 'Choose a folder first'
      : found === undefined
        ? 'Looking at the folder'
        : found.refusal === undefined
          ? undefined
          : found.refusal.message;

  const submit = (): void => {
    add.mutate(
      {
        path: path.trim(),
        ...(shownName.trim() === '' ? {} : { name: shownName.trim() }),
        ...(destination.trim() === '' ? {} : { destination: destination.trim() }),
      },
      { onSuccess: onAdded },
    );
  };

  return (
    <Dialog
      open
      onClose={onClose}
      title="Add a store"
      description="A store is a folder whose data Larder counts, watches and backs up. Its files stay as they are."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" busy={add.isPending} disabledReason={blocked} onClick={submit}>
            Add store
          </Button>
        </>
      }
    >
      <div className={css.form}>
        <FolderField label="Folder" value={path} onChange={setPath} chooseTitle="Choose a folder to add" />
        {asked === '' ? null : probe.isError ? (
          <ErrorState error={errorData(probe.error)} compact />
        ) : found === undefined ? (
          <Skeleton what="Looking at the folder" lines={2} />
        ) : (
          <ProbeResult probe={found} />
        )}
        {found !== undefined && found.refusal === undefined ? (
          <>
            <TextField label="Name" value={shownName} onChange={setName} maxLength={120} />
            <FolderField
              label="Backup folder"
              value={destination}
              onChange={setDestination}
              chooseTitle="Choose where backups are written"
              placeholder="Its own backups folder, or one beside it"
              hint="Where new backups are written; another disk is safer. It can be changed later."
            />
            <CommandLine
              command={larderCommand(
                'stores',
                'add',
                found.realPath ?? found.path,
                ...(shownName === found.suggestedName ? [] : ['--name', shownName]),
              )}
            />
          </>
        ) : null}
        {add.isError ? <ErrorState error={errorData(add.error)} compact /> : null}
      </div>
    </Dialog>
  );
}

function ProbeResult({ probe }: { probe: StoreProbe }): ReactNode {
  const { refusal, realPath } = probe;
  const known = probe.areas.filter((area) => area.role !== 'other');
  const others = probe.areas.length - known.length;
  return (
    <div className={css.probe}>
      {realPath === undefined || realPath === probe.path ? null : (
        <p className={css.fact}>
          The folder is really <code>{displayName(realPath)}</code>
        </p>
      )}
      {refusal === undefined ? null : (
        <Note tone="bad" title={refusal.message}>
          {refusal.hint}
        </Note>
      )}
      {refusal === undefined && known.length > 0 ? (
        <div>
          <p className={css.fact}>What seems to be in it, guessed from names:</p>
          <ul className={css.areas} tabIndex={0}>
            {known.map((area) => (
              <li key={area.id} className={css.area}>
                <Swatch color={roleColor(area.role)} />
                <span className={css.areaPath}>{displayName(area.path)}</span>
                <span className={css.areaRole}>{roleNames[area.role]}</span>
              </li>
            ))}
          </ul>
          {others > 0 ? <p className={css.fact}>and {formatQuantity(others, 'other folder')}</p> : null}
        </div>
      ) : null}
      {refusal === undefined && known.length === 0 ? (
        <p className={css.fact}>No folder in it has a name Larder knows; everything counts as other files.</p>
      ) : null}
      {probe.backupsFound > 0 ? (
        <Note tone="ok">
          {formatQuantity(probe.backupsFound, 'backup')} of this folder found; they can be restored.
        </Note>
      ) : null}
    </div>
  );
}
