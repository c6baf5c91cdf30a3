import type { Backup, RemovalPlan } from '../../../shared/contract/index.ts';
import { formatQuantity } from '../../../shared/format.ts';

export interface RemovalSummary {
  going: number;
  staying: number;
  /** Of those going. */
  pinned: number;
  /** After it no backup is left that is whole. */
  leavesNoneWhole: boolean;
  /** Ids of backups that stay and that those going are drawn on by. */
  heldFor: number;
  heldBytes: number;
}

function isWhole(backup: Backup): boolean {
  return backup.problem === undefined && backup.verified?.ok !== false && backup.status === 'done';
}

/** What a removal comes to. `backups`: all of the same store in the same folder. */
export function removalSummary(plan: RemovalPlan, backups: readonly Backup[]): RemovalSummary {
  const gone = new Set(plan.backups.filter(({ keep }) => !keep).map(({ backup }) => backup));
  return {
    going: gone.size,
    staying: plan.backups.length - gone.size,
    pinned: backups.filter(({ id, pinned }) => pinned && gone.has(id)).length,
    leavesNoneWhole:
      backups.some((backup) => isWhole(backup) && gone.has(backup.id)) &&
      !backups.some((backup) => isWhole(backup) && !gone.has(backup.id)),
    heldFor: new Set(plan.held.flatMap(({ neededBy }) => neededBy)).size,
    heldBytes: plan.held.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** The question's title: "Remove 3 backups?". */
export function removalTitle({ going }: RemovalSummary): string {
  return `Remove ${formatQuantity(going, 'backup')}?`;
}

/** What must be ticked before pinned backups, or the last whole one, are removed: "Remove the pinned backup, too". */
export function sureLabel({ going, pinned, leavesNoneWhole }: RemovalSummary): string {
  const pins = pinned === 1 ? 'the pinned backup' : 'pinned backups';
  const whole = 'the last whole backup';
  if (going === 1) return `Remove ${leavesNoneWhole ? whole : pins} all the same`;
  const what = [...(pinned > 0 ? [pins] : []), ...(leavesNoneWhole ? [whole] : [])].join(' and ');
  return `Remove ${what}, too`;
}

/** Who an archive stays for: "kept for 3 later backups". */
export function heldWords(neededBy: number): string {
  return neededBy === 0
    ? 'kept, as nobody can tell whether it is needed'
    : `kept for ${formatQuantity(neededBy, 'later backup')}`;
}
