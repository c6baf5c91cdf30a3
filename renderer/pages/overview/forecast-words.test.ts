import { describe, expect, it } from 'vitest';
import type { Disk, Forecast } from '../../../shared/contract/index.ts';
import { firstFull, forecastWords, spanWords } from './forecast-words.ts';

const day = 86_400_000;
const now = Date.UTC(2026, 10, 20, 12);
const forecast = (changes: Partial<Forecast> = {}): Forecast => ({
  mountPoint: '/',
  state: 'growing',
  reason: '28 days of history',
  bytesPerDay: 1024 ** 3,
  fullAtMs: now + 43 * day,
  earliestMs: now + 30 * day,
  latestMs: now + 70 * day,
  ...changes,
});

describe('a forecast in words', () => {
  it('says when, how sure and from what', () => {
    expect(forecastWords(forecast(), now)).toEqual({
      short: 'full in about 43 days',
      detail: expect.stringMatching(
        /^most likely between .*Dec.* and .*Jan.* · grows by 1\.0 GiB a day · rests on 28 days of history$/,
      ) as string,
    });
  });

  it('admits that it may never be', () => {
    const { latestMs: _, ...open } = forecast();
    expect(forecastWords(open, now)?.detail).toMatch(/^not before .*, and perhaps never/);
  });

  it('is silent when nothing is known, nothing grows or it is far off', () => {
    expect(forecastWords(undefined, now)).toBeUndefined();
    expect(forecastWords(forecast({ state: 'unknown' }), now)).toBeUndefined();
    expect(forecastWords(forecast({ state: 'steady' }), now)).toBeUndefined();
    expect(forecastWords(forecast({ fullAtMs: now + 4000 * day }), now)).toBeUndefined();
  });

  it('names spans by their size', () => {
    expect([0.2, 1, 43, 100, 1000].map((days) => spanWords(days * day))).toEqual([
      '1 day',
      '1 day',
      '43 days',
      '3 months',
      '3 years',
    ]);
  });

  it('are about the disk that is full first, of those a store lies on', () => {
    const disk = (mountPoint: string, stores: string[]): Disk => ({
      device: '',
      mountPoint,
      type: 'ext4',
      capacity: 1,
      free: 1,
      network: false,
      stores,
      backupsShare: [],
    });
    const disks = [disk('/', ['a']), disk('/data', ['b']), disk('/quiet', ['c'])];
    const forecasts = [forecast(), forecast({ mountPoint: '/data', fullAtMs: now + day })];
    expect(firstFull(forecasts, disks, undefined)?.disk.mountPoint).toBe('/data');
    expect(firstFull(forecasts, disks, 'a')?.disk.mountPoint).toBe('/');
    expect(firstFull(forecasts, disks, 'c')).toBeUndefined();
  });
});
