import { useState, type ReactNode } from 'react';
import { displayName } from '../../../shared/path-text.ts';
import { errorData, useAction } from '../../data/index.ts';
import {
  Button,
  Checkbox,
  Dialog,
  ErrorState,
  FileField,
  SecretField,
  splitFile,
  useToast,
} from '../../design/index.ts';
import { KeepingNote } from './keeping-note.tsx';
import type { KeyNeeded } from './unlock-button.tsx';
import css from './secrets.module.css';

/** Asks for the key of an encrypted backup, tries it, and remembers it when that is wanted. */
export function UnlockDialog({
  file,
  needs: first,
  onClose,
}: {
  file: string;
  needs: KeyNeeded;
  onClose: () => void;
}): ReactNode {
  const [needs, setNeeds] = useState(first);
  const [key, setKey] = useState('');
  const [remember, setRemember] = useState(false);
  const unlock = useAction('secrets.unlock');
  const toast = useToast();
  const isFile = needs === 'identity';
  const missing = isFile ? 'Choose the identity file first' : 'Enter the passphrase first';
  const isMissing = isFile ? !/[^/\\]$/.test(key) || !/[/\\]/.test(key) : key === '';
  const open = (): void => {
    if (isMissing || unlock.isPending) return;
    unlock.mutate(
      { file, remember, ...(isFile ? { identityFile: key } : { passphrase: key }) },
      {
        onSuccess() {
          toast({
            tone: 'ok',
            title: 'The key fits',
            text: remember ? 'Larder keeps it.' : 'It is used until Larder is closed.',
          });
          onClose();
        },
      },
    );
  };
  return (
    <Dialog
      open
      onClose={onClose}
      size="small"
      title={isFile ? 'Open with an identity' : 'Open with a passphrase'}
      description={displayName(splitFile(file).name)}
      footerStart={
        <Button
          variant="quiet"
          onClick={() => {
            setNeeds(isFile ? 'passphrase' : 'identity');
            setKey('');
            unlock.reset();
          }}
        >
          {isFile ? 'Use a passphrase' : 'Use an identity file'}
        </Button>
      }
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            busy={unlock.isPending}
            disabledReason={isMissing ? missing : undefined}
            onClick={open}
          >
            Open
          </Button>
        </>
      }
    >
      <form
        className={css.fields}
        onSubmit={(event) => {
          event.preventDefault();
          open();
        }}
      >
        {isFile ? (
          <FileField
            label="Identity file"
            chooseTitle="Choose the identity file"
            mode="open"
            value={key}
            onChange={setKey}
            placeholder="larder-identity.txt"
            hint="As age-keygen or Larder wrote it, of anyone it was encrypted for."
          />
        ) : (
          <SecretField
            label="Passphrase"
            value={key}
            onChange={setKey}
            maxLength={1_000}
            hint="The one this backup was made with. Trying it takes about a second."
          />
        )}
        <Checkbox label="Remember it on this computer" checked={remember} onChange={setRemember} />
        {remember && !isFile ? <KeepingNote /> : null}
        {unlock.isError ? <ErrorState error={withoutRemedy(errorData(unlock.error))} compact /> : null}
      </form>
    </Dialog>
  );
}

/** Here is the window that the remedy would open. */
function withoutRemedy({ details: _, ...error }: ReturnType<typeof errorData>): ReturnType<typeof errorData> {
  return error;
}
