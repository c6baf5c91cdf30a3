import type { BackupPlan, Role, Store } from '../../../shared/contract/index.ts';
import { formatBytes, formatDuration, formatQuantity } from '../../../shared/format.ts';
import { roleColor, roleNames, roleOrder, type BarPart } from '../../design/index.ts';

/** What a backup would read and what it would leave unread, as it is unchanged. */
export function toRead(plan: BackupPlan): { files: number; bytes: number } {
  return {
    files: Math.max(0, plan.files - plan.unchanged.files),
    bytes: Math.max(0, plan.bytes - plan.unchanged.bytes),
  };
}

/** The plan's content by role, in the order of all charts. */
export function rolesOf(plan: BackupPlan): BarPart[] {
  const bytes = new Map<Role, number>();
  for (const area of plan.included) bytes.set(area.role, (bytes.get(area.role) ?? 0) + area.bytes);
  return roleOrder.flatMap((role) => {
    const sum = bytes.get(role) ?? 0;
    return sum === 0 ? [] : [{ id: role, label: roleNames[role], bytes: sum, color: roleColor(role) }];
  });
}

/** Room at the destination when the backup takes as much as it can. */
export function freeAfter(plan: BackupPlan): number {
  return Math.max(0, plan.free - plan.needed);
}

export function encryptionWords(plan: BackupPlan, store: Store): string {
  if (!plan.encrypted) return 'not encrypted';
  const { encryption } = store.rules;
  if (encryption?.kind === 'recipients') {
    return `encrypted for ${formatQuantity(encryption.recipients.length, 'key')}`;
  }
  return encryption === undefined ? 'encrypted' : 'encrypted with the passphrase';
}

export function takesWords(plan: BackupPlan): string {
  if (plan.estimatedMs === undefined) return 'not known before the first one';
  return plan.estimatedMs < 1_000 ? 'about a second' : `about ${formatDuration(plan.estimatedMs)}`;
}

/** Why the kind cannot be chosen; undefined when it can. */
export function onlyFull(plan: BackupPlan, full: boolean, store: Store): string | undefined {
  if (store.rules.selfContained) return 'The rules of this store say that every backup holds everything itself.';
  if (!full && plan.kind === 'full')
    return 'There is no earlier backup there to build upon, so this one holds everything.';
  return undefined;
}

/** What is left out, the most first. */
export function leftOut(plan: BackupPlan): { path: string; reason: string }[] {
  return plan.excluded
    .toSorted((a, b) => b.bytes - a.bytes || b.files - a.files)
    .map(({ path, reason, files, bytes }) => ({
      path,
      reason: `${formatBytes(bytes)}, ${formatQuantity(files, 'file')} · ${reason}`,
    }));
}
