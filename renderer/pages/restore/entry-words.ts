import type { BackupEntry } from '../../../shared/contract/index.ts';
import { formatDate, formatTimeOfDay } from '../../../shared/format.ts';
import type { Tone } from '../../design/index.ts';

/** How an entry stands against the store, in a word or two; undefined where nothing needs saying. */
export function liveWords(
  live: BackupEntry['live'],
  type: BackupEntry['type'],
): { tone: Tone | undefined; word: string } {
  switch (live) {
    case 'same':
      return { tone: undefined, word: 'same' };
    case 'differs':
      return { tone: 'warn', word: type === 'dir' ? 'differences' : 'differs' };
    case 'missing':
      return { tone: 'bad', word: 'missing now' };
    case 'unknown':
      return { tone: undefined, word: 'cannot tell' };
    case undefined:
      return { tone: undefined, word: '' };
  }
}

/** A time of change as short as it can be told apart: "14:20" today, "yesterday 14:20", "1 Nov", "1 Nov 2025". */
export function changedWords(atMs: number, nowMs: number, options: { timeZone?: string } = {}): string {
  const day = formatDate(atMs, options);
  if (day === formatDate(nowMs, options)) return `today ${formatTimeOfDay(atMs, options)}`;
  if (day === formatDate(nowMs - 24 * 3_600_000, options)) return `yesterday ${formatTimeOfDay(atMs, options)}`;
  const year = formatDate(nowMs, options).slice(-5);
  return day.endsWith(year) ? day.slice(0, -5) : day;
}
