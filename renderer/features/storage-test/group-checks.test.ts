import { describe, expect, it } from 'vitest';
import type { StorageCheck } from '../../../shared/contract/index.ts';
import { countsWords, groupChecks, worst } from './group-checks.ts';

const check = (id: string, status: StorageCheck['status'], area?: string): StorageCheck => ({
  id,
  status,
  title: id,
  evidence: 'seen',
  ...(area === undefined ? {} : { area }),
});

describe('results of a storage test', () => {
  const checks = [check('write:logs', 'pass', 'logs'), check('space', 'warn'), check('mode:logs', 'fail', 'logs')];

  it('stand by area, the whole first', () => {
    expect(groupChecks(checks).map(({ area, checks: of }) => [area, of.length])).toEqual([
      [undefined, 1],
      ['logs', 2],
    ]);
  });

  it('are as bad as the worst of them', () => {
    expect(worst(checks)).toBe('fail');
    expect(worst([check('a', 'pass'), check('b', 'skip')])).toBe('skip');
    expect(worst([])).toBe('pass');
  });

  it('are counted', () => {
    expect(countsWords(checks)).toBe('1 fails, 1 warning, 1 passes');
    expect(countsWords([check('a', 'skip'), check('b', 'pass'), check('c', 'pass')])).toBe('2 pass, 1 cannot be told');
  });
});
