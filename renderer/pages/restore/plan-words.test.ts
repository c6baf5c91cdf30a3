import { describe, expect, it } from 'vitest';
import type { RestorePlan } from '../../../shared/contract/index.ts';
import { doneWords, planFigures, planObstacle, restoreCommand, statusWords, touchedBy } from './plan-words.ts';

const plan: RestorePlan = {
  id: 'p',
  fingerprint: 'f',
  backup: 'b',
  target: '/data',
  inPlace: true,
  created: 5,
  overwritten: 317,
  metadata: 0,
  unchanged: 5_361,
  kept: 0,
  deleted: 0,
  bytesToWrite: 1,
  free: 10,
  enoughSpace: true,
  items: [],
  moreItems: 0,
  warnings: [],
};

describe('a plan', () => {
  it('shows its numbers, the rare ones only when there are some', () => {
    expect(planFigures(plan).map(({ id, count }) => [id, count])).toEqual([
      ['created', 5],
      ['replaced', 317],
      ['removed', 0],
      ['unchanged', 5_361],
    ]);
    expect(planFigures({ ...plan, metadata: 2, kept: 3 }).map(({ id }) => id)).toContain('kept');
    expect(touchedBy({ ...plan, metadata: 2, deleted: 1 })).toBe(325);
  });

  it('says what stands against it', () => {
    expect(planObstacle(plan)).toBeUndefined();
    expect(planObstacle({ ...plan, created: 0, overwritten: 0 })).toBe('nothing');
    expect(planObstacle({ ...plan, enoughSpace: false })).toBe('space');
  });

  it('tells afterwards what was done', () => {
    expect(doneWords({ created: 1, overwritten: 317, deleted: 0 })).toBe('1 item created, 317 items replaced.');
    expect(doneWords({ created: 0, overwritten: 0, deleted: 0 })).toBe('Nothing had to change.');
  });
});

describe('what is said aloud', () => {
  it('follows the plan once it is there', () => {
    expect(statusWords({ plan: undefined, planning: true }, undefined)).toBe('');
    expect(statusWords({ plan, planning: false }, undefined)).toBe('322 items would be restored, 1 B');
    expect(statusWords({ plan: { ...plan, enoughSpace: false }, planning: false }, undefined)).toBe(
      'There is not enough space',
    );
  });
});

describe('the same as a command', () => {
  it('leaves out what is the rule anyway', () => {
    expect(restoreCommand('abc', [], { kind: 'inPlace' }, 'if-changed', false)).toBe('larder restore abc');
    expect(restoreCommand('abc', ['a b', 'c'], { kind: 'folder', path: '/tmp/x' }, 'never', true)).toBe(
      "larder restore abc --path 'a b' --path c --to /tmp/x --overwrite never --delete",
    );
  });

  it('is not offered where it could not be pasted', () => {
    const many = Array.from({ length: 41 }, (_, index) => `f${index}`);
    expect(restoreCommand('abc', many, { kind: 'inPlace' }, 'if-changed', false)).toBeUndefined();
  });
});
