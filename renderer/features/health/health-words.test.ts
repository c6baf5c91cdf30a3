import { describe, expect, it } from 'vitest';
import type { HealthCheck } from '../../../shared/contract/index.ts';
import { attention, attentionWords, checkKey, isOpen, placeWords, restWords } from './health-words.ts';

const check = (id: string, status: HealthCheck['status'], more: Partial<HealthCheck> = {}): HealthCheck => ({
  id,
  group: 'disk',
  status,
  title: id,
  evidence: '',
  why: '',
  ...more,
});

describe('words of health', () => {
  it('tells lines of one check apart by their area', () => {
    expect(checkKey(check('disk.fill', 'pass'))).toBe('disk.fill');
    expect(checkKey(check('structure.required', 'pass', { area: 'models' }))).toBe('structure.required models');
  });

  it('asks for attention to what fails or warns and is not muted, the worst first', () => {
    const muted = { reason: 'known', sinceMs: 0 };
    const checks = [
      check('a.a', 'pass'),
      check('a.b', 'warn'),
      check('a.c', 'fail', { muted }),
      check('a.d', 'fail'),
      check('a.e', 'skip'),
      check('a.f', 'warn'),
    ];
    expect(attention({ checks }).map(({ id }) => id)).toEqual(['a.d', 'a.b', 'a.f']);
    expect(checks.filter(isOpen)).toHaveLength(3);
  });

  it('counts in words, and never calls what cannot be told fine', () => {
    const counts = { pass: 31, warn: 1, fail: 2, skip: 1, muted: 0 };
    expect(attentionWords(counts)).toBe('2 fail, 1 warning');
    expect(restWords(counts)).toBe('31 pass, 1 cannot be told');
    expect(restWords({ pass: 1, skip: 0, muted: 2 })).toBe('1 passes, 2 muted');
    expect(attentionWords({ fail: 1, warn: 0 })).toBe('1 fails');
    expect(attentionWords({ fail: 0, warn: 0 })).toBeUndefined();
  });

  it('names the root, and shows what is not text', () => {
    expect(placeWords('')).toBe('The folder itself');
    expect(placeWords('models/\udcff')).toBe('models/\\xff');
  });
});
