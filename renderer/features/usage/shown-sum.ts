import { bytesPerUnit, formatBytes, type ByteUnit } from '../../../shared/format.ts';
import type { BarPart } from '../../design/index.ts';

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
