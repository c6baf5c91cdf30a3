import type { Disk, Role, UsageSummary } from '../../../shared/contract/index.ts';
import { bytesPerUnit, byteUnitFor, formatBytes, type ByteUnit } from '../../../shared/format.ts';
import { roleColor, roleNames, roleOrder, type BarPart } from '../../design/index.ts';
import { allocatedByRole } from '../../features/usage/index.ts';

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

/** Steps in which figures of one unit are shown: a hundredth from TiB on, where a tenth would hide a whole model. */
function decimalsOf(unit: ByteUnit): number {
  return unit === 'B' ? 0 : unit === 'TiB' || unit === 'PiB' ? 2 : 1;
}

/** A size in the steps of {@link withShownSum}: "727.9 GiB". */
export function shownFigure(bytes: number, unit: ByteUnit): string {
  return `${(bytes / bytesPerUnit(unit)).toFixed(decimalsOf(unit))} ${unit}`;
}

/**
 * Gives each part a figure in `unit` such that the shown figures add up to the shown whole (largest remainder). What
 * is less than one step gets its own unit instead.
 */
export function withShownSum(parts: readonly BarPart[], unit: ByteUnit): readonly BarPart[] {
  const decimals = decimalsOf(unit);
  const step = bytesPerUnit(unit) / 10 ** decimals;
  const floors = parts.map((part) => Math.floor(part.bytes / step));
  const whole = Math.round(parts.reduce((sum, part) => sum + part.bytes, 0) / step);
  let missing = whole - floors.reduce((sum, floor) => sum + floor, 0);
  const byRemainder = parts
    .map((part, index) => ({ index, remainder: part.bytes / step - (floors[index] ?? 0) }))
    .toSorted((a, b) => b.remainder - a.remainder);
  for (const { index } of byRemainder) {
    if (missing <= 0) break;
    floors[index] = (floors[index] ?? 0) + 1;
    missing -= 1;
  }
  return parts.map((part, index) => ({
    ...part,
    shown:
      part.bytes < step
        ? formatBytes(part.bytes)
        : `${((floors[index] ?? 0) / 10 ** decimals).toFixed(decimals)} ${unit}`,
  }));
}
