/**
 * Numbers and times as a person reads them. Used by the interface and by the command line, so that both say the same.
 *
 * Everything is pure: "now" is passed in, and the words are English whatever the machine's locale is.
 */

export const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;
export type ByteUnit = (typeof byteUnits)[number];

export interface BytesParts {
  /** The figure without its unit, "486.2". */
  value: string;
  unit: ByteUnit;
}

/** Bytes in one `unit`. */
export function bytesPerUnit(unit: ByteUnit): number {
  return 1024 ** byteUnits.indexOf(unit);
}

/** The largest binary unit in which `bytes`, as it will be rounded, is at least 1. */
export function byteUnitFor(bytes: number): ByteUnit {
  let power = 0;
  let value = Math.abs(bytes);
  while (power < byteUnits.length - 1 && Number(value.toFixed(decimalsFor(value))) >= 1024) {
    value /= 1024;
    power += 1;
  }
  // 1023.7 KiB would be shown as "1024 KiB"; the loop has already moved it on to "1.0 MiB".
  return byteUnits[power] ?? 'B';
}

function decimalsFor(value: number): number {
  return value < 99.95 ? 1 : 0;
}

/** Splits a size into figure and unit: one decimal below 100, none above, whole bytes below 1 KiB. */
export function bytesParts(bytes: number, unit: ByteUnit = byteUnitFor(bytes)): BytesParts {
  if (unit === 'B') return { value: String(Math.round(bytes)), unit };
  const value = bytes / bytesPerUnit(unit);
  return { value: value.toFixed(decimalsFor(Math.abs(value))), unit };
}

/** A size in binary units: "812 B", "2.1 KiB", "486 GiB". */
export function formatBytes(bytes: number, unit?: ByteUnit): string {
  const parts = bytesParts(bytes, unit);
  return `${parts.value} ${parts.unit}`;
}

/** The exact size: "1,234,567 bytes". */
export function formatExactBytes(bytes: number): string {
  return bytes === 1 ? '1 byte' : `${formatCount(bytes)} bytes`;
}

/** A whole number with thousands separated: "312,408". */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A number with its noun: "1 file", "1,204 files". */
export function formatQuantity(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A speed: "84.2 MiB/s". */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

/** A share of `total` in whole percent: "62 %". `100 %` only when nothing is missing; `0 %` only when nothing is there. */
export function formatPercent(part: number, total: number): string {
  if (total <= 0) return '0 %';
  const percent = (100 * part) / total;
  if (percent > 0 && percent < 1) return '< 1 %';
  if (percent > 99 && percent < 100) return '99 %';
  return `${Math.round(percent)} %`;
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** A span of time in its two largest units: "0.4 s", "42 s", "3 min 5 s", "2 h 10 min", "4 d 3 h". */
export function formatDuration(ms: number): string {
  if (ms < 10 * second) return `${(Math.max(0, ms) / second).toFixed(1)} s`;
  const pair = (large: number, largeUnit: string, small: number, smallUnit: string): string => {
    const total = Math.round(ms / small);
    const perLarge = large / small;
    const rest = total % perLarge;
    const head = `${Math.floor(total / perLarge)} ${largeUnit}`;
    return rest === 0 ? head : `${head} ${rest} ${smallUnit}`;
  };
  if (Math.round(ms / second) < 60) return `${Math.round(ms / second)} s`;
  if (Math.round(ms / second) < 3_600) return pair(minute, 'min', second, 's');
  if (Math.round(ms / minute) < 1_440) return pair(hour, 'h', minute, 'min');
  return pair(day, 'd', hour, 'h');
}

/** What is left of a job, coarse on purpose: "a few seconds", "about 40 s", "about 12 min". */
export function formatRemaining(ms: number): string {
  if (ms < 5 * second) return 'a few seconds';
  if (ms < minute) return `about ${Math.ceil(ms / (5 * second)) * 5} s`;
  if (ms < hour) return `about ${Math.round(ms / minute)} min`;
  return `about ${formatDuration(Math.round(ms / minute) * minute)}`;
}

/** A time against `nowMs`: "just now", "5 min ago", "9 h ago", "yesterday", "12 d ago", "in 3 h". */
export function formatRelativeTime(atMs: number, nowMs: number): string {
  const distance = Math.abs(nowMs - atMs);
  if (distance < 45 * second) return 'just now';
  const words =
    distance < 50 * minute
      ? `${Math.max(1, Math.round(distance / minute))} min`
      : distance < 23.5 * hour
        ? `${Math.max(1, Math.round(distance / hour))} h`
        : distance < 60 * day
          ? `${Math.max(1, Math.round(distance / day))} d`
          : distance < 730 * day
            ? `${Math.round(distance / (30.44 * day))} months`
            : `${Math.floor(distance / (365.25 * day))} years`;
  if (atMs > nowMs) return words === '1 d' ? 'tomorrow' : `in ${words}`;
  return words === '1 d' ? 'yesterday' : `${words} ago`;
}

/** Time zone and hour cycle for the exact times; left out, the machine's zone. */
export interface DateOptions {
  timeZone?: string;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Making a formatter takes some hundred times as long as using it, and a list shows hundreds of times. */
function formatterFor(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  // The machine's zone is taken when a formatter is made, so one is for this zone only.
  const key = JSON.stringify([options, options.timeZone ?? new Date().getTimezoneOffset()]);
  const known = formatters.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-GB', options);
  formatters.set(key, made);
  return made;
}

/** The exact time: "20 Nov 2026, 02:00:13". */
export function formatDateTime(atMs: number, options: DateOptions = {}): string {
  return formatterFor({
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    ...options,
  }).format(atMs);
}

/** Only the day: "20 Nov 2026". */
export function formatDate(atMs: number, options: DateOptions = {}): string {
  return formatterFor({ day: 'numeric', month: 'short', year: 'numeric', ...options }).format(atMs);
}

/** Only the time of day: "02:00". */
export function formatTimeOfDay(atMs: number, options: DateOptions = {}): string {
  return formatterFor({ hour: '2-digit', minute: '2-digit', ...options }).format(atMs);
}
