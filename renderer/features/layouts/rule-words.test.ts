import { describe, expect, it } from 'vitest';
import { backupWords, cleanupWords, scoreWords } from './rule-words.ts';

describe('rules in words', () => {
  it('says what backups hold', () => {
    expect([backupWords('always'), backupWords('never'), backupWords({ recentDays: 7 })]).toEqual([
      'Always',
      'Never',
      'Last 7 days',
    ]);
  });

  it('says what is cleaned up', () => {
    expect(cleanupWords('never')).toBe('Never');
    expect(cleanupWords('retention')).toBe('By rotation');
    expect(cleanupWords({ olderThanHours: 24 })).toBe('After 24 hours');
    expect(cleanupWords({ olderThanDays: 1, only: ['*.log'] })).toBe('After 1 day (*.log)');
  });

  it('says how well a layout fits', () => {
    expect(scoreWords(0.964)).toBe('96 % fit');
  });
});
