import { useState, type ReactNode } from 'react';
import { displayName } from '../../../shared/path-text.ts';
import { errorData, useAction, useHost, useSystemInfo } from '../../data/index.ts';
import {
  Button,
  CommandLine,
  Dialog,
  ErrorState,
  FileField,
  joinFile,
  larderCommand,
  Note,
} from '../../design/index.ts';
import css from './secrets.module.css';

const proposedName = 'larder-identity.txt';

/** Makes an age identity in a file, and hands over its public key and the file. */
export function CreateIdentityDialog({
  onMade,
  onClose,
}: {
  onMade: (recipient: string, file: string) => void;
  onClose: () => void;
}): ReactNode {
  const { pickFile } = useHost();
  const home = useSystemInfo()?.userHome ?? '';
  const [file, setFile] = useState(() => (pickFile === undefined ? joinFile(home, proposedName) : ''));
  const create = useAction('secrets.createIdentity');
  const made = create.data;
  const isFile = /[/\\].*[^/\\]$/.test(file);
  return (
    <Dialog
      open
      onClose={onClose}
      title="Make a key"
      description="A pair of keys: the public one encrypts backups, the identity opens them."
      footer={
        made === undefined ? (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button
              variant="primary"
              busy={create.isPending}
              disabledReason={isFile ? undefined : 'Choose where the identity is written'}
              onClick={() => create.mutate({ file })}
            >
              Make the key
            </Button>
          </>
        ) : (
          <Button
            variant="primary"
            onClick={() => {
              onMade(made.recipient, made.file);
              onClose();
            }}
          >
            Use it
          </Button>
        )
      }
    >
      <div className={css.fields}>
        {made === undefined ? (
          <>
            <FileField
              label="Identity file"
              chooseTitle="Choose where the identity is written"
              mode="save"
              name={proposedName}
              value={file}
              onChange={setFile}
              placeholder={proposedName}
              hint="Only your user can read it. Not in the store and not in the backup folder."
            />
            {create.isError ? <ErrorState error={errorData(create.error)} compact /> : null}
            {isFile ? <CommandLine command={larderCommand('keygen', file)} /> : null}
          </>
        ) : (
          <>
            <p>
              The public key is <code className={css.mono}>{made.recipient}</code>
            </p>
            <Note tone="warn" title="Keep a copy of the identity file somewhere else">
              It is <code className={css.mono}>{displayName(made.file)}</code>. Without it nobody can open backups made
              for this key.
            </Note>
          </>
        )}
      </div>
    </Dialog>
  );
}
