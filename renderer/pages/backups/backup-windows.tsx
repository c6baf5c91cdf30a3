import type { ReactNode } from 'react';
import type { Backup, Store } from '../../../shared/contract/index.ts';
import { ExportDialog, folderOf, NoteDialog, RemovalDialog, VerifyDialog } from '../../features/backups/index.ts';
import type { BackupWindow } from './backup-menu.ts';

/** The window that was asked for. */
export function BackupWindows({
  request,
  backups,
  stores,
  onClose,
}: {
  request: BackupWindow;
  backups: readonly Backup[];
  stores: readonly Store[];
  onClose: () => void;
}): ReactNode {
  switch (request.kind) {
    case 'verify':
      return <VerifyDialog backup={request.backup} onClose={onClose} />;
    case 'export':
      return <ExportDialog backup={request.backup} onClose={onClose} />;
    case 'note':
      return <NoteDialog backup={request.backup} onClose={onClose} />;
    case 'remove': {
      const [first] = request.backups;
      const store = stores.find(({ id }) => id === first?.store);
      if (first === undefined || store === undefined) return null;
      const folder = folderOf(first);
      return (
        <RemovalDialog
          store={store}
          destination={folder}
          wish={{ backups: request.backups.map(({ id }) => id) }}
          backups={backups.filter((backup) => backup.store === store.id && folderOf(backup) === folder)}
          onClose={onClose}
        />
      );
    }
  }
}
