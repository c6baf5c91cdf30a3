import { useState, type ReactNode } from 'react';
import type { Backup } from '../../../shared/contract/index.ts';
import { formatDateTime } from '../../../shared/format.ts';
import { errorData, useAction } from '../../data/index.ts';
import { Button, Dialog, ErrorState, TextField } from '../../design/index.ts';
import { folderOf } from './backup-words.ts';
import css from './dialogs.module.css';

/** Changes what a backup is remembered by. */
export function NoteDialog({ backup, onClose }: { backup: Backup; onClose: () => void }): ReactNode {
  const [note, setNote] = useState(backup.note ?? '');
  const mark = useAction('backups.mark');
  const save = (): void =>
    mark.mutate({ backup: backup.id, destination: folderOf(backup), note: note.trim() }, { onSuccess: onClose });
  return (
    <Dialog
      open
      onClose={onClose}
      size="small"
      title="Note"
      description={`${backup.storeName}, ${formatDateTime(backup.startedAtMs)}`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" busy={mark.isPending} onClick={save}>
            Save
          </Button>
        </>
      }
    >
      <form
        className={css.body}
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <TextField
          label="Note"
          value={note}
          onChange={setNote}
          maxLength={2_000}
          placeholder="before retraining NVDA"
          hint="It is kept beside the backup, and found again from any machine."
        />
        {mark.isError ? <ErrorState error={errorData(mark.error)} compact /> : null}
      </form>
    </Dialog>
  );
}
