import type { Backup, Retention, RetentionKind } from './contract/index.ts';

/**
 * Which backups rotation keeps, and why: pure, so that what a simulator shows is what rotation does.
 *
 * - A rule counts backups that can be used. A damaged one counts for none, so it pushes nothing out; it stays itself
 *   for as long as the rules would keep it if it were whole, because what is not damaged in it can still be restored.
 * - Whatever the rules are, the newest whole backup and the newest verified one stay (whole: nothing was left out by an
 *   error, and no damage is known). Where none is whole, the newest usable one stays.
 * - A backup dated in the future stays and counts for nothing: it comes of a clock that was wrong for a while, and must
 *   not push out those made since.
 * - `keepWithinDays` counts back from the newest backup, so that a pause in backups removes nothing.
 */

/** What the rules look at of a backup. It stands at the moment it was begun. */
export type Retainable = Pick<Backup, 'id' | 'startedAtMs' | 'pinned' | 'status' | 'problem' | 'verified'>;

export interface RetentionMoment {
  readonly nowMs: number;
  /** IANA name, for example `Europe/Berlin`; hours, days, weeks, months and years are those of its calendar. */
  readonly timeZone: string;
}

export interface Retained<T> {
  readonly backup: T;
  readonly keep: boolean;
  /** In a person's words; why it stays, or that nothing keeps it. */
  readonly reasons: readonly string[];
  /** What each of the reasons is. */
  readonly kinds: readonly RetentionKind[];
}

interface Reason {
  readonly kind: RetentionKind;
  readonly words: string;
}

function retained<T>(backup: T, keep: boolean, why: readonly Reason[]): Retained<T> {
  return { backup, keep, reasons: why.map(({ words }) => words), kinds: why.map(({ kind }) => kind) };
}

const pinned: Reason = { kind: 'pinned', words: 'pinned' };

/** Whether the rules ask for anything. When not, nothing is ever removed. */
export function keepsEverything(rules: Retention): boolean {
  const { keepLast, keepHourly, keepDaily, keepWeekly, keepMonthly, keepYearly, keepWithinDays } = rules;
  return (
    keepWithinDays === undefined &&
    [keepLast, keepHourly, keepDaily, keepWeekly, keepMonthly, keepYearly].every((number) => number === 0)
  );
}

/**
 * What becomes of each backup of one store in one destination, newest first. Depends on neither the order given nor on
 * what was removed before. Throws `RangeError` for a time zone this runtime does not know.
 */
export function retain<T extends Retainable>(
  backups: readonly T[],
  rules: Retention,
  { nowMs, timeZone }: RetentionMoment,
): Retained<T>[] {
  const calendar = new Calendar(timeZone);
  const items = backups.map((backup) => new Item(backup, calendar)).sort(newestFirst);
  return decide(items, rules, nowMs);
}

export interface Simulation extends RetentionMoment {
  /** A backup is made this often from `nowMs` on. */
  readonly everyHours: number;
  /** Up to this moment, rotation after each. */
  readonly untilMs: number;
  /** Whether backups are verified when they were made. */
  readonly verified: boolean;
}

/** A backup that rotation would see in the future: one there is now, or one to come. */
export type Simulated<T> =
  { readonly t: 'present'; readonly backup: T } | { readonly t: 'to come'; readonly atMs: number };

/** What there would be at `untilMs`, newest first, with the reasons it was kept by then. */
export function simulate<T extends Retainable>(
  backups: readonly T[],
  rules: Retention,
  { nowMs, timeZone, everyHours, untilMs, verified }: Simulation,
): (Simulated<T> & { readonly reasons: readonly string[] })[] {
  const calendar = new Calendar(timeZone);
  const present = new Map<Retainable, T>(backups.map((backup) => [backup, backup]));
  let items: Item<Retainable>[] = backups.map((backup) => new Item<Retainable>(backup, calendar)).sort(newestFirst);
  let reasons = new Map<Retainable, readonly string[]>();
  const step = Math.max(everyHours, 1 / 60) * hourMs;
  for (let run = 1; nowMs + run * step <= untilMs; run += 1) {
    const atMs = nowMs + run * step;
    const made: Retainable = {
      id: `to come ${run}`,
      startedAtMs: atMs,
      pinned: false,
      status: 'done',
      ...(verified ? { verified: { mode: 'quick', atMs, ok: true } } : {}),
    };
    items = [...items, new Item(made, calendar)].sort(newestFirst);
    const decided = decide(items, rules, atMs);
    reasons = new Map(decided.map((one) => [one.backup, one.reasons]));
    const kept = new Set(decided.flatMap((one) => (one.keep ? [one.backup] : [])));
    items = items.filter(({ backup }) => kept.has(backup));
  }
  return items.map(({ backup }) => {
    const there = present.get(backup);
    const why = reasons.get(backup) ?? [];
    return there === undefined
      ? { t: 'to come', atMs: backup.startedAtMs, reasons: why }
      : { t: 'present', backup: there, reasons: why };
  });
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

type Bucket = 'hourly' | 'daily' | 'weekly' | 'monthly' | 'yearly';

const bucketRules = [
  ['hourly', 'keepHourly'],
  ['daily', 'keepDaily'],
  ['weekly', 'keepWeekly'],
  ['monthly', 'keepMonthly'],
  ['yearly', 'keepYearly'],
] as const satisfies readonly (readonly [Bucket, keyof Retention])[];

class Item<T extends Retainable> {
  readonly backup: T;
  readonly atMs: number;
  readonly damaged: boolean;
  readonly whole: boolean;
  readonly #calendar: Calendar;
  #buckets: Record<Bucket, string> | undefined;

  constructor(backup: T, calendar: Calendar) {
    this.backup = backup;
    this.atMs = backup.startedAtMs;
    this.damaged = backup.problem !== undefined || backup.verified?.ok === false;
    this.whole = !this.damaged && backup.status === 'done';
    this.#calendar = calendar;
  }

  get buckets(): Record<Bucket, string> {
    this.#buckets ??= this.#calendar.bucketsOf(this.atMs);
    return this.#buckets;
  }
}

function newestFirst(a: Item<Retainable>, b: Item<Retainable>): number {
  return b.atMs - a.atMs || (a.backup.id < b.backup.id ? -1 : a.backup.id > b.backup.id ? 1 : 0);
}

/** `items` are newest first. */
function decide<T extends Retainable>(items: readonly Item<T>[], rules: Retention, nowMs: number): Retained<T>[] {
  const isPinned = ({ backup }: Item<T>): Reason[] => (backup.pinned ? [pinned] : []);
  if (keepsEverything(rules)) {
    const everything: Reason = { kind: 'everything', words: 'no rule removes anything' };
    return items.map((item) => retained(item.backup, true, [...isPinned(item), everything]));
  }
  const rule = new Rules(items, rules, nowMs);
  const always = alwaysKept(items.filter((item) => item.atMs <= nowMs));
  return items.map((item) => {
    const { backup, damaged } = item;
    const byRule = rule.reasonsFor(item);
    const kept = [
      ...isPinned(item),
      ...byRule.map(({ kind, words }) => ({ kind, words: damaged ? `${words}, were it not damaged` : words })),
      ...(always.get(item) ?? []),
    ];
    if (kept.length > 0) return retained(backup, true, kept);
    const words = damaged ? 'damaged, and no rule keeps it' : 'no rule keeps it';
    return retained(backup, false, [{ kind: 'unkept', words }]);
  });
}

/** What stays whatever the rules are. `items` are newest first and none is of the future. */
function alwaysKept<T extends Retainable>(items: readonly Item<T>[]): Map<Item<T>, Reason[]> {
  const reasons = new Map<Item<T>, Reason[]>();
  const add = (item: Item<T> | undefined, kind: RetentionKind, words: string): void => {
    if (item !== undefined) reasons.set(item, [...(reasons.get(item) ?? []), { kind, words }]);
  };
  const whole = items.filter((item) => item.whole);
  const verified = whole.filter((item) => item.backup.verified?.ok === true);
  add(whole[0], 'whole', whole.length === 1 ? 'the only whole one' : 'the newest whole one');
  add(
    verified[0],
    'verified',
    verified.length === 1 ? 'the only one that was verified' : 'the newest that was verified',
  );
  if (whole.length === 0) add(items.find((item) => !item.damaged) ?? items[0], 'newest', 'the newest there is');
  return reasons;
}

/** The rules over the usable backups up to now; says for any backup which of them keep it. */
class Rules {
  readonly #rules: Retention;
  readonly #nowMs: number;
  /** Newest first. */
  readonly #counted: readonly Item<Retainable>[];
  /** Of each kind, the newest backup in each hour, day, … and how many of these are newer. */
  readonly #newest = new Map<Bucket, Map<string, { item: Item<Retainable>; rank: number }>>();

  constructor(items: readonly Item<Retainable>[], rules: Retention, nowMs: number) {
    this.#rules = rules;
    this.#nowMs = nowMs;
    this.#counted = items.filter((item) => !item.damaged && item.atMs <= nowMs);
    for (const [bucket, key] of bucketRules) {
      const newest = new Map<string, { item: Item<Retainable>; rank: number }>();
      if (rules[key] > 0) {
        for (const item of this.#counted) {
          const name = item.buckets[bucket];
          if (!newest.has(name)) newest.set(name, { item, rank: newest.size });
        }
      }
      this.#newest.set(bucket, newest);
    }
  }

  reasonsFor(item: Item<Retainable>): Reason[] {
    if (item.atMs > this.#nowMs) return [{ kind: 'future', words: 'dated in the future' }];
    const reasons: Reason[] = [];
    const { keepLast, keepWithinDays } = this.#rules;
    const rank = this.#newer(item);
    if (rank < keepLast) {
      reasons.push({ kind: 'last', words: keepLast === 1 ? 'last 1' : `last ${keepLast}: ${ordinal(rank + 1)}` });
    }
    for (const [bucket, key] of bucketRules) {
      if (this.#rules[key] > 0 && this.#isNewestOf(item, bucket, this.#rules[key])) {
        reasons.push({ kind: bucket, words: `${bucket}: newest of ${item.buckets[bucket]}` });
      }
    }
    const reference = this.#counted[0]?.atMs ?? item.atMs;
    if (keepWithinDays !== undefined && item.atMs >= reference - keepWithinDays * dayMs) {
      const words = keepWithinDays === 1 ? 'within 1 day' : `within ${keepWithinDays} days`;
      reasons.push({ kind: 'within', words });
    }
    return reasons;
  }

  /** How many counted backups stand before it. */
  #newer(item: Item<Retainable>): number {
    return firstIndex(this.#counted, (other) => newestFirst(other, item) >= 0);
  }

  #isNewestOf(item: Item<Retainable>, bucket: Bucket, number: number): boolean {
    const newest = this.#newest.get(bucket);
    const own = newest?.get(item.buckets[bucket]);
    if (own?.item === item) return own.rank < number;
    if (!item.damaged || newest === undefined) return false;
    // A damaged one is looked at as if it were there beside the others.
    if (own !== undefined && newestFirst(own.item, item) < 0) return false;
    let newer = 0;
    for (const other of newest.values()) if (newestFirst(other.item, item) < 0) newer += 1;
    return newer < number;
  }
}

/** The first index for which `holds`, in a list where it holds for all after. */
function firstIndex<T>(list: readonly T[], holds: (item: T) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = list[middle];
    if (item === undefined || holds(item)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function ordinal(number: number): string {
  const teen = number % 100 > 10 && number % 100 < 14;
  const ending = teen ? 'th' : (['th', 'st', 'nd', 'rd'][number % 10] ?? 'th');
  return `${number}${ending}`;
}

/** Furthest moment a `Date` can hold, either way. */
const maxMs = 8.64e15;

/** Hours, days, … of a time zone, by names that tell one from the other. */
class Calendar {
  readonly #format: Intl.DateTimeFormat;

  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-US-u-ca-iso8601-nu-latn', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      timeZoneName: 'longOffset',
    });
  }

  bucketsOf(atMs: number): Record<Bucket, string> {
    const parts = new Map<string, string>();
    const at = Math.min(maxMs, Math.max(-maxMs, atMs));
    for (const { type, value } of this.#format.formatToParts(at)) parts.set(type, value);
    const part = (name: string): string => parts.get(name) ?? '';
    const year = part('year').padStart(4, '0');
    const month = `${year}-${part('month')}`;
    const day = `${month}-${part('day')}`;
    // Of the two hours of one name when clocks are set back, each is an hour of its own.
    const offset = part('timeZoneName').replace('GMT', 'UTC');
    return {
      hourly: `${day} ${part('hour')}:00 ${offset}`,
      daily: day,
      weekly: isoWeek(Number(year), Number(part('month')), Number(part('day'))),
      monthly: month,
      yearly: year,
    };
  }
}

/** The ISO 8601 week of a day: weeks begin on Monday, and the first of a year is the one with its first Thursday. */
function isoWeek(year: number, month: number, day: number): string {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const weekday = date.getUTCDay() === 0 ? 7 : date.getUTCDay();
  date.setUTCDate(date.getUTCDate() + 4 - weekday);
  const thursday = date.getTime();
  const weekYear = date.getUTCFullYear();
  date.setUTCFullYear(weekYear, 0, 1);
  const week = 1 + Math.floor((thursday - date.getTime()) / (7 * dayMs));
  return `week ${week} of ${weekYear}`;
}
