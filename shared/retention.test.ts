import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Retention } from './contract/index.ts';
import { retain, simulate } from './retention.ts';
import type { Retainable } from './retention.ts';

const hour = 3_600_000;
const day = 24 * hour;
const nowMs = Date.UTC(2026, 10, 20, 12);
const moment = { nowMs, timeZone: 'Europe/Berlin' };
const none: Retention = { keepLast: 0, keepHourly: 0, keepDaily: 0, keepWeekly: 0, keepMonthly: 0, keepYearly: 0 };
const ok = { mode: 'quick', atMs: nowMs, ok: true } as const;
const bad = { mode: 'quick', atMs: nowMs, ok: false } as const;

function backup(id: string, atMs: number, more: Partial<Retainable> = {}): Retainable {
  return { id, startedAtMs: atMs, pinned: false, status: 'done', ...more };
}

function kept(backups: readonly Retainable[], rules: Partial<Retention>, when = moment): string[] {
  return retain(backups, { ...none, ...rules }, when).flatMap((one) => (one.keep ? [one.backup.id] : []));
}

function reasons(backups: readonly Retainable[], rules: Partial<Retention>, when = moment) {
  return Object.fromEntries(
    retain(backups, { ...none, ...rules }, when).map((one) => [one.backup.id, one.reasons.join('; ')]),
  );
}

/** One a day at noon UTC, `d0` today. */
const daily = Array.from({ length: 400 }, (_, index) => backup(`d${index}`, nowMs - index * day - hour));

describe('rules', () => {
  test('with nothing asked for, nothing is removed', () => {
    expect(kept(daily, {})).toHaveLength(400);
  });

  test('keep-last', () => {
    expect(kept(daily, { keepLast: 3 })).toEqual(['d0', 'd1', 'd2']);
    expect(reasons(daily.slice(0, 4), { keepLast: 3 })).toEqual({
      d0: 'last 3: 1st; the newest whole one',
      d1: 'last 3: 2nd',
      d2: 'last 3: 3rd',
      d3: 'no rule keeps it',
    });
  });

  test('the newest of each day, week, month and year that has one', () => {
    expect(kept(daily, { keepDaily: 2, keepWeekly: 2, keepMonthly: 2, keepYearly: 2 })).toEqual([
      'd0', // Friday 2026-11-20
      'd1',
      'd5', // Sunday the 15th
      'd20', // 2026-10-31
      'd324', // 2025-12-31
    ]);
    expect(reasons(daily, { keepYearly: 2, keepWeekly: 1 })['d0']).toBe(
      'weekly: newest of week 47 of 2026; yearly: newest of 2026; the newest whole one',
    );
  });

  test('days are those of the time zone', () => {
    const late = [backup('a', Date.UTC(2026, 5, 1, 22, 30)), backup('b', Date.UTC(2026, 5, 1, 21, 30))];
    expect(kept(late, { keepDaily: 2 }, { nowMs, timeZone: 'Europe/Berlin' })).toEqual(['a', 'b']);
    expect(kept(late, { keepDaily: 2 }, { nowMs, timeZone: 'UTC' })).toEqual(['a']);
  });

  test('when clocks are set back, both hours of one name count, and the day of 25 hours is one', () => {
    // In Berlin 2026-10-25 02:30 comes twice.
    const twice = [backup('second', Date.UTC(2026, 9, 25, 1, 30)), backup('first', Date.UTC(2026, 9, 25, 0, 30))];
    expect(reasons(twice, { keepHourly: 2 })).toEqual({
      second: 'hourly: newest of 2026-10-25 02:00 UTC+01:00; the newest whole one',
      first: 'hourly: newest of 2026-10-25 02:00 UTC+02:00',
    });
    const ends = [backup('end', Date.UTC(2026, 9, 25, 22, 59)), backup('begin', Date.UTC(2026, 9, 24, 22))];
    expect(kept(ends, { keepDaily: 2 })).toEqual(['end']);
  });

  test.each([
    ['2027-01-03', 'week 53 of 2026'],
    ['2027-01-04', 'week 1 of 2027'],
    ['2024-12-30', 'week 1 of 2025'],
    ['2021-01-03', 'week 53 of 2020'],
    ['2020-12-31', 'week 53 of 2020'],
    ['2026-01-01', 'week 1 of 2026'],
  ])('%s lies in %s', (date, week) => {
    const one = [backup('a', Date.parse(`${date}T12:00:00Z`))];
    const when = { nowMs: Date.UTC(2030, 0, 1), timeZone: 'UTC' };
    expect(reasons(one, { keepWeekly: 1 }, when)['a']).toContain(`weekly: newest of ${week};`);
  });

  test('within counts from the newest backup, so a pause removes nothing', () => {
    expect(kept(daily, { keepWithinDays: 2 })).toEqual(['d0', 'd1', 'd2']);
    expect(kept(daily.slice(100), { keepWithinDays: 2 })).toEqual(['d100', 'd101', 'd102']);
    expect(kept(daily, { keepWithinDays: 2 }, { ...moment, nowMs: nowMs + 365 * day })).toEqual(['d0', 'd1', 'd2']);
  });
});

describe('what stays whatever the rules are', () => {
  test('pinned ones', () => {
    const pinned = daily.map((one, index) => ({ ...one, pinned: index === 50 }));
    expect(kept(pinned, { keepLast: 1 })).toEqual(['d0', 'd50']);
    expect(reasons(pinned, { keepLast: 1 })['d50']).toBe('pinned');
  });

  test('the newest whole one and the newest verified one', () => {
    const some = [
      backup('partial', nowMs - hour, { status: 'partial' }),
      backup('unverified', nowMs - 2 * hour),
      backup('verified', nowMs - 3 * hour, { verified: ok }),
      backup('older', nowMs - 4 * hour, { verified: ok }),
    ];
    expect(reasons(some, { keepLast: 1 })).toEqual({
      partial: 'last 1',
      unverified: 'the newest whole one',
      verified: 'the newest that was verified',
      older: 'no rule keeps it',
    });
    expect(reasons(some.slice(0, 2), { keepLast: 1 })['unverified']).toBe('the only whole one');
  });

  test('a damaged one counts in no rule, and stays as long as it would if it were whole', () => {
    const some = [
      backup('gone', nowMs - hour, { problem: 'Its archive is missing.' }),
      backup('rotten', nowMs - 2 * hour, { verified: bad }),
      backup('a', nowMs - 3 * hour),
      backup('b', nowMs - 4 * hour),
      backup('old and gone', nowMs - 5 * hour, { problem: 'Its archive is missing.' }),
    ];
    expect(reasons(some, { keepLast: 2 })).toEqual({
      gone: 'last 2: 1st, were it not damaged',
      rotten: 'last 2: 1st, were it not damaged',
      a: 'last 2: 1st; the newest whole one',
      b: 'last 2: 2nd',
      'old and gone': 'damaged, and no rule keeps it',
    });
    expect(kept(some, { keepDaily: 1 })).toEqual(['gone', 'rotten', 'a']);
  });

  test('backups of a clock that ran ahead stay and push out nothing made since', () => {
    const ahead = Array.from({ length: 20 }, (_, index) => backup(`future${index}`, nowMs + 365 * day + index));
    const now = [backup('new', nowMs - 1), backup('before', nowMs - day)];
    expect(kept([...ahead, ...now], { keepLast: 2 }).slice(-2)).toEqual(['new', 'before']);
    expect(kept([...ahead, ...now], { keepLast: 1 })).toHaveLength(21);
    expect(kept([...ahead, ...now], { keepWithinDays: 1 })).toHaveLength(22);
  });

  test('moments no calendar has do not stop it', () => {
    const odd = [backup('a', 1e300), backup('b', -1e300), backup('c', 0)];
    expect(kept(odd, { keepYearly: 5 })).toEqual(['a', 'c', 'b']);
  });

  test('a zone this runtime does not know is told', () => {
    expect(() => retain(daily, { ...none, keepDaily: 1 }, { nowMs, timeZone: 'Mars/Olympus' })).toThrow(RangeError);
  });
});

describe('properties', () => {
  const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Pacific/Apia', 'Australia/Lord_Howe');
  const number = fc.integer({ min: 0, max: 6 });
  const rulesOf = fc.record({
    keepLast: number,
    keepHourly: number,
    keepDaily: number,
    keepWeekly: number,
    keepMonthly: number,
    keepYearly: number,
    within: fc.option(fc.integer({ min: 1, max: 400 }), { nil: undefined }),
  });
  type Drawn = Omit<Retention, 'keepWithinDays'> & { readonly within: number | undefined };
  const toRules = ({ within, ...rest }: Drawn): Retention =>
    within === undefined ? rest : { ...rest, keepWithinDays: within };
  const backupsOf = fc
    .uniqueArray(
      fc.record({
        id: fc.integer({ min: 0, max: 500 }),
        // Close together, years apart, and in the future.
        startedAtMs: fc.oneof(
          fc.integer({ min: -3 * 365 * 24, max: 24 * 40 }).map((hours) => nowMs + hours * hour),
          fc.integer({ min: -300, max: 10 }).map((minutes) => nowMs + minutes * 60_000),
        ),
        pinned: fc.boolean(),
        status: fc.constantFrom('done', 'partial'),
        state: fc.constantFrom('plain', 'ok', 'bad', 'problem'),
      }),
      { selector: ({ id }) => id, maxLength: 60 },
    )
    .map((list) =>
      list.map(({ id, state, ...rest }): Retainable => ({
        id: `b${id}`,
        ...rest,
        ...(state === 'problem' ? { problem: 'Its archive is missing.' } : {}),
        ...(state === 'ok' ? { verified: ok } : state === 'bad' ? { verified: bad } : {}),
      })),
    );
  const isWhole = (one: Retainable): boolean =>
    one.problem === undefined && one.verified?.ok !== false && one.status === 'done';
  const runs = { numRuns: 400 };

  test('the last whole one, the last verified one and every pinned one stay; each has a reason', () => {
    fc.assert(
      fc.property(backupsOf, rulesOf, zones, (backups, drawn, timeZone) => {
        const decided = retain(backups, toRules(drawn), { nowMs, timeZone });
        const left = decided.flatMap((one) => (one.keep ? [one.backup] : []));
        expect(decided).toHaveLength(backups.length);
        expect(decided.every((one) => one.reasons.length > 0)).toBe(true);
        expect(left.some(isWhole)).toBe(backups.some(isWhole));
        const verified = (one: Retainable): boolean => isWhole(one) && one.verified?.ok === true;
        expect(left.some(verified)).toBe(backups.some(verified));
        expect(left.length > 0).toBe(backups.length > 0);
        for (const one of decided) if (one.backup.pinned) expect(one.keep).toBe(true);
      }),
      runs,
    );
  });

  test('applied twice it removes nothing more', () => {
    fc.assert(
      fc.property(backupsOf, rulesOf, zones, (backups, drawn, timeZone) => {
        const once = retain(backups, toRules(drawn), { nowMs, timeZone }).filter((one) => one.keep);
        const again = retain(
          once.map((one) => one.backup),
          toRules(drawn),
          { nowMs, timeZone },
        );
        expect(again.filter((one) => !one.keep)).toEqual([]);
      }),
      runs,
    );
  });

  test('the order of the list does not matter', () => {
    fc.assert(
      fc.property(
        backupsOf.chain((list) =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length })),
        ),
        rulesOf,
        zones,
        ([list, shuffled], drawn, timeZone) => {
          const rules = toRules(drawn);
          expect(retain(shuffled, rules, { nowMs, timeZone })).toEqual(retain(list, rules, { nowMs, timeZone }));
        },
      ),
      runs,
    );
  });

  test('more generous rules never remove more', () => {
    fc.assert(
      fc.property(backupsOf, rulesOf, rulesOf, zones, (backups, drawn, more, timeZone) => {
        const rules = toRules(drawn);
        // With nothing asked for at all everything stays, which is the one step that goes the other way.
        fc.pre(Object.values(rules).some((value) => (value ?? 0) > 0));
        const generous = toRules({
          keepLast: drawn.keepLast + more.keepLast,
          keepHourly: drawn.keepHourly + more.keepHourly,
          keepDaily: drawn.keepDaily + more.keepDaily,
          keepWeekly: drawn.keepWeekly + more.keepWeekly,
          keepMonthly: drawn.keepMonthly + more.keepMonthly,
          keepYearly: drawn.keepYearly + more.keepYearly,
          within: drawn.within === undefined ? more.within : drawn.within + (more.within ?? 0),
        });
        const left = kept(backups, rules, { nowMs, timeZone });
        expect(kept(backups, generous, { nowMs, timeZone })).toEqual(expect.arrayContaining(left));
      }),
      runs,
    );
  });
});

describe('simulation', () => {
  test('shows what there will be when rotation ran after each backup to come', () => {
    const rules = { ...none, keepLast: 2, keepDaily: 3 };
    const shown = simulate(daily.slice(0, 5), rules, {
      ...moment,
      everyHours: 12,
      untilMs: nowMs + 24 * hour,
      verified: true,
    });
    expect(shown.map((one) => (one.t === 'present' ? one.backup.id : one.atMs - nowMs))).toEqual([
      24 * hour,
      12 * hour,
      'd0',
      'd1',
    ]);
    expect(shown[0]?.reasons).toContain('last 2: 1st');
  });

  test('with nothing to come it shows what is there', () => {
    const shown = simulate(daily.slice(0, 3), none, { ...moment, everyHours: 24, untilMs: nowMs, verified: false });
    expect(shown).toHaveLength(3);
  });

  test('a year of hourly backups is a moment', () => {
    const rules = { ...none, keepHourly: 24, keepDaily: 7, keepWeekly: 4, keepMonthly: 12 };
    const shown = simulate([], rules, { ...moment, everyHours: 1, untilMs: nowMs + 365 * day, verified: true });
    // The newest hours are days' newest as well, a day's is its week's, and the 31st of October ends a week.
    expect(shown).toHaveLength(24 + 5 + 2 + 10);
  });
});
