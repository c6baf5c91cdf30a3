import type { Backup } from '../../../shared/contract/index.ts';
import { formatDate } from '../../../shared/format.ts';

/** Backups made on one day. */
export interface Day {
  /** Stable name of the day. */
  key: string;
  /** "Today", "Yesterday", "18 November", "18 November 2025". */
  label: string;
  backups: Backup[];
}

interface Options {
  timeZone?: string;
}

/** Backups by the day they were made on, newest first, in the machine's zone or a given one. */
export function groupByDay(backups: readonly Backup[], nowMs: number, options: Options = {}): Day[] {
  const days: Day[] = [];
  const today = formatDate(nowMs, options);
  const yesterday = formatDate(dayBefore(nowMs, options), options);
  for (const backup of backups.toSorted((a, b) => b.startedAtMs - a.startedAtMs)) {
    const key = formatDate(backup.startedAtMs, options);
    const last = days.at(-1);
    if (last?.key === key) {
      last.backups.push(backup);
      continue;
    }
    const label =
      key === today ? 'Today' : key === yesterday ? 'Yesterday' : dayName(backup.startedAtMs, nowMs, options);
    days.push({ key, label, backups: [backup] });
  }
  return days;
}

/** A time on the day before; days of 23 and 25 hours are why this looks for the date to change. */
function dayBefore(nowMs: number, options: Options): number {
  const hour = 3_600_000;
  const today = formatDate(nowMs, options);
  let at = nowMs - 22 * hour;
  while (formatDate(at, options) === today) at -= hour;
  return at;
}

function dayName(atMs: number, nowMs: number, options: Options): string {
  const year = (ms: number): string => new Intl.DateTimeFormat('en-GB', { year: 'numeric', ...options }).format(ms);
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'long',
    ...(year(atMs) === year(nowMs) ? {} : { year: 'numeric' }),
    ...options,
  }).format(atMs);
}

/** From how many stored bytes a backup's dot is drawn large: half of what the largest added. */
export function largeFrom(backups: readonly Backup[]): number {
  return Math.max(1, backups.reduce((most, backup) => Math.max(most, backup.storedBytes), 0) / 2);
}
