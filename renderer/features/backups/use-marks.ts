import type { Backup } from '../../../shared/contract/index.ts';
import { errorData, useAction } from '../../data/index.ts';
import { useToast } from '../../design/index.ts';
import { folderOf } from './backup-words.ts';

/** Pins backups or lets them go again; a refusal is said in the corner. */
export function usePin(): (backups: readonly Backup[], pinned: boolean) => void {
  const mark = useAction('backups.mark');
  const toast = useToast();
  return (backups, pinned) => {
    void (async () => {
      try {
        // One after the other: each takes the destination's lock.
        for (const backup of backups) {
          if (backup.pinned === pinned) continue;
          await mark.mutateAsync({ backup: backup.id, destination: folderOf(backup), pinned });
        }
      } catch (error) {
        const { message, hint } = errorData(error);
        toast({ tone: 'bad', title: message, text: hint });
      }
    })();
  };
}
