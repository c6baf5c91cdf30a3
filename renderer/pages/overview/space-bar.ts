import type { Disk, Role, UsageSummary } from '../../../shared/contract/index.ts';
import { bytesPerUnit, byteUnitFor, formatBytes, type ByteUnit } from '../../../shared/format.ts';
import { roleColor, roleNames, roleOrder, type BarPart } from '../../design/index.ts';

/** One disk as the overview shows it. All sizes are bytes. */
export interface SpaceBar {
  parts: readonly BarPart[];
  unit: ByteUnit;
  used: number;
  /** Share of the disk in use, 0 to 1. */
  usedShare: number;
  level: 'fine' | 'warn' | 'bad';
}

const warnAbove = 0.8;
const badAbove = 0.9;

/** How much a store's folders take on disk by what they are for; loose files and folders' own blocks count as other. */
export function allocatedByRole(summary: UsageSummary): ReadonlyMap<Role, number> {
  const byRole = new Map<Role, number>();
  let named = 0;
  for (const area of summary.areas) {
    byRole.set(area.role, (byRole.get(area.role) ?? 0) + area.allocated);
    named += area.allocated;
  }
  const rest = Math.max(0, summary.allocated - named);
  if (rest > 0) byRole.set('other', (byRole.get('other') ?? 0) + rest);
  return byRole;
}

/**
 * A disk's bar: what the stores on it take by role, everything else that is used, and what is free. The parts add up
 * to the capacity, as numbers and as they are shown.
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
  const unit = byteUnitFor(Math.max(used, disk.capacity));
  const parts: BarPart[] = [
    ...roleOrder.flatMap((role): BarPart[] => {
      const bytes = byRole.get(role) ?? 0;
      if (bytes === 0) return [];
      const label = role === 'other' ? 'Other in stores' : roleNames[role];
      return [{ id: role, label, bytes, color: roleColor(role) }];
    }),
    ...(elsewhere > 0
      ? [{ id: 'elsewhere', label: 'Other files', bytes: elsewhere, color: '--elsewhere' as const }]
      : []),
    { id: 'free', label: 'Free', bytes: disk.free },
  ];
  const usedShare = disk.capacity === 0 ? 0 : used / disk.capacity;
  return {
    parts: withShownSum(parts, unit),
    unit,
    used,
    usedShare,
    level: usedShare >= badAbove ? 'bad' : usedShare >= warnAbove ? 'warn' : 'fine',
  };
}

/**
 * Gives each part a figure with one decimal of `unit` such that the shown figures add up to the shown whole (largest
 * remainder). What would be shown as 0.0 gets its own unit instead.
 */
export function withShownSum(parts: readonly BarPart[], unit: ByteUnit): readonly BarPart[] {
  const tenth = bytesPerUnit(unit) / 10;
  if (unit === 'B') return parts;
  const floors = parts.map((part) => Math.floor(part.bytes / tenth));
  const whole = Math.round(parts.reduce((sum, part) => sum + part.bytes, 0) / tenth);
  let missing = whole - floors.reduce((sum, floor) => sum + floor, 0);
  const byRemainder = parts
    .map((part, index) => ({ index, remainder: part.bytes / tenth - (floors[index] ?? 0) }))
    .toSorted((a, b) => b.remainder - a.remainder);
  for (const { index } of byRemainder) {
    if (missing <= 0) break;
    floors[index] = (floors[index] ?? 0) + 1;
    missing -= 1;
  }
  return parts.map((part, index) => {
    const tenths = floors[index] ?? 0;
    return {
      ...part,
      shown: tenths === 0 || part.bytes < tenth ? formatBytes(part.bytes) : `${(tenths / 10).toFixed(1)} ${unit}`,
    };
  });
}
