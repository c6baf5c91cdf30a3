/** Calendar days in UTC. Everything in the sample is dated in UTC so that it does not depend on the machine's zone. */

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

/** Midnight before `timeMs`. */
export function startOfDay(timeMs: number): number {
  return Math.floor(timeMs / dayMs) * dayMs;
}

/** `2026-11-20`. */
export function isoDay(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

/** `2026-11-20T09:30:00Z`. */
export function isoSecond(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
}

const holidays = new Set(['01-01', '06-19', '07-04', '12-25']);

/** Whether the exchange trades on the day: no weekends, no fixed holidays. */
export function isTradingDay(dayStartMs: number): boolean {
  const weekday = new Date(dayStartMs).getUTCDay();
  return weekday !== 0 && weekday !== 6 && !holidays.has(isoDay(dayStartMs).slice(5));
}

/** The exchange's hours in UTC, daylight saving left aside: 14:30 to 21:00. */
export const marketOpenMs = 14.5 * hourMs;
export const marketCloseMs = 21 * hourMs;
export const marketMinutes = (marketCloseMs - marketOpenMs) / 60_000;
