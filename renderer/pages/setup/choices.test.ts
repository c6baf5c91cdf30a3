import { describe, expect, it } from 'vitest';
import { nameProblem, noChoices, ownerProblem, pathOf, setupCommand, setupInput } from './choices.ts';

describe('what is said for a setup', () => {
  it('names the folder, an existing one or one to come', () => {
    expect(pathOf(noChoices)).toBe('');
    expect(pathOf({ ...noChoices, folder: '/srv' })).toBe('/srv');
    expect(pathOf({ ...noChoices, folder: '/srv/', newFolder: ' data/ ' })).toBe('/srv/data');
    expect(pathOf({ ...noChoices, folder: '/', newFolder: 'data' })).toBe('/data');
    expect(pathOf({ ...noChoices, folder: 'C:\\work', newFolder: 'data' })).toBe('C:\\work\\data');
    expect(nameProblem('../data')).toBeDefined();
    expect(nameProblem('a/b')).toBeUndefined();
  });

  it('asks for no more than was said', () => {
    expect(setupInput({ ...noChoices, folder: '/srv/data' })).toEqual({ path: '/srv/data' });
    expect(
      setupInput(
        { ...noChoices, folder: '/srv/data', layout: 'aura', owner: '1:2', parts: ['readme', 'folders'], code: '/srv' },
        { move: 'all' },
      ),
    ).toEqual({
      path: '/srv/data',
      layout: 'aura',
      owner: '1:2',
      parts: ['folders', 'readme'],
      code: '/srv',
      move: 'all',
    });
    expect(setupInput({ ...noChoices, folder: '/srv/data', layout: 'none' })).toEqual({ path: '/srv/data' });
  });

  it('is the same as a command', () => {
    expect(
      setupCommand({ ...noChoices, folder: '/srv', newFolder: 'my data', layout: 'aura', storeName: 'Aura' }),
    ).toBe("larder setup '/srv/my data' --layout aura --add Aura");
    expect(setupCommand({ ...noChoices, folder: '/srv', register: false, parts: ['folders'] })).toBe(
      'larder setup /srv --part folders',
    );
  });

  it('wants owners in numbers', () => {
    expect(ownerProblem('')).toBeUndefined();
    expect(ownerProblem('1001:1001')).toBeUndefined();
    expect(ownerProblem('me')).toBeDefined();
  });
});
