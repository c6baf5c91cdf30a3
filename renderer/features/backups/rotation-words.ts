import type { Retention } from '../../../shared/contract/index.ts';
import { formatQuantity } from '../../../shared/format.ts';
import { keepsEverything } from '../../../shared/retention.ts';

/** The numbers of the rules, in the order shown. */
export const rotationNumbers = [
  { key: 'keepLast', label: 'Last', hint: 'the newest so many', words: (n: number) => `the last ${n}` },
  { key: 'keepHourly', label: 'Hourly', hint: 'the newest of each hour', words: (n: number) => `${n} hourly` },
  { key: 'keepDaily', label: 'Daily', hint: 'the newest of each day', words: (n: number) => `${n} daily` },
  { key: 'keepWeekly', label: 'Weekly', hint: 'the newest of each week', words: (n: number) => `${n} weekly` },
  { key: 'keepMonthly', label: 'Monthly', hint: 'the newest of each month', words: (n: number) => `${n} monthly` },
  { key: 'keepYearly', label: 'Yearly', hint: 'the newest of each year', words: (n: number) => `${n} yearly` },
] as const;

/** The rules in a sentence: "the last 3, 7 daily and everything of 30 days". */
export function rulesInWords(rules: Retention): string {
  if (keepsEverything(rules)) return 'everything, for ever';
  const parts = rotationNumbers.flatMap(({ key, words }) => (rules[key] === 0 ? [] : [words(rules[key])]));
  if (rules.keepWithinDays !== undefined) parts.push(`everything of ${formatQuantity(rules.keepWithinDays, 'day')}`);
  const last = parts.pop() ?? '';
  return parts.length === 0 ? last : `${parts.join(', ')} and ${last}`;
}
