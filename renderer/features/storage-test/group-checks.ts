import type { StorageCheck } from '../../../shared/contract/index.ts';
import { formatQuantity } from '../../../shared/format.ts';

export interface CheckGroup {
  /** Path of the area, `''` the folder itself; undefined for the store as a whole. */
  readonly area: string | undefined;
  readonly checks: readonly StorageCheck[];
}

/** Checks by area, the store as a whole first, in the order they come. */
export function groupChecks(checks: readonly StorageCheck[]): readonly CheckGroup[] {
  const groups = new Map<string | undefined, StorageCheck[]>([[undefined, []]]);
  for (const check of checks) groups.set(check.area, [...(groups.get(check.area) ?? []), check]);
  return [...groups].flatMap(([area, of]) => (of.length === 0 ? [] : [{ area, checks: of }]));
}

const order = ['fail', 'warn', 'skip', 'pass'] as const;

/** The worst of some checks. */
export function worst(checks: readonly StorageCheck[]): StorageCheck['status'] {
  return order.find((status) => checks.some((check) => check.status === status)) ?? 'pass';
}

/** "12 pass, 1 fails" */
export function countsWords(checks: readonly StorageCheck[]): string {
  const count = (status: StorageCheck['status']): number => checks.filter((check) => check.status === status).length;
  const [fail, warn, skip, pass] = [count('fail'), count('warn'), count('skip'), count('pass')];
  return [
    ...(fail > 0 ? [`${fail} ${fail === 1 ? 'fails' : 'fail'}`] : []),
    ...(warn > 0 ? [formatQuantity(warn, 'warning')] : []),
    ...(pass > 0 ? [`${pass} ${pass === 1 ? 'passes' : 'pass'}`] : []),
    ...(skip > 0 ? [`${skip} cannot be told`] : []),
  ].join(', ');
}
