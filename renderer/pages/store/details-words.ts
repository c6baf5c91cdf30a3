import type { Age } from '../../../shared/contract/index.ts';
import { displayName } from '../../../shared/path-text.ts';

/** Youngest first. */
export const ageOrder: readonly Age[] = ['day', 'week', 'month', 'quarter', 'year', 'older'];

export const ageNames: Readonly<Record<Age, string>> = {
  day: 'within a day',
  week: 'within a week',
  month: 'within 30 days',
  quarter: 'within 90 days',
  year: 'within a year',
  older: 'longer ago',
};

/** What an extension is called: `''` for none, `*` for all that are not named. */
export function typeName(type: string): string {
  if (type === '') return 'no extension';
  if (type === '*') return 'all others';
  return `.${displayName(type)}`;
}
