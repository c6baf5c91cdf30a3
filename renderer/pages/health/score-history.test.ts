import { describe, expect, it } from 'vitest';
import type { HealthSample } from '../../../shared/contract/index.ts';
import { changeWords, scoreHistory } from './score-history.ts';

const hour = 3_600_000;
const sample = (atMs: number, score: number): HealthSample => ({ atMs, score, pass: 1, warn: 0, fail: 0 });

describe('history of the score', () => {
  it('is no line before the second run', () => {
    expect(scoreHistory([], 0)).toBeUndefined();
    expect(scoreHistory([sample(0, 90)], hour)).toBeUndefined();
    expect(changeWords([sample(0, 90)])).toBeUndefined();
  });

  it('holds the last score until now', () => {
    const drawn = scoreHistory([sample(0, 90), sample(hour, 92)], 3 * hour);
    expect(drawn?.times).toEqual([0, hour, 3 * hour]);
    expect(drawn?.series[0]?.values).toEqual([90, 92, 92]);
    expect(drawn?.to).toBe(3 * hour);
  });

  it('ends with the last run where the clock is behind it', () => {
    expect(scoreHistory([sample(0, 90), sample(hour, 92)], 0)?.times).toEqual([0, hour]);
  });

  it('says what became of it', () => {
    expect(changeWords([sample(0, 90), sample(1, 92)])).toBe('up 2');
    expect(changeWords([sample(0, 90), sample(1, 50), sample(2, 88)])).toBe('down 2');
    expect(changeWords([sample(0, 90), sample(1, 90)])).toBe('unchanged');
  });
});
