import type { AreaBackup, AreaCleanup } from '../../../shared/contract/index.ts';
import { formatPercent, formatQuantity } from '../../../shared/format.ts';

/** What of an area backups hold. */
export function backupWords(rule: AreaBackup): string {
  if (rule === 'always') return 'Always';
  if (rule === 'never') return 'Never';
  return `Last ${formatQuantity(rule.recentDays, 'day')}`;
}

/** What of an area may be cleaned up. */
export function cleanupWords(rule: AreaCleanup): string {
  if (rule === 'never') return 'Never';
  if (rule === 'retention') return 'By rotation';
  const age =
    'olderThanDays' in rule ? formatQuantity(rule.olderThanDays, 'day') : formatQuantity(rule.olderThanHours, 'hour');
  const only = rule.only === undefined ? '' : ` (${rule.only.join(', ')})`;
  return `After ${age}${only}`;
}

/** How well a layout fits. */
export function scoreWords(score: number): string {
  return `${formatPercent(score, 1)} fit`;
}
