import { useState, type ReactNode } from 'react';
import type { KeptSecret } from '../../../shared/contract/index.ts';
import { displayName } from '../../../shared/path-text.ts';
import { errorData, useAction, useCall } from '../../data/index.ts';
import { Button, ConfirmDialog, ErrorState, Panel, RelativeTime, Tag } from '../../design/index.ts';
import css from './secrets.module.css';

const places = {
  keychain: 'in the keychain',
  file: 'in a file of Larder’s',
  named: 'only where its file is',
} as const;

/** What Larder keeps to open backups with; each can be forgotten unless new backups are encrypted with it. */
export function KeptKeys(): ReactNode {
  const list = useCall('secrets.list', {});
  const [going, setGoing] = useState<KeptSecret>();
  if (list.isError) return <ErrorState error={errorData(list.error)} onRetry={() => void list.refetch()} />;
  const secrets = list.data?.secrets ?? [];
  if (secrets.length === 0) return null;
  return (
    <Panel title="Keys that Larder knows">
      <p className={css.quiet}>They are tried on every encrypted backup, the ones of its store first.</p>
      <ul className={css.keys} aria-label="Keys that Larder knows">
        {secrets.map((secret) => (
          <li key={secret.id} className={css.key}>
            <div className={css.keyText}>
              <p>
                {secret.label} {secret.inUse ? <Tag tone="ok">in use</Tag> : null}
              </p>
              <p className={css.quiet}>
                {secret.kind === 'passphrase' ? 'Passphrase' : 'Identity'}, kept {places[secret.keptIn]}
                {secret.file === undefined ? '' : `: ${displayName(secret.file)}`}, since{' '}
                <RelativeTime atMs={secret.keptAtMs} />
              </p>
            </div>
            <Button
              size="small"
              disabledReason={secret.inUse ? 'New backups are encrypted with it' : undefined}
              onClick={() => setGoing(secret)}
            >
              Forget…
            </Button>
          </li>
        ))}
      </ul>
      {going === undefined ? null : <Forget secret={going} onClose={() => setGoing(undefined)} />}
    </Panel>
  );
}

function Forget({ secret, onClose }: { secret: KeptSecret; onClose: () => void }): ReactNode {
  const forget = useAction('secrets.forget');
  return (
    <ConfirmDialog
      open
      danger
      title="Forget this key?"
      confirmLabel="Forget it"
      busy={forget.isPending}
      error={forget.isError ? errorData(forget.error) : undefined}
      onClose={onClose}
      onConfirm={() => forget.mutate({ secret: secret.id }, { onSuccess: onClose })}
    >
      <p>
        {secret.label}. Backups made with it stay, and can be opened only by whoever still has the{' '}
        {secret.kind === 'passphrase' ? 'passphrase' : 'identity'}: Larder will ask for it.
      </p>
    </ConfirmDialog>
  );
}
