export { backupTags, tookWords, verifyModes, type BackupTag } from './backup-tags.ts';
export { BackUpButton } from './back-up-button.tsx';
export { useVerify } from './use-verify.ts';
