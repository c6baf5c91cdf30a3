import { describe, expect, it } from 'vitest';
import type { Backup } from '../../../shared/contract/index.ts';
import { groupByDay, largeFrom } from './moments.ts';

function backup(id: string, startedAtMs: number, storedBytes = 100): Backup {
  return {
    id,
    storeName: 'data',
    archive: `/b/${id}.tar.zst`,
    manifest: `/b/${id}.larder`,
    format: 'zst',
    kind: 'full',
    startedAtMs,
    finishedAtMs: startedAtMs + 1_000,
    files: 1,
    dirs: 1,
    bytes: 1,
    storedBytes,
    reusedBytes: 0,
    pinned: false,
    encrypted: false,
    neededBy: 0,
    status: 'done',
    skipped: [],
  };
}

const at = (text: string): number => Date.parse(text);

describe('backups by day', () => {
  const now = at('2026-11-20T11:00:00Z');
  const shape = (backups: Backup[], timeZone = 'UTC', nowMs = now): [string, string[]][] =>
    groupByDay(backups, nowMs, { timeZone }).map((day) => [day.label, day.backups.map((each) => each.id)]);

  it('names days and puts the newest first, whatever the order they came in', () => {
    expect(
      shape([
        backup('old', at('2025-11-18T02:00:00Z')),
        backup('b', at('2026-11-20T02:00:00Z')),
        backup('c', at('2026-11-20T09:00:00Z')),
        backup('y', at('2026-11-19T23:59:00Z')),
        backup('w', at('2026-11-18T02:00:00Z')),
      ]),
    ).toEqual([
      ['Today', ['c', 'b']],
      ['Yesterday', ['y']],
      ['18 November', ['w']],
      ['18 November 2025', ['old']],
    ]);
  });

  it('goes by the day of the zone', () => {
    expect(shape([backup('a', at('2026-11-19T23:30:00Z'))], 'Europe/Berlin')).toEqual([['Today', ['a']]]);
    expect(shape([backup('a', at('2026-11-20T02:00:00Z'))], 'America/New_York')).toEqual([['Yesterday', ['a']]]);
  });

  it('finds yesterday after a day of 25 hours', () => {
    // Clocks in Berlin went back on 25 October 2026.
    expect(shape([backup('a', at('2026-10-24T22:30:00Z'))], 'Europe/Berlin', at('2026-10-26T22:30:00Z'))).toEqual([
      ['Yesterday', ['a']],
    ]);
  });
});

describe('the size of a dot', () => {
  it('is large for what added much', () => {
    const large = (...stored: number[]): boolean[] => {
      const all = stored.map((bytes, index) => backup(String(index), 0, bytes));
      return all.map((each) => each.storedBytes >= largeFrom(all));
    };
    expect(large(100, 50, 49, 0)).toEqual([true, true, false, false]);
    expect(large(0)).toEqual([false]);
  });
});
