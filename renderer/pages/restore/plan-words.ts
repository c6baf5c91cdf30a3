import type { Job, Overwrite, RestorePlan, RestoreTarget } from '../../../shared/contract/index.ts';
import { formatBytes, formatQuantity } from '../../../shared/format.ts';
import { larderCommand, type Choice } from '../../design/index.ts';

export const overwriteChoices: readonly Choice<Overwrite>[] = [
  { value: 'if-changed', label: 'Replace if different' },
  { value: 'if-newer', label: 'Keep what is newer' },
  { value: 'never', label: 'Never replace' },
  { value: 'always', label: 'Always replace' },
];

export const overwriteHints: Readonly<Record<Overwrite, string>> = {
  'if-changed': 'Files that are already as in the backup are not touched.',
  'if-newer': 'A file there is replaced only by a newer one.',
  never: 'Only what is missing comes back.',
  always: 'Every chosen file is written again, even one that is the same.',
};

/** Everything the plan would touch. */
export function touchedBy(plan: RestorePlan): number {
  return plan.created + plan.overwritten + plan.metadata + plan.deleted;
}

/** The numbers of a plan that are not nothing, in the order they matter: "Created", 5. */
export function planFigures(plan: RestorePlan): { id: string; label: string; count: number }[] {
  return [
    { id: 'created', label: 'Created', count: plan.created, always: true },
    { id: 'replaced', label: 'Replaced', count: plan.overwritten, always: true },
    { id: 'metadata', label: 'Permissions or times set', count: plan.metadata, always: false },
    { id: 'removed', label: 'Removed', count: plan.deleted, always: true },
    { id: 'kept', label: 'Kept, by the rule', count: plan.kept, always: false },
    { id: 'unchanged', label: 'Left alone, same already', count: plan.unchanged, always: true },
  ]
    .filter(({ count, always }) => always || count > 0)
    .map(({ id, label, count }) => ({ id, label, count }));
}

/** What stands against carrying out the plan; undefined when nothing does. */
export function planObstacle(plan: RestorePlan): 'nothing' | 'space' | undefined {
  if (!plan.enoughSpace) return 'space';
  return touchedBy(plan) === 0 ? 'nothing' : undefined;
}

/** What was done, as one sentence: "5 created, 317 replaced." */
export function doneWords(result: {
  created: number;
  overwritten: number;
  deleted: number;
  metadata?: number;
}): string {
  const parts = [
    ...(result.created > 0 ? [`${formatQuantity(result.created, 'item')} created`] : []),
    ...(result.overwritten > 0 ? [`${formatQuantity(result.overwritten, 'item')} replaced`] : []),
    ...((result.metadata ?? 0) > 0
      ? [`${formatQuantity(result.metadata ?? 0, 'item')} with permissions or times set`]
      : []),
    ...(result.deleted > 0 ? [`${formatQuantity(result.deleted, 'item')} removed`] : []),
  ];
  return parts.length === 0 ? 'Nothing had to change.' : `${parts.join(', ')}.`;
}

/** What those who hear the page are told when the plan or the restore moves on; nothing while it is on its way. */
export function statusWords(state: { plan: RestorePlan | undefined; planning: boolean }, job: Job | undefined): string {
  switch (job?.status) {
    case 'running':
      return job.kind === 'undo' ? 'Undoing' : 'Restoring';
    case 'done':
      return job.kind === 'undo' ? 'Undone' : 'Restored';
    case 'partial':
      return `Done in part, ${formatQuantity(job.warningCount, 'path')} skipped`;
    case 'failed':
    case 'cancelled':
    case 'interrupted':
    case undefined:
      break;
  }
  const { plan } = state;
  if (plan === undefined || state.planning) return '';
  switch (planObstacle(plan)) {
    case 'nothing':
      return 'Everything is already as in this backup';
    case 'space':
      return 'There is not enough space';
    case undefined:
      return `${formatQuantity(touchedBy(plan), 'item')} would be restored, ${formatBytes(plan.bytesToWrite)}`;
  }
}

/** With more paths than this a line is no longer one a person would paste. */
const pathsInCommand = 40;

/** The `larder` line that does the same; undefined when the paths are too many for one. */
export function restoreCommand(
  backup: string,
  paths: readonly string[],
  target: RestoreTarget,
  overwrite: Overwrite,
  deleteExtra: boolean,
): string | undefined {
  if (paths.length > pathsInCommand) return undefined;
  return larderCommand(
    'restore',
    backup,
    ...paths.flatMap((path) => ['--path', path]),
    ...(target.kind === 'folder' ? ['--to', target.path] : []),
    ...(overwrite === 'if-changed' ? [] : ['--overwrite', overwrite]),
    deleteExtra && '--delete',
  );
}
