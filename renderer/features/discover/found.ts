import type { Discovered } from '../../../shared/contract/index.ts';
import { formatBytes, formatQuantity } from '../../../shared/format.ts';

export function canAdd({ store, refusal }: Discovered): boolean {
  return store === undefined && refusal === undefined;
}

/**
 * What can be added first, the largest of it at the top; then what is a store already, then the rest. While sizes are
 * counted by name, so that rows stay where they are.
 */
export function sortFound(found: readonly Discovered[], counting: boolean): readonly Discovered[] {
  const rank = (one: Discovered): number => (canAdd(one) ? 0 : one.refusal === undefined ? 1 : 2);
  const size = (one: Discovered): number => (counting ? 0 : (one.size?.bytes ?? 0));
  return found.toSorted(
    (a, b) => rank(a) - rank(b) || size(b) - size(a) || a.layout.title.localeCompare(b.layout.title),
  );
}

/** "2 stores, 1.2 GiB"; with what is not counted yet it is at least that. */
export function sumWords(found: readonly Discovered[]): string {
  const bytes = found.reduce((sum, { size }) => sum + (size?.bytes ?? 0), 0);
  const atLeast = found.some(({ size }) => size === undefined || size.atLeast);
  const stores = formatQuantity(found.length, 'store');
  return bytes === 0 ? stores : `${stores}, ${atLeast ? 'at least ' : ''}${formatBytes(bytes)}`;
}
