import type { ReactNode } from 'react';
import type { Keeping } from '../../../shared/contract/index.ts';
import { displayName } from '../../../shared/path-text.ts';
import { useCall } from '../../data/index.ts';
import { Note } from '../../design/index.ts';
import css from './secrets.module.css';

/** Where what is typed is kept on this machine. */
export function KeepingNote(): ReactNode {
  const keeping = useCall('secrets.list', {}).data?.keeping;
  return keeping === undefined ? null : <KeepingWords keeping={keeping} />;
}

function KeepingWords({ keeping }: { keeping: Keeping }): ReactNode {
  if (keeping.keptIn === 'keychain') {
    return (
      <p className={css.quiet}>
        Larder keeps it in {keeping.where}. The <code>larder</code> command cannot open that; for scheduled runs put the
        passphrase in a file and name it in <code>LARDER_PASSPHRASE_FILE</code>.
      </p>
    );
  }
  return (
    <Note tone="info" title="It is kept in a file, not in a keychain">
      {keeping.reason} Larder keeps it unencrypted in a file that only your user can read, in{' '}
      <code className={css.mono}>{displayName(keeping.where)}</code>.
    </Note>
  );
}
