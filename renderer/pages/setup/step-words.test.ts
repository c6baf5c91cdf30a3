import { describe, expect, it } from 'vitest';
import type { SetupStep } from '../../../shared/contract/index.ts';
import { groupSteps, placeIn } from './step-words.ts';

const step = (part: SetupStep['part'], state: SetupStep['state'], path = '/srv/data'): SetupStep => ({
  part,
  kind: 'make-directory',
  path,
  detail: '',
  state,
});

describe('steps of a setup', () => {
  const steps = [step('folders', 'todo'), step('folders', 'already'), step('readme', 'todo')];

  it('stand by part, all or those of one state', () => {
    expect(groupSteps(steps, 'all').map(({ part, steps: of }) => [part, of.length])).toEqual([
      ['folders', 2],
      ['readme', 1],
    ]);
    expect(groupSteps(steps, 'already').map(({ part }) => part)).toEqual(['folders']);
    expect(groupSteps(steps, 'cannot')).toEqual([]);
  });

  it('name places as seen from the folder', () => {
    expect(placeIn('/srv/data', '/srv/data')).toBe('The folder itself');
    expect(placeIn('/srv/data', '/srv/data/logs')).toBe('logs');
    expect(placeIn('/srv/data', '/srv/.gitignore')).toBe('/srv/.gitignore');
  });
});
