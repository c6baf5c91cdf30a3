import { useState, type ReactNode } from 'react';
import type { Store } from '../../../shared/contract/index.ts';
import { displayName } from '../../../shared/path-text.ts';
import { errorData, useAction } from '../../data/index.ts';
import {
  Button,
  CommandLine,
  ConfirmDialog,
  Dialog,
  ErrorState,
  FolderField,
  larderCommand,
  TextField,
} from '../../design/index.ts';
import css from './add-store-dialog.module.css';

interface EditProps {
  store: Store;
  onClose: () => void;
}

/** Gives a store another name; nothing on disk changes. */
export function RenameDialog({ store, onClose }: EditProps): ReactNode {
  const [name, setName] = useState(store.name);
  const update = useAction('stores.update');
  const submit = (): void => update.mutate({ store: store.id, name: name.trim() }, { onSuccess: onClose });
  return (
    <Dialog
      open
      onClose={onClose}
      size="small"
      title={`Rename ${store.name}`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            busy={update.isPending}
            disabledReason={name.trim() === '' ? 'A store needs a name' : undefined}
            onClick={submit}
          >
            Rename
          </Button>
        </>
      }
    >
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== '') submit();
        }}
      >
        <TextField
          label="Name"
          value={name}
          onChange={setName}
          maxLength={120}
          hint="The folder on disk keeps its name."
        />
        {update.isError ? <ErrorState error={errorData(update.error)} compact /> : null}
      </form>
    </Dialog>
  );
}

/** Lets new backups of a store go to another folder. */
export function DestinationDialog({ store, onClose }: EditProps): ReactNode {
  const [destination, setDestination] = useState(store.destination);
  const update = useAction('stores.update');
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Backup folder of ${store.name}`}
      description="New backups are written here. Backups made before stay where they are."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            busy={update.isPending}
            disabledReason={
              destination.trim() === ''
                ? 'Choose a folder first'
                : destination.trim() === store.destination
                  ? 'This is the folder already'
                  : undefined
            }
            onClick={() => update.mutate({ store: store.id, destination: destination.trim() }, { onSuccess: onClose })}
          >
            Change
          </Button>
        </>
      }
    >
      <div className={css.form}>
        <FolderField
          label="Backup folder"
          value={destination}
          onChange={setDestination}
          chooseTitle="Choose where backups are written"
          hint="A folder on another disk survives the loss of this one."
        />
        {update.isError ? <ErrorState error={errorData(update.error)} compact /> : null}
      </div>
    </Dialog>
  );
}

/** Takes a store off Larder's list. Its files and backups stay. */
export function ForgetDialog({ store, onClose, onForgotten }: EditProps & { onForgotten: () => void }): ReactNode {
  const remove = useAction('stores.remove');
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={`Remove ${store.name} from Larder?`}
      confirmLabel="Remove from Larder"
      danger
      busy={remove.isPending}
      error={remove.isError ? errorData(remove.error) : undefined}
      onConfirm={() => remove.mutate({ store: store.id }, { onSuccess: onForgotten })}
    >
      <div className={css.form}>
        <p>Larder stops counting and watching it. No file is deleted:</p>
        <ul>
          <li className={css.fact}>
            the data stays in <code>{displayName(store.path)}</code>
          </li>
          <li className={css.fact}>
            its backups stay in <code>{displayName(store.destination)}</code>
          </li>
        </ul>
        <CommandLine command={larderCommand('stores', 'remove', store.name)} />
      </div>
    </ConfirmDialog>
  );
}
