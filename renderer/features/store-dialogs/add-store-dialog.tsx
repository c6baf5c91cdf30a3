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
  Skeleton,
  TextField,
  useDebounced,
} from '../../design/index.ts';
import { StoreLayoutChoice } from './store-layout-choice.tsx';
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
  /** Undefined: what was detected; `none`: no layout. */
  const [layout, setLayout] = useState<string>();
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
        ...(layout === undefined ? {} : { layout: layout === 'none' ? null : layout }),
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
        <FolderField
          label="Folder"
          value={path}
          onChange={(next) => {
            setPath(next);
            // Another folder may be of another layout.
            setLayout(undefined);
          }}
          chooseTitle="Choose a folder to add"
        />
        {asked === '' ? null : probe.isError ? (
          <ErrorState error={errorData(probe.error)} compact />
        ) : found === undefined ? (
          <Skeleton what="Looking at the folder" lines={2} />
        ) : (
          <ProbeResult probe={found} layout={layout} onLayout={setLayout} />
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
                ...(layout === undefined ? [] : ['--layout', layout]),
              )}
            />
          </>
        ) : null}
        {add.isError ? <ErrorState error={errorData(add.error)} compact /> : null}
      </div>
    </Dialog>
  );
}

function ProbeResult({
  probe,
  layout,
  onLayout,
}: {
  probe: StoreProbe;
  layout: string | undefined;
  onLayout: (layout: string | undefined) => void;
}): ReactNode {
  const { refusal, realPath } = probe;
  return (
    <div className={css.probe}>
      {realPath === undefined || realPath === probe.path ? null : (
        <p className={css.fact}>
          The folder is really <code>{displayName(realPath)}</code>
        </p>
      )}
      {refusal === undefined ? (
        <StoreLayoutChoice probe={probe} value={layout} onChange={onLayout} />
      ) : (
        <Note tone="bad" title={refusal.message}>
          {refusal.hint}
        </Note>
      )}
      {probe.backupsFound > 0 ? (
        <Note tone="ok">
          {formatQuantity(probe.backupsFound, 'backup')} of this folder found; they can be restored.
        </Note>
      ) : null}
    </div>
  );
}
