export { StorageTestDialog } from './storage-test-dialog.tsx';
export { StorageTestView } from './storage-test-view.tsx';
