export { AddStoreDialog } from './add-store-dialog.tsx';
export { DestinationDialog, ForgetDialog, RenameDialog } from './edit-store-dialogs.tsx';
export { SettingsDialog } from './settings-dialog.tsx';
