import { z } from 'zod';
import { count } from './common.ts';

/**
 * Which backups rotation keeps. Each number keeps the newest backup of that many hours, days, weeks (ISO), months or
 * years that have one; 0 asks for none. With everything 0 and no `keepWithinDays`, nothing is ever removed.
 */
export const retentionSchema = z.strictObject({
  keepLast: count.max(100_000),
  keepHourly: count.max(100_000),
  keepDaily: count.max(100_000),
  keepWeekly: count.max(100_000),
  keepMonthly: count.max(100_000),
  keepYearly: count.max(100_000),
  /** Everything made in the last so many days. */
  keepWithinDays: z.number().positive().max(100_000).optional(),
});
export type Retention = z.infer<typeof retentionSchema>;

/**
 * Why a backup stays or goes. It stays: `pinned`; by a rule (`last` to `within`); whatever the rules are, as the newest
 * `whole` one, the newest `verified`, or the `newest` where none is whole; `future`, dated so; `everything`, as no rule
 * removes anything. It goes: `unkept` by any rule; `named`, and then `lastWhole` where no whole one is left without it.
 */
export const retentionKindSchema = z.enum([
  'pinned',
  'last',
  'hourly',
  'daily',
  'weekly',
  'monthly',
  'yearly',
  'within',
  'whole',
  'verified',
  'newest',
  'future',
  'everything',
  'unkept',
  'named',
  'lastWhole',
]);
export type RetentionKind = z.infer<typeof retentionKindSchema>;
