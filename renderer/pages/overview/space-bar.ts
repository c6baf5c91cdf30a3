import type { Disk, Role, UsageSummary } from '../../../shared/contract/index.ts';
import { byteUnitFor } from '../../../shared/format.ts';
import { roleColor, roleNames, roleOrder } from '../../design/roles.ts';
import type { BarPart } from '../../design/index.ts';
import { allocatedByRole, withShownSum } from '../../features/usage/index.ts';

/** One disk as the overview shows it. All sizes are bytes. */
export interface SpaceBar {
  parts: readonly BarPart[];
  used: number;
  /** Share of the disk in use, 0 to 1. */
  usedShare: number;
  level: 'fine' | 'warn' | 'bad';
}

const warnAbove = 0.8;
const badAbove = 0.9;

/**
 * A disk's bar: what the stores on it take by role, everything else that is used, and what is free. The parts add up
 * to the capacity; the shown figures of the stores' parts add up to the shown figure of their sum.
 */
export function spaceBar(disk: Disk, summaries: readonly UsageSummary[]): SpaceBar {
  const byRole = new Map<Role, number>();
  for (const summary of summaries.filter((each) => disk.stores.includes(each.store))) {
    for (const [role, bytes] of allocatedByRole(summary)) byRole.set(role, (byRole.get(role) ?? 0) + bytes);
  }
  const used = Math.max(0, disk.capacity - disk.free);
  // A file system that shares or compresses blocks may say that files take more than is used.
  const inStores = [...byRole.values()].reduce((sum, bytes) => sum + bytes, 0);
  const elsewhere = Math.max(0, used - inStores);
  const unit = byteUnitFor(disk.capacity);
  const storeParts = roleOrder.flatMap((role): BarPart[] => {
    const bytes = byRole.get(role) ?? 0;
    if (bytes === 0) return [];
    const label = role === 'other' ? 'Other in stores' : roleNames[role];
    return [{ id: role, label, bytes, color: roleColor(role) }];
  });
  const otherParts: BarPart[] = [
    ...(elsewhere > 0
      ? [{ id: 'elsewhere', label: 'Other files', bytes: elsewhere, color: '--elsewhere' as const }]
      : []),
    { id: 'free', label: 'Free', bytes: disk.free },
  ];
  const usedShare = disk.capacity === 0 ? 0 : used / disk.capacity;
  return {
    parts: [...withShownSum(storeParts, byteUnitFor(inStores)), ...withShownSum(otherParts, unit)],
    used,
    usedShare,
    level: usedShare >= badAbove ? 'bad' : usedShare >= warnAbove ? 'warn' : 'fine',
  };
}
