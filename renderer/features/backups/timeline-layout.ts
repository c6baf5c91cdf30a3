import { formatDate, formatTimeOfDay } from '../../../shared/format.ts';

/** One backup on a line of time. */
export interface TimelineDot {
  key: string;
  atMs: number;
  /** What its size stands for: the bytes it added. */
  weight: number;
}

export interface PlacedDot {
  key: string;
  x: number;
  /** From the middle of the band, downwards. */
  y: number;
  r: number;
}

interface Scale {
  /** Radii of what added nothing, and of what added most. */
  smallest: number;
  largest: number;
  /** Between two rows of dots. */
  gap: number;
  /** Rows on either side of the middle. */
  aside: number;
}

/** The largest comes first; where dots have no room, the next is tried. */
const scales: readonly Scale[] = [
  { smallest: 3.5, largest: 9, gap: 13, aside: 2 },
  { smallest: 2.5, largest: 6, gap: 9, aside: 3 },
  { smallest: 1.8, largest: 4.2, gap: 6, aside: 5 },
];
/** Kept free at both ends. */
const margin = 9;

export interface Placement {
  dots: PlacedDot[];
  /** There are so many that they are drawn small. */
  dense: boolean;
}

/**
 * Places dots along a band of `width` pixels that shows `fromMs` to `toMs`. A dot's area grows with what it stands for.
 * Those that would touch are moved off the middle; where there are more than fit, all are drawn smaller, and where they
 * do not fit even then, they overlap.
 */
export function placeDots(
  dots: readonly TimelineDot[],
  range: { fromMs: number; toMs: number; width: number },
): Placement {
  const shown = dots
    .filter(({ atMs }) => atMs >= range.fromMs && atMs <= range.toMs)
    .toSorted((a, b) => a.atMs - b.atMs);
  let placement: Placement = { dots: [], dense: false };
  for (const scale of scales) {
    const { placed, overlaps } = place(shown, scale, range);
    placement = { dots: placed, dense: scale !== scales[0] };
    if (overlaps * 50 <= shown.length) break;
  }
  return placement;
}

function place(
  dots: readonly TimelineDot[],
  { smallest, largest, gap, aside }: Scale,
  range: { fromMs: number; toMs: number; width: number },
): { placed: PlacedDot[]; overlaps: number } {
  const heaviest = dots.reduce((most, dot) => Math.max(most, dot.weight), 0);
  const rows = Array.from({ length: 2 * aside + 1 }, (_, row) => {
    const out = Math.ceil(row / 2) * gap;
    return row % 2 === 1 ? -out : out;
  });
  const ends: number[] = rows.map(() => -Infinity);
  let overlaps = 0;
  const placed = dots.map(({ key, atMs, weight }) => {
    const share = heaviest === 0 ? 0 : weight / heaviest;
    const r = smallest + (largest - smallest) * Math.sqrt(share);
    const x = placeTime(atMs, range);
    const free = ends.findIndex((end) => end + 1 <= x - r);
    if (free < 0) overlaps += 1;
    const row = free >= 0 ? free : ends.indexOf(Math.min(...ends));
    ends[row] = x + r;
    return { key, x, y: rows[row] ?? 0, r };
  });
  return { placed, overlaps };
}

/** Where a time stands in a band of `width` pixels. */
export function placeTime(
  atMs: number,
  { fromMs, toMs, width }: { fromMs: number; toMs: number; width: number },
): number {
  return margin + (Math.max(0, width - 2 * margin) * (atMs - fromMs)) / Math.max(1, toMs - fromMs);
}

/** The dot nearest to a point, or undefined when none is within reach. */
export function dotAt(placed: readonly PlacedDot[], x: number, y: number): PlacedDot | undefined {
  let best: PlacedDot | undefined;
  let least = Infinity;
  for (const dot of placed) {
    const distance = Math.hypot(dot.x - x, dot.y - y) - dot.r;
    if (distance < least) {
      best = dot;
      least = distance;
    }
  }
  return least <= 8 ? best : undefined;
}

export interface Tick {
  atMs: number;
  label: string;
}

type Unit = 'minute' | 'hour' | 'day' | 'month' | 'year';

const steps: readonly (readonly [unit: Unit, each: number, ms: number])[] = [
  ['minute', 5, 300_000],
  ['minute', 15, 900_000],
  ['hour', 1, 3_600_000],
  ['hour', 3, 10_800_000],
  ['hour', 6, 21_600_000],
  ['hour', 12, 43_200_000],
  ['day', 1, 86_400_000],
  ['day', 2, 172_800_000],
  ['day', 7, 604_800_000],
  ['day', 14, 1_209_600_000],
  ['month', 1, 2_629_800_000],
  ['month', 3, 7_889_400_000],
  ['month', 6, 15_778_800_000],
  ['year', 1, 31_557_600_000],
  ['year', 2, 63_115_200_000],
  ['year', 5, 157_788_000_000],
  ['year', 10, 315_576_000_000],
];

/** At most `most` round moments of this machine's calendar between two times, with what stands below them. */
export function timeTicks(fromMs: number, toMs: number, most: number): Tick[] {
  const step = steps.find(([, , ms]) => (toMs - fromMs) / ms <= most) ?? steps.at(-1);
  if (step === undefined || most < 1) return [];
  const [unit, each] = step;
  const ticks: Tick[] = [];
  const date = startOf(fromMs, unit, each);
  for (let turn = 0; date.getTime() <= toMs && turn < 1_000; turn += 1) {
    const atMs = date.getTime();
    if (atMs >= fromMs) ticks.push({ atMs, label: tickLabel(date, unit) });
    move(date, unit, each);
  }
  return ticks;
}

/** The last round moment at or before a time. */
function startOf(ms: number, unit: Unit, each: number): Date {
  const date = new Date(ms);
  date.setSeconds(0, 0);
  if (unit === 'minute') date.setMinutes(Math.floor(date.getMinutes() / each) * each);
  else date.setMinutes(0);
  if (unit === 'hour') date.setHours(Math.floor(date.getHours() / each) * each);
  else if (unit !== 'minute') date.setHours(0);
  // Weeks begin on Monday.
  if (unit === 'day' && each >= 7) date.setDate(date.getDate() - ((date.getDay() + 6) % 7));
  if (unit === 'month' || unit === 'year') date.setDate(1);
  if (unit === 'month') date.setMonth(Math.floor(date.getMonth() / each) * each);
  if (unit === 'year') date.setFullYear(Math.floor(date.getFullYear() / each) * each, 0);
  return date;
}

function move(date: Date, unit: Unit, each: number): void {
  if (unit === 'minute') date.setMinutes(date.getMinutes() + each);
  if (unit === 'hour') date.setTime(date.getTime() + each * 3_600_000);
  if (unit === 'day') date.setDate(date.getDate() + each);
  if (unit === 'month') date.setMonth(date.getMonth() + each);
  if (unit === 'year') date.setFullYear(date.getFullYear() + each);
}

function tickLabel(date: Date, unit: Unit): string {
  const words = formatDate(date.getTime());
  if (unit === 'year') return String(date.getFullYear());
  if (unit === 'month') return words.replace(/^\d+ /, '');
  if (unit === 'day' || date.getHours() + date.getMinutes() === 0) return words.replace(/ \d+$/, '');
  return formatTimeOfDay(date.getTime());
}

export type TimelineSpan = 'month' | 'year' | 'all';

const dayMs = 86_400_000;

/** From when to when a line of time shows, with a little air at both ends. */
export function timelineRange(
  times: readonly number[],
  span: TimelineSpan,
  nowMs: number,
): { fromMs: number; toMs: number } {
  const newest = times.reduce((most, time) => Math.max(most, time), times[0] ?? nowMs);
  const oldest = times.reduce((least, time) => Math.min(least, time), newest);
  const limit = span === 'month' ? 30 * dayMs : span === 'year' ? 365 * dayMs : Infinity;
  // Up to now, unless there would be next to nothing to see: then up to the newest.
  const end = newest > nowMs || nowMs - newest > limit / 2 ? newest : nowMs;
  const shown = Math.max(3_600_000, Math.min(limit, span === 'all' ? end - oldest : limit));
  return { fromMs: end - shown * 1.03, toMs: end + shown * 0.01 };
}
