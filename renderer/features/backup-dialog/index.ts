export { BackupDialog } from './backup-dialog.tsx';
