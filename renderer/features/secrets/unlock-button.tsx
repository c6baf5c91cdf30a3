import { useState, type ReactNode } from 'react';
import { KeyRound } from 'lucide-react';
import type { ErrorData } from '../../../shared/contract/index.ts';
import { Button } from '../../design/index.ts';
import { UnlockDialog } from './unlock-dialog.tsx';

export type KeyNeeded = 'passphrase' | 'identity';

/** Opens the window that asks for the key of an encrypted file. */
export function UnlockButton({ file, needs }: { file: string; needs: KeyNeeded }): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button size="small" icon={KeyRound} onClick={() => setOpen(true)}>
        {needs === 'passphrase' ? 'Enter the passphrase…' : 'Choose the identity file…'}
      </Button>
      {open ? <UnlockDialog file={file} needs={needs} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

/** For an error about a missing key, wherever it is shown: the button that asks for it. */
export function unlockRemedy({ details }: ErrorData): ReactNode {
  const path = details?.['path'];
  if (details?.['fix'] !== 'unlock' || typeof path !== 'string') return null;
  return <UnlockButton file={path} needs={details['needs'] === 'identity' ? 'identity' : 'passphrase'} />;
}
