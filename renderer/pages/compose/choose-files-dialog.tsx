import { useState, type ReactNode } from 'react';
import { Button, Dialog, FolderField, joinFile, TextField } from '../../design/index.ts';
import css from './choose-files-dialog.module.css';

/** Where compose files are; without a name all of the folder. */
export interface ChosenFiles {
  folder: string;
  name: string;
}

/** The chosen file, or the folder. */
export function pathOf({ folder, name }: ChosenFiles): string {
  return name === '' ? folder : joinFile(folder, name);
}

/** Asks for a compose file, or a folder to look for them in. */
export function ChooseFilesDialog({
  start,
  onClose,
  onChoose,
}: {
  start: ChosenFiles | undefined;
  onClose: () => void;
  onChoose: (files: ChosenFiles) => void;
}): ReactNode {
  const [files, enter] = useState(start ?? { folder: '', name: '' });
  const { folder, name } = files;
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
          <Button variant="primary" disabledReason={problem} onClick={() => onChoose(files)}>
            Check
          </Button>
        </>
      }
    >
      <form
        className={css.body}
        onSubmit={(event) => {
          event.preventDefault();
          if (problem === undefined) onChoose(files);
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
