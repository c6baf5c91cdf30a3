import type { ReactNode } from 'react';
import type { Store } from '../../../shared/contract/index.ts';
import { Button, Dialog } from '../../design/index.ts';
import { StorageTestView } from './storage-test-view.tsx';

/** Tests the storage of a store as soon as it is opened. */
export function StorageTestDialog({ store, onClose }: { store: Store; onClose: () => void }): ReactNode {
  return (
    <Dialog
      open
      onClose={onClose}
      size="large"
      title={`Storage test of ${store.name}`}
      footer={<Button onClick={onClose}>Close</Button>}
    >
      <StorageTestView subject={{ store: store.id }} name={store.name} startAtOnce />
    </Dialog>
  );
}
