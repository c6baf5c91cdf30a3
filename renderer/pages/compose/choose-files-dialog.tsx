import { useState, type ReactNode } from 'react';
import { Button, Dialog, FileField } from '../../design/index.ts';
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
  const [path, setPath] = useState(start ?? '');
  // A folder alone ends with its separator.
  const whole = path.length > 1 && !/^[A-Za-z]:[\\/]$/.test(path) ? path.replace(/[\\/]$/, '') : path;
  const problem =
    whole === '' ? 'Choose a folder first' : /^(\/|[A-Za-z]:|\\\\)/.test(whole) ? undefined : 'Give a whole path';
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
        <FileField
          label="Compose file"
          mode="open"
          chooseTitle="Choose a compose file"
          placeholder="All compose files in it"
          hint="Leave it empty for all of them. A file takes its override along, as docker compose does."
          value={path}
          onChange={setPath}
        />
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
