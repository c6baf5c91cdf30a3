import type { Backup, Retention } from '../../../shared/contract/index.ts';
import { formatQuantity } from '../../../shared/format.ts';
import { keepsEverything, retain, simulate, type Retained, type RetentionMoment } from '../../../shared/retention.ts';
import { rotationNumbers } from '../../features/backups/index.ts';

/** What the rules would do now. */
export interface RotationNow {
  /** Newest first. */
  decided: readonly Retained<Backup>[];
  kept: number;
  removed: number;
  /** Bytes that those going had added; what later ones still need of it stays. */
  removedBytes: number;
}

export function rotationNow(backups: readonly Backup[], rules: Retention, moment: RetentionMoment): RotationNow {
  const decided = retain(backups, rules, moment);
  const going = decided.filter(({ keep }) => !keep);
  return {
    decided,
    kept: decided.length - going.length,
    removed: going.length,
    removedBytes: going.reduce((sum, { backup }) => sum + backup.storedBytes, 0),
  };
}

const dayMs = 86_400_000;

/** What a year of backups would leave. */
export interface YearLater {
  count: number;
  /** The count is a bound: there are too many to go through. */
  atMost: boolean;
  /** How far back they reach, in ms; absent for a bound. */
  reachMs?: number;
}

/** Backups looked at in all rotations of a year; beyond it the page would stand still for longer than a moment. */
const mostLooks = 400_000;

/** How many backups there would be after a year of one every so many hours, rotation after each. */
export function inAYear(
  now: RotationNow,
  rules: Retention,
  { nowMs, timeZone, everyHours, verified }: RetentionMoment & { everyHours: number; verified: boolean },
): YearLater {
  const untilMs = nowMs + 365 * dayMs;
  const start = now.decided.flatMap(({ backup, keep }) => (keep ? [backup] : []));
  const runs = Math.floor((365 * 24) / everyHours);
  const oldestNow = start.at(-1)?.startedAtMs;
  if (keepsEverything(rules)) {
    const oldest = oldestNow ?? nowMs + everyHours * 3_600_000;
    return { count: start.length + runs, atMost: false, reachMs: untilMs - oldest };
  }
  const within = ((rules.keepWithinDays ?? 0) * 24) / everyHours;
  const asked = rotationNumbers.reduce((sum, { key }) => sum + rules[key], 0) + Math.ceil(within);
  const always = start.filter(({ pinned, startedAtMs }) => pinned || startedAtMs > nowMs).length + 2;
  const bound = Math.min(start.length + runs, asked + always);
  if (bound * runs > mostLooks) return { count: bound, atMost: true };
  const left = simulate(start, rules, { nowMs, timeZone, everyHours, untilMs, verified });
  const last = left.at(-1);
  const oldest = last === undefined ? untilMs : last.t === 'present' ? last.backup.startedAtMs : last.atMs;
  return { count: left.length, atMost: false, reachMs: untilMs - oldest };
}

/** How far back something reaches: "7 months". */
export function reachWords(ms: number): string {
  const days = Math.round(ms / dayMs);
  if (days < 60) return formatQuantity(days, 'day');
  if (days < 730) return formatQuantity(Math.round(days / 30.44), 'month');
  return formatQuantity(Math.floor(days / 365.25), 'year');
}

export function sameRules(a: Retention, b: Retention): boolean {
  return rotationNumbers.every(({ key }) => a[key] === b[key]) && a.keepWithinDays === b.keepWithinDays;
}

const none: Retention = { keepLast: 0, keepHourly: 0, keepDaily: 0, keepWeekly: 0, keepMonthly: 0, keepYearly: 0 };

/** Rules to begin with. */
export const presets: readonly { label: string; rules: Retention }[] = [
  { label: 'The last 10', rules: { ...none, keepLast: 10 } },
  {
    label: 'A week of days, a month of weeks, a year of months',
    rules: { ...none, keepLast: 3, keepDaily: 7, keepWeekly: 4, keepMonthly: 12 },
  },
  { label: 'Everything of 30 days, then monthly', rules: { ...none, keepMonthly: 12, keepWithinDays: 30 } },
  { label: 'Everything, for ever', rules: none },
];
