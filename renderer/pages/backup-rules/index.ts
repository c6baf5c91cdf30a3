export { BackupRulesPage } from './backup-rules-page.tsx';
