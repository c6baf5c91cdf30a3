import type { Backup } from '../../../shared/contract/index.ts';
import { errorData, useAction } from '../../data/index.ts';
import { useToast } from '../../design/index.ts';

/** Starts a verification; the job is followed like any other, and a refusal is said in the corner. */
export function useVerify(): (backup: Backup, deep: boolean) => void {
  const verify = useAction('backups.verify');
  const toast = useToast();
  return (backup, deep) =>
    verify.mutate(
      { backup: backup.id, mode: deep ? 'deep' : 'quick' },
      {
        onError: (error) => {
          const { message, hint } = errorData(error);
          toast({ tone: 'bad', title: message, text: hint });
        },
      },
    );
}
