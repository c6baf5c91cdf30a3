import { useState, type ReactNode } from 'react';
import { Button, Dialog, FolderField, joinFile, splitFile, TextField } from '../../design/index.ts';
import css from './choose-files-dialog.module.css';

/** Asks for a compose file, or a folder to look for them in. */
export function ChooseFilesDialog({
  start,
  onClose,
  onChoose,
}: {
  start: string | undefined;
  onClose: () => void;
  onChoose: (path: string) => void;
}): ReactNode {
  const [{ folder, name }, enter] = useState(() => splitFile(start ?? ''));
  const whole = name === '' ? folder : joinFile(folder, name);
  const problem =
    folder === '' ? 'Choose a folder first' : /^(\/|[A-Za-z]:|\\\\)/.test(folder) ? undefined : 'Give a whole path';
  return (
    <Dialog
      open
      onClose={onClose}
      title="Check other compose files"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" disabledReason={problem} onClick={() => onChoose(whole)}>
            Check
          </Button>
        </>
      }
    >
      <form
        className={css.body}
        onSubmit={(event) => {
          event.preventDefault();
          if (problem === undefined) onChoose(whole);
        }}
      >
        <FolderField
          label="Folder"
          value={folder}
          onChange={(next) => enter({ folder: next, name })}
          chooseTitle="Choose a folder with compose files"
        />
        <TextField
          label="Compose file"
          value={name}
          mono
          placeholder="All compose files in it"
          hint="Leave it empty for all of them. A file takes its override along, as docker compose does."
          onChange={(next) => enter({ folder, name: next })}
        />
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
