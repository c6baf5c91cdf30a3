import { describe, expect, it } from 'vitest';
import type { BackupPlan } from '../../../shared/contract/index.ts';
import { areaLines, savingOf, savingsByReason } from './savings.ts';

const plan: BackupPlan = {
  store: 's',
  destination: '/b',
  format: 'zst',
  kind: 'full',
  encrypted: false,
  unchanged: { files: 0, bytes: 0 },
  files: 3,
  dirs: 1,
  bytes: 300,
  included: [
    { path: 'models', role: 'model', files: 2, bytes: 200 },
    { path: '', role: 'other', files: 1, bytes: 100 },
    { path: 'logs', role: 'log', files: 1, bytes: 5 },
  ],
  excluded: [
    { path: 'a.tmp', reason: 'the rule *.tmp leaves it out', kind: 'glob', glob: '*.tmp', files: 1, bytes: 10 },
    { path: 'x/b.tmp', reason: 'the rule *.tmp leaves it out', kind: 'glob', glob: '*.tmp', files: 1, bytes: 20 },
    { path: 'cache', reason: 'a rule leaves this folder out', kind: 'never', files: 9, bytes: 900 },
    { path: 'logs', reason: 'files not changed in the last 7 days', kind: 'notRecent', files: 4, bytes: 40 },
  ],
  free: 1,
  needed: 1,
  areaRules: [],
  destinationOnSameDisk: false,
};

describe('what rules save', () => {
  it('is known for each glob', () => {
    expect(savingOf('*.tmp', plan)).toEqual({ files: 2, bytes: 30 });
    expect(savingOf('*.log', plan)).toBeUndefined();
  });

  it('is summed up by reason, the most first', () => {
    expect(savingsByReason(plan).map(({ reason, bytes, paths }) => [reason, bytes, paths])).toEqual([
      ['a rule leaves this folder out', 900, 1],
      ['files not changed in the last 7 days', 40, 1],
      ['the rule *.tmp leaves it out', 30, 2],
    ]);
  });
});

describe('folders a rule can be about', () => {
  it('are those in the plan and those with a rule, also when they are gone', () => {
    expect(areaLines(plan, ['gone', 'cache']).map(({ path, bytes, left }) => [path, bytes, left.bytes])).toEqual([
      ['cache', 0, 900],
      ['gone', 0, 0],
      ['logs', 5, 40],
      ['models', 200, 0],
    ]);
  });

  it('are areas of the layout at any depth, with the rule that holds for them', () => {
    const nested: BackupPlan = {
      ...plan,
      areaRules: [
        { path: 'stock/cache', role: 'cache', rule: 'never', from: 'layout' },
        { path: 'models', role: 'model', rule: 'always', from: 'default' },
      ],
      excluded: [
        {
          path: 'stock/cache',
          reason: 'a rule leaves this folder out',
          kind: 'never',
          files: 2,
          bytes: 7,
          from: 'layout',
        },
        { path: 'stock/other', reason: 'a rule leaves this folder out', kind: 'never', files: 2, bytes: 7 },
      ],
    };
    expect(areaLines(nested, []).map(({ path, left, byLayout }) => [path, left.bytes, byLayout])).toEqual([
      ['logs', 0, undefined],
      ['models', 0, undefined],
      ['stock/cache', 7, 'never'],
    ]);
  });
});
