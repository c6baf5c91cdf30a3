import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import { BackupDialog } from '../features/backup-dialog/index.ts';
import { DiscoverDialog } from '../features/discover/index.ts';
import { PaletteDialog, ShortcutsDialog } from '../features/palette/index.ts';
import { StorageTestDialog } from '../features/storage-test/index.ts';
import {
  AddStoreDialog,
  DestinationDialog,
  ForgetDialog,
  RenameDialog,
  SettingsDialog,
} from '../features/store-dialogs/index.ts';
import type { DialogRequest } from './actions/index.ts';
import { useChosenStore } from './chosen-store.tsx';
import { pagePaths } from './paths.ts';

/** The window an action asked for. */
export function ActionDialog({ request, onClose }: { request: DialogRequest; onClose: () => void }): ReactNode {
  const [location, navigate] = useLocation();
  const { choose } = useChosenStore();
  switch (request.kind) {
    case 'palette':
      return <PaletteDialog initialQuery={request.query} onClose={onClose} />;
    case 'shortcuts':
      return <ShortcutsDialog onClose={onClose} />;
    case 'addStore':
      return (
        <AddStoreDialog
          onClose={onClose}
          onAdded={(store) => {
            onClose();
            navigate(pagePaths.store(store.id));
          }}
        />
      );
    case 'discover':
      return <DiscoverDialog onClose={onClose} />;
    case 'storageTest':
      return <StorageTestDialog store={request.store} onClose={onClose} />;
    case 'backup':
      return <BackupDialog store={request.store} onClose={onClose} />;
    case 'rename':
      return <RenameDialog store={request.store} onClose={onClose} />;
    case 'destination':
      return <DestinationDialog store={request.store} onClose={onClose} />;
    case 'storeSettings':
      return <SettingsDialog store={request.store} onClose={onClose} />;
    case 'forget':
      return (
        <ForgetDialog
          store={request.store}
          onClose={onClose}
          onForgotten={() => {
            onClose();
            choose(undefined);
            if (location.startsWith(pagePaths.store(request.store.id))) navigate(pagePaths.stores());
          }}
        />
      );
  }
}
