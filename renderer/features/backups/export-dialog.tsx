import { useState, type ReactNode } from 'react';
import type { Backup } from '../../../shared/contract/index.ts';
import { formatDateTime } from '../../../shared/format.ts';
import { errorData, useAction, useHost, useSystemInfo } from '../../data/index.ts';
import {
  Button,
  Bytes,
  CommandLine,
  Dialog,
  ErrorState,
  FileField,
  joinFile,
  larderCommand,
  Note,
  splitFile,
} from '../../design/index.ts';
import { folderOf } from './backup-words.ts';
import { exportProblem, proposedName } from './export-name.ts';
import css from './dialogs.module.css';

/** Asks where to, and writes one plain archive that holds everything of a backup. */
export function ExportDialog({ backup, onClose }: { backup: Backup; onClose: () => void }): ReactNode {
  const info = useSystemInfo();
  const { pickFile } = useHost();
  // On the desktop only what was chosen may be written to.
  const [file, setFile] = useState(() =>
    pickFile === undefined ? joinFile(info?.userHome ?? '', proposedName(backup)) : '',
  );
  const start = useAction('backups.export');
  const { folder, name } = splitFile(file);
  const problem = folder === '' ? 'Choose where it goes first' : exportProblem(name, info?.zstd !== false);
  return (
    <Dialog
      open
      onClose={onClose}
      title="Export a backup"
      description={`${backup.storeName}, ${formatDateTime(backup.startedAtMs)}`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            busy={start.isPending}
            disabledReason={problem}
            onClick={() =>
              start.mutate({ backup: backup.id, destination: folderOf(backup), file }, { onSuccess: onClose })
            }
          >
            Export
          </Button>
        </>
      }
    >
      <div className={css.body}>
        <p>
          One archive that any <code>tar</code> opens, with all <Bytes value={backup.bytes} /> of this backup, also what
          lies in older archives. It can take up to that much space.
        </p>
        <FileField
          label="Archive"
          chooseTitle="Choose where the archive is written"
          mode="save"
          name={proposedName(backup)}
          value={file}
          onChange={setFile}
          hint=".tar.zst, .tar.gz or .tar"
          error={name === '' ? undefined : exportProblem(name, info?.zstd !== false)}
        />
        {backup.encrypted ? (
          <Note tone="warn" title="The export is not encrypted">
            Whoever has the file can read everything in it.
          </Note>
        ) : null}
        {start.isError ? <ErrorState error={errorData(start.error)} compact /> : null}
        <CommandLine command={larderCommand('export', backup.id, file)} />
      </div>
    </Dialog>
  );
}
